// What may name a user, a tenant, a role or a table.
#pragma once

#include <string_view>

#include "base/text.h"

namespace chatbot::access {

// Why `text` is no such name, as in "must be UTF-8"; empty where it is one. Whether it may be empty
// is the caller's to say.
inline std::string_view faultOfAccessName(std::string_view text) noexcept {
  if (text.size() > 255) return "must be at most 255 bytes";
  if (!base::isUtf8(text)) return "must be UTF-8";
  if (base::hasControl(text)) return "must not have control characters";
  return {};
}

}  // namespace chatbot::access
