#include "engine/shared_rules.h"

#include <array>
#include <exception>
#include <utility>

namespace chatbot {

SharedRules::SharedRules(std::shared_ptr<Store> store, std::optional<RuleSet> given,
                         LogFunction log)
    : store_(std::move(store)), log_(std::move(log)) {
  putInForce(RuleSet::standard(), 0);
  const std::optional<StoredRules> stored = store_->rulesAfter(0);
  if (stored && (!given || given->toJson() == stored->json)) {
    putInForce(RuleSet::fromJson(stored->json), stored->version);
  } else if (given) {
    replace(*std::move(given));
  }
}

std::shared_ptr<const RuleSet> SharedRules::get() const {
  const std::lock_guard lock(mutex_);
  return rules_;
}

std::int64_t SharedRules::version() const {
  const std::lock_guard lock(mutex_);
  return version_;
}

void SharedRules::replace(RuleSet rules) {
  const std::int64_t version = store_->saveRules(rules.toJson());
  putInForce(std::move(rules), version);
}

bool SharedRules::refresh() noexcept {
  try {
    const std::optional<StoredRules> stored = store_->rulesAfter(version());
    if (stored) return putInForce(RuleSet::fromJson(stored->json), stored->version);
  } catch (const std::exception& fault) {
    report(fault.what());
  }
  return false;
}

// Two that save at the same time may come here in the other order.
bool SharedRules::putInForce(RuleSet rules, std::int64_t version) {
  auto next = std::make_shared<const RuleSet>(std::move(rules));
  const std::lock_guard lock(mutex_);
  if (rules_ != nullptr && version <= version_) return false;
  rules_.swap(next);
  version_ = version;
  isReported_ = false;
  return true;
}

// Once, however often it is looked at again.
void SharedRules::report(const char* fault) noexcept {
  const std::lock_guard lock(mutex_);
  if (!log_ || std::exchange(isReported_, true)) return;
  const std::array fields = {LogField{"fault", fault}};
  log_(LogLevel::error, "the access rules of the database could not be read", fields);
}

}  // namespace chatbot
