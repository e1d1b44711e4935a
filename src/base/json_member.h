// Reading the members of a JSON object.
#pragma once

#include <string_view>

#include "base/json_input.h"

namespace chatbot::base {

// The member `name` of an object, or null where it has none.
inline const Json& memberOf(const Json& object, std::string_view name) {
  static const Json kNull;
  const auto found = object.find(name);
  return found == object.end() ? kNull : *found;
}

}  // namespace chatbot::base
