// Reading a request's body: what httplib 0.11 leaves open, closed.
#pragma once

#include <optional>
#include <string>

#include "httplib.h"

namespace host {

// The body as it was sent, but at most somewhat more than the library takes: it is the library
// that refuses one which is too large. Nothing when the body could not be read.
std::optional<std::string> readBody(const httplib::Request& request,
                                    const httplib::ContentReader& read);

// Whether a body comes with the request.
bool announcesBody(const httplib::Request& request);

}  // namespace host
