// What a level comes to for a caller, and which rows it then reaches.
#pragma once

#include <string_view>

#include "chatbot/access.h"

namespace chatbot::access {

// Without a mandate there is no group, and without a user nothing to own.
inline Level levelFor(const Identity& caller, Level level) noexcept {
  if (caller.userId.empty()) return Level::none;
  if (level == Level::group && caller.mandateId.empty()) return Level::my;
  return level;
}

// Whose row: of the mandate, and made by the user.
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
