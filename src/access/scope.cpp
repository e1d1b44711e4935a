#include <utility>

#include "chatbot/access.h"

namespace chatbot {
namespace {

// What a level comes to for this caller. A caller without a user reaches nothing.
Level effective(Level level, const Identity& identity) noexcept {
  if (identity.userId.empty()) return Level::none;
  if (level == Level::group && identity.mandateId.empty()) return Level::my;
  return level;
}

}  // namespace

Scope::Scope(Level level, const Identity& identity)
    : level_(effective(level, identity)),
      userId_(identity.userId),
      mandateId_(identity.mandateId) {}

Scope Scope::system() {
  Scope everything(Level::none, Identity{});
  everything.level_ = Level::all;
  return everything;
}

Scope Scope::ofMandate(std::string mandateId) {
  Scope tenant(Level::none, Identity{});
  tenant.level_ = Level::group;
  tenant.mandateId_ = std::move(mandateId);
  return tenant;
}

bool Scope::allows(std::string_view mandateId, std::string_view createdBy) const noexcept {
  switch (level_) {
    case Level::none:
      return false;
    case Level::my:
      return mandateId == mandateId_ && createdBy == userId_;
    case Level::group:
      return mandateId == mandateId_;
    case Level::all:
      return true;
  }
  return false;
}

SqlCondition Scope::condition() const {
  switch (level_) {
    case Level::none:
      break;
    case Level::my:
      return {"(mandateId = ? AND createdBy = ?)", {mandateId_, userId_}};
    case Level::group:
      return {"mandateId = ?", {mandateId_}};
    case Level::all:
      return {"1", {}};
  }
  return {"0", {}};
}

}  // namespace chatbot
