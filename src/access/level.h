// Names and levels of access: what they may be, and which rows a level reaches.
#pragma once

#include <string_view>

#include "base/text.h"
#include "chatbot/access.h"

namespace chatbot::access {

// The fault of a name of a user, a tenant, a role or a table, as in "must be UTF-8"; empty where
// the name fits. The caller decides whether a name may be empty.
inline std::string_view faultOfAccessName(std::string_view text) noexcept {
  if (text.size() > 255) return "must be at most 255 bytes";
  if (!base::isUtf8(text)) return "must be UTF-8";
  if (base::hasControl(text)) return "must not have control characters";
  return {};
}

// Without a mandate there is no group, and without a user nothing to own.
inline Level levelFor(const Identity& caller, Level level) noexcept {
  if (caller.userId.empty()) return Level::none;
  if (level == Level::group && caller.mandateId.empty()) return Level::my;
  return level;
}

// The owner of a row: its mandate, and the user who made it.
struct Owner {
  std::string_view mandateId;
  std::string_view userId;
};

// Whether a caller of that level, as levelFor gives it, reaches the row.
inline bool reaches(Level level, const Owner& caller, const Owner& row) noexcept {
  switch (level) {
    case Level::none:
      return false;
    case Level::my:
      return row.mandateId == caller.mandateId && row.userId == caller.userId;
    case Level::group:
      return row.mandateId == caller.mandateId;
    case Level::all:
      return true;
  }
  return false;
}

}  // namespace chatbot::access
