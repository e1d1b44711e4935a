#include <utility>

#include "access/reach.h"
#include "chatbot/access.h"

namespace chatbot {

Scope::Scope(Level level, const Identity& identity)
    : level_(access::levelFor(identity, level)),
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
  return access::reaches(level_, {mandateId_, userId_}, {mandateId, createdBy});
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
      return {"TRUE", {}};
  }
  return {"FALSE", {}};
}

}  // namespace chatbot
