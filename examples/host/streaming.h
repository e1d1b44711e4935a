// Server-sent events, from the library to the client.
#pragma once

#include <string>

#include "handles.h"
#include "httplib.h"

namespace host {

// Makes `response` send `stream` until it ends, or the client has gone; then the stream is freed.
void sendStream(EventStream stream, const std::string& contentType, httplib::Response& response);

}  // namespace host
