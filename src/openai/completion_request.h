// One turn while a model server is asked: the request, its tries, the answer, and what the turn is
// given of it.
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
#include "openai/prompt.h"
#include "openai/retry.h"

namespace chatbot::openai {

// Threads: the network's thread calls onHead(), onBytes() and onEnd(); the responder's timer thread
// calls everything else. The turn belongs to the network's thread from begin() to onEnd(), but for
// appendLogs(), during which the network's thread holds text back: it never waits for the store.
class CompletionRequest final : public TransferListener,
                                public std::enable_shared_from_this<CompletionRequest> {
 public:
  // Tells the responder, on the network's thread.
  struct Events {
    std::function<void(CompletionRequest&)> onNearer;  // dueAt() is earlier than it was
    // appendLogs() is to be called at this time.
    std::function<void(CompletionRequest&, Instant due)> onLogs;
    std::function<void(CompletionRequest&)> onEnd;
  };

  // How the round ends.
  struct Ending {
    std::vector<ItemContent> items;      // not appended yet
    std::optional<std::string> failure;  // in safe words
  };

  CompletionRequest(Turn turn, std::uint64_t id, const OpenAiOptions& options,
                    Environment& environment, const Events& events);

  Turn& turn() noexcept { return turn_; }
  const Turn& turn() const noexcept { return turn_; }
  std::uint64_t id() const noexcept { return id_; }
  Instant startedAt() const noexcept { return startedAt_; }
  int tries() const noexcept { return tries_; }

  // Resets what belongs to one try. To be called before the request is sent, each time.
  void begin();

  // When the server's silence, or the whole answer, takes too long. Any thread.
  Instant dueAt() const noexcept;

  // When the time for the answer is over, that of all tries.
  Instant deadline() const noexcept { return startedAt_ + options_.answerTimeout; }

  // From now on the transfer's end counts as silence. Any thread.
  void timeOut() noexcept { timedOut_ = true; }

  // Appends the side output so far to the workflow. What the store does not take now is appended
  // with what follows.
  void appendLogs();

  // After the end: gives the turn all text that was held back, and completes ending.items.
  void collect();

  // Appends the items and ends the round. Throws what the turn throws, and may be called again
  // then.
  void finish();

  // After the end: what has failed, or nothing.
  std::optional<Failure> failure() const;
  // After the end: whether the server does not take this member of the request.
  bool isRefused(RequestMember member) const;
  const Answer* answer() const noexcept { return answer_ ? &*answer_ : nullptr; }
  bool hasText() const noexcept { return answer_ && answer_->hasText(); }
  // Whether the model has begun to answer: another try would be paid for twice.
  bool hasBegun() const noexcept { return answer_ && answer_->hasBegun(); }
  const TransferEnd& end() const noexcept { return end_; }

  std::int64_t bytesSent() const noexcept { return bytesSent_; }
  std::int64_t bytesReceived() const noexcept { return bytesReceived_; }

  bool wanted() const noexcept override { return !turn_.cancelled(); }
  void onHead(long status) override;
  bool onBytes(std::string_view piece) override;
  void onEnd(const TransferEnd& end) noexcept override;

  // The responder's own, used on its timer thread only.
  std::string body;                        // of the request, begun
  RequestMembers leftOut;                  // of the body that was sent
  bool isSent = false;                     // and not ended yet
  std::optional<base::Timers::Key> timer;  // of the silence, or of the next try
  Ending ending;

 private:
  bool hasBadStatus() const noexcept;
  bool giveText(const std::string& text);
  void requestLogs();
  void takeLogs();
  void tryToAppendLogs() noexcept;
  bool releaseTurn();
  void setDue(std::chrono::milliseconds fromNow);
  void setDueAfterBytes();
  Failure faultOfAnswer() const;
  bool isOutOfTime() const noexcept;
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

  // Guards answer_ while the transfer runs, and the next three.
  std::mutex mutex_;
  bool isAppending_ = false;        // the timer thread has the turn
  std::optional<Instant> logsDue_;  // when appendLogs() will be called for what has begun
  std::string heldText_;            // arrived while the timer thread had the turn

  // The state of this try; begin() resets it.
  long status_ = 0;
  std::optional<Answer> answer_;
  bool hasBody_ = false;
  bool isFinished_ = false;  // the server has said that the answer has ended
  std::string refusal_;      // the start of a body that is no answer
  TransferEnd end_;
  std::atomic<Instant::rep> due_ = 0;
  std::atomic<bool> timedOut_ = false;
};

}  // namespace chatbot::openai
