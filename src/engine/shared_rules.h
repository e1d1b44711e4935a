// The access rules in force, which all engines on a database share.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

#include "chatbot/access.h"
#include "chatbot/log.h"
#include "chatbot/store.h"
#include "store/engine_store.h"

namespace chatbot::engine {

// Any thread. Shared with the streams that were opened under the rules.
class SharedRules {
 public:
  // `given` become the database's rules where it has others. Without them, what the database has is
  // in force, or else RuleSet::standard(). Throws Error (invalidArgument) for rules in the database
  // that cannot be read.
  SharedRules(std::shared_ptr<store::EngineStore> store, std::optional<RuleSet> given,
              LogFunction log);

  RuleSet get() const;

  // Saves rules and puts them in force. What it throws has changed nothing.
  void replace(RuleSet rules);

  // Puts in force what another engine has saved; whether there was anything. Rules that cannot be
  // read are reported to the log, and those in force stay.
  bool refresh() noexcept;

 private:
  static RuleSet read(const std::string& json);
  void putInForce(RuleSet rules, std::int64_t version);
  std::int64_t version() const;
  bool isFirstReport() noexcept;
  void report(const char* fault) noexcept;

  const std::shared_ptr<store::EngineStore> store_;
  const LogFunction log_;
  std::mutex databaseMutex_;  // held while the database is read or written; before mutex_

  mutable std::mutex mutex_;  // guards all that follows
  RuleSet rules_;
  std::int64_t version_ = 0;  // in the database, which may go back when it is restored; 0: none
  bool isReported_ = false;   // that the database's cannot be read
};

}  // namespace chatbot::engine
