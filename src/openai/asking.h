// One turn while a model server is asked.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/scheduler.h"
#include "chatbot/openai.h"
#include "openai/answer.h"
#include "openai/network.h"
#include "openai/retry.h"

namespace chatbot::openai {

// The turn is used by one thread at a time: by that of the network from begin() to onEnd(), but for
// keep(), by the responder's before and after.
class Asking final : public TransferListener, public std::enable_shared_from_this<Asking> {
 public:
  // What the responder wants to know, on the network's thread.
  struct Events {
    std::function<void(Asking&)> onNearer;             // dueAt() is earlier than it was
    std::function<void(Asking&, Instant due)> onLogs;  // keep() is to be called at this time
    std::function<void(Asking&)> onEnd;
  };

  // How the round ends.
  struct Ending {
    std::vector<ItemContent> items;      // that are still to be appended
    std::optional<std::string> failure;  // in safe words
  };

  Asking(Turn turn, std::uint64_t id, const OpenAiOptions& options, Environment& environment,
         const Events& events);

  Turn& turn() noexcept { return turn_; }
  const Turn& turn() const noexcept { return turn_; }
  std::uint64_t id() const noexcept { return id_; }
  Instant startedAt() const noexcept { return startedAt_; }
  int tries() const noexcept { return tries_; }

  // Before the request is sent, each time.
  void begin();

  // When the silence is too long; any thread. Afterwards the transfer counts as timed out.
  Instant dueAt() const noexcept;
  void timeOut() noexcept { timedOut_ = true; }

  // Appends what the model has said beside its answer so far. The responder's thread; meanwhile the
  // network's puts text aside, which is given to the turn afterwards: it does not wait for the
  // store. What cannot be appended now is appended with what follows.
  void keep();

  // After the end: gives the turn all text, and makes ending.items what is still to be appended.
  void collect();

  // Appends the items and ends the round. Throws what the turn throws, and may be called again
  // then.
  void finish();

  // After the end: what has failed, or nothing.
  std::optional<Failure> failure() const;
  const Answer* answer() const noexcept { return answer_ ? &*answer_ : nullptr; }
  bool hasText() const noexcept { return answer_ && answer_->hasText(); }
  const TransferEnd& end() const noexcept { return end_; }
  std::string serverWords() const;

  std::int64_t bytesSent() const noexcept { return bytesSent_; }
  std::int64_t bytesReceived() const noexcept { return bytesReceived_; }

  bool wanted() const noexcept override { return !turn_.cancelled(); }
  void onHead(long status, std::string_view contentType) override;
  bool onBytes(std::string_view piece) override;
  void onEnd(const TransferEnd& end) noexcept override;

  // The responder's own.
  std::string body;                           // of the request
  bool isSent = false;                        // and not ended yet
  std::optional<base::Scheduler::Key> timer;  // of the silence, or of the next try
  Ending ending;

 private:
  bool isRefused() const noexcept;
  bool say(const std::string& text);
  void callForLogs();
  void takeLogs();
  void appendLogs() noexcept;
  bool release();
  void setDue(std::chrono::milliseconds fromNow);
  void finishAnswer() noexcept;

  Turn turn_;
  const std::uint64_t id_;
  const OpenAiOptions& options_;
  Environment& environment_;
  const Events& events_;
  const Instant startedAt_;
  int tries_ = 0;
  std::int64_t bytesSent_ = 0;
  std::int64_t bytesReceived_ = 0;

  std::mutex mutex_;        // of the answer while the transfer runs, and of the next three
  bool isKeeping_ = false;  // the turn is the responder's for a moment
  bool keepIsSet_ = false;  // keep() will be called for what is open
  std::string putAside_;    // text that came meanwhile

  // Of this try.
  long status_ = 0;
  std::optional<Answer> answer_;
  bool isForeign_ = false;  // the answer is in no form that is understood
  bool hasBody_ = false;
  std::string refusal_;  // the start of a body that is no answer
  TransferEnd end_;
  std::atomic<Instant::rep> due_ = 0;
  std::atomic<bool> timedOut_ = false;
};

}  // namespace chatbot::openai
