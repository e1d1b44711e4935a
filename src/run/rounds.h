// The rounds that run in this engine.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chatbot/log.h"
#include "chatbot/run.h"
#include "chatbot/stream.h"
#include "model/text_hash.h"
#include "stream/scheduler.h"

namespace chatbot {

struct RoundOptions {
  std::size_t maxRounds = 10'000;                // running at once
  std::chrono::milliseconds draftInterval{250};  // how long text that is written may be unsaved
};

struct ScopedRound {
  Scope scope;
  RoundKey key;
};

// Any thread.
class Rounds : public std::enable_shared_from_this<Rounds> {
 public:
  Rounds(std::shared_ptr<Store> store, std::shared_ptr<StreamHub> streams,
         std::shared_ptr<Environment> environment, LogFunction log, RoundOptions options);
  ~Rounds();
  Rounds(const Rounds&) = delete;
  Rounds& operator=(const Rounds&) = delete;

  // A place among the running rounds, taken before a round begins so that a refusal changes
  // nothing.
  using Slot = std::shared_ptr<void>;

  // Throws Error (unavailable, with a retry time) when the limit is reached or after close().
  Slot reserve();

  // Gives a round that has begun to the responder. `scope` is that of its workflow's mandate.
  void run(Slot slot, Scope scope, TurnInput input, Responder& responder);

  // Tells the responder that the round, or an earlier one of its workflow, is over.
  void cancel(const RoundKey& round) noexcept;

  // Ends the rounds that engines on the database have left running that are gone.
  void recover();

  bool anyRunning() const;

  // Ends all rounds as interrupted and refuses new ones.
  void close() noexcept;

  Store& store() noexcept { return *store_; }
  Environment& environment() noexcept { return *environment_; }
  std::shared_ptr<Feed> feed(std::string_view workflowId) { return streams_->feed(workflowId); }

  // Stores the round's draft within the interval.
  void saveSoon(const std::shared_ptr<Round>& round);

  // Ends a round as failed, again and again until the store takes it: nobody is left to tell.
  // `feed`, which may be null, is held until then, with the draft that the end keeps.
  void endLater(const ScopedRound& round, const std::string& safeText,
                const std::shared_ptr<Feed>& feed) noexcept;

  void remove(const Round& round) noexcept;

 private:
  void add(const std::shared_ptr<Round>& round);
  bool isOver(const Round& round) noexcept;
  Scheduler& timer();
  void saveDrafts() noexcept;
  void saveAgain(const std::vector<std::weak_ptr<Round>>& unsaved) noexcept;
  bool tryToEnd(const ScopedRound& round, const std::string& safeText) noexcept;
  void say(LogLevel level, std::string_view message, const RoundKey& round) const;

  std::shared_ptr<Store> store_;
  std::shared_ptr<StreamHub> streams_;
  std::shared_ptr<Environment> environment_;
  LogFunction log_;
  const RoundOptions options_;

  mutable std::mutex mutex_;
  TextMap<std::weak_ptr<Round>> running_;  // by workflow
  std::size_t slots_ = 0;
  bool closed_ = false;
  std::vector<std::weak_ptr<Round>> unsaved_;  // whose drafts are to be saved
  std::unique_ptr<Scheduler> timer_;           // made when first needed
};

// The item that tells clients why a round has failed.
Log failureLog(std::string_view safeText);

}  // namespace chatbot
