// The rounds that run in this engine, by workflow.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/text_hash.h"
#include "run/round.h"

namespace chatbot::run {

// Holds the rounds, not their turns. Any thread. Its mutex is held for bookkeeping only: rounds are
// cancelled and let go of without it.
class RoundRegistry {
 public:
  // A start that is under way, on the stack of its thread: from before its round begins in the
  // store until the round is added. A cancel that comes between the two finds no round; it is noted
  // here, so that only then the store has to be asked whether the round goes on.
  class Start {
   public:
    explicit Start(RoundRegistry& registry);
    ~Start();
    Start(const Start&) = delete;
    Start& operator=(const Start&) = delete;

   private:
    friend class RoundRegistry;
    RoundRegistry& registry_;
    // Both guarded by the registry's mutex.
    std::vector<std::string> missed_;  // workflows
    bool missedUnnamed_ = false;       // there was no memory for a name
  };

  // Whether a cancel of its workflow was missed since `start`. A round that is registered for the
  // workflow already is cancelled where it is older, and stays where it is newer: two starts may
  // come here in the other order than their rounds began in.
  bool add(const std::shared_ptr<Round>& round, const Start& start);

  void remove(const Round& round) noexcept;

  // Tells the responder that this round, or an earlier one of its workflow, is over.
  void cancel(const RoundKey& key) noexcept;

  // Null where there is none.
  std::shared_ptr<Round> find(std::string_view workflowId) const;

  // The same for a caller that has heard of the round's end: where there is none, a start that is
  // under way will ask the store.
  std::shared_ptr<Round> findEnded(std::string_view workflowId);

  bool isAnswered(const RoundKey& key) const;

  std::vector<std::string> workflows() const;
  bool isEmpty() const;

  // Empties it.
  std::vector<std::shared_ptr<Round>> takeAll();

 private:
  static bool hasMissed(const Start& start, std::string_view workflowId) noexcept;
  void noteMissed(std::string_view workflowId) noexcept;
  std::shared_ptr<Round> takeUpTo(const RoundKey& key) noexcept;

  mutable std::mutex mutex_;
  base::TextMap<std::shared_ptr<Round>> rounds_;  // by workflow; guarded by mutex_
  std::vector<Start*> starts_;                    // guarded by mutex_
};

}  // namespace chatbot::run
