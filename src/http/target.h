// The request target (RFC 9112, section 3.2.1): path segments and query parameters, decoded.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace chatbot::http {

struct Target {
  std::vector<std::string>
      segments;  // of the path: "/a/b" has two; "/a/" has two, the second empty
  std::vector<std::pair<std::string, std::string>> query;

  // The first parameter of that name that is not empty.
  std::optional<std::string> parameter(std::string_view name) const;

  // Whether there is one of that name, empty or not.
  bool has(std::string_view name) const;
};

// Percent-escapes that are none stay as they are. In the query, `+` is a space.
Target parseTarget(std::string_view target);

}  // namespace chatbot::http
