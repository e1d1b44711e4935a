// Rule documents: what is accepted is written as a document that makes the same rules.
#include "chatbot/access.h"
#include "fuzz.h"

namespace {

using namespace chatbot;
using chatbot::fuzz::require;

// Each rule is the one that decides for its role on its table, where it says something.
void checkDecisions(const RuleSet& set) {
  for (std::size_t i = 0; i < set.rules().size(); ++i) {
    const Rule& rule = set.rules()[i];
    if (!rule.read) continue;
    const Identity caller{"u", "m", {rule.role}};
    const Decision decision = set.decide(caller, rule.table, Operation::read);
    require(decision.rule == i && decision.level == *rule.read, "another rule decides");
    const bool isAllowed = set.allows(caller, rule.table, Operation::read, "m", "other");
    require(isAllowed == (*rule.read >= Level::group), "the check says something else");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::isAccepted([&] {
    const RuleSet set = RuleSet::fromJson(fuzz::textOf(data, size));
    checkDecisions(set);
    const bool isReadAgain = fuzz::isAccepted([&] {
      require(RuleSet::fromJson(set.toJson()).rules() == set.rules(),
              "other rules when read again");
    });
    require(isReadAgain, "refused when read again");
  });
  return 0;
}
