#include "engine/shared_rules.h"

#include <exception>
#include <string>
#include <utility>

#include "base/message.h"
#include "chatbot/error.h"

namespace chatbot::engine {

SharedRules::SharedRules(std::shared_ptr<store::EngineStore> store, std::optional<RuleSet> given,
                         LogFunction log)
    : store_(std::move(store)), log_(std::move(log)), rules_(RuleSet::standard()) {
  const std::optional<store::StoredRules> stored = store_->rulesOtherThan(0);
  if (stored && (!given || given->toJson() == stored->json)) {
    putInForce(read(stored->json), stored->version);
  } else if (given) {
    replace(*std::move(given));
  }
}

RuleSet SharedRules::get() const {
  const std::lock_guard lock(mutex_);
  return rules_;
}

std::int64_t SharedRules::version() const {
  const std::lock_guard lock(mutex_);
  return version_;
}

// Saving and reading go one after the other, so that what is in force follows the database.
void SharedRules::replace(RuleSet rules) {
  const std::lock_guard lock(databaseMutex_);
  const std::int64_t version = store_->saveRules(rules.toJson());
  putInForce(std::move(rules), version);
}

bool SharedRules::refresh() noexcept {
  try {
    const std::lock_guard lock(databaseMutex_);
    const std::optional<store::StoredRules> stored = store_->rulesOtherThan(version());
    if (!stored) return false;
    putInForce(read(stored->json), stored->version);
    return true;
  } catch (const std::exception& fault) {
    report(fault.what());
    return false;
  }
}

// There are none in a copy from before the first were saved.
RuleSet SharedRules::read(const std::string& json) {
  if (json.empty()) return RuleSet::standard();
  try {
    return RuleSet::fromJson(json);
  } catch (const Error& fault) {
    throw Error(fault.code(),
                "the database's access rules (the option accessRules replaces them): " +
                    std::string(fault.what()));
  }
}

void SharedRules::putInForce(RuleSet rules, std::int64_t version) {
  RuleSet replaced = std::move(rules);  // destroyed without the lock
  const std::lock_guard lock(mutex_);
  std::swap(rules_, replaced);
  version_ = version;
  isReported_ = false;
}

bool SharedRules::isFirstReport() noexcept {
  const std::lock_guard lock(mutex_);
  return !std::exchange(isReported_, true);
}

// Once, however often it is looked at again. Without the lock: the log is the host's.
void SharedRules::report(const char* fault) noexcept {
  if (!isFirstReport()) return;
  base::logLine(log_, LogLevel::error, "the access rules of the database could not be read",
                {{"fault", fault}});
}

}  // namespace chatbot::engine
