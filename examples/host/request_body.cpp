#include "request_body.h"

#include <algorithm>

namespace host {

namespace {

constexpr std::size_t kMaxKept = 2 * 1024 * 1024;

}  // namespace

bool announcesBody(const httplib::Request& request) {
  if (request.has_header("Transfer-Encoding")) return true;
  return request.has_header("Content-Length") && request.get_header_value("Content-Length") != "0";
}

std::optional<std::string> readBody(const httplib::Request& request,
                                    const httplib::ContentReader& read) {
  std::string body;
  // httplib would read until the client closes, where HTTP says that there is no body.
  if (!announcesBody(request)) return body;

  const auto keep = [&body](const char* data, std::size_t size) {
    body.append(data, std::min(size, kMaxKept - body.size()));
    return true;
  };
  const bool done = request.is_multipart_form_data()
                        ? read([](const httplib::MultipartFormData&) { return true; }, keep)
                        : read(keep);
  if (!done) return std::nullopt;
  return body;
}

}  // namespace host
