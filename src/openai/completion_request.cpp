#include "openai/completion_request.h"

#include <algorithm>
#include <exception>
#include <utility>

namespace chatbot::openai {
namespace {

constexpr std::size_t kMaxRefusalBytes = 16 * 1024;

// A finished answer's connection may take this long to end, so that it can be reused.
constexpr std::chrono::milliseconds kGrace{250};

// After its finish reason an answer may take this long to tell the usage and to end.
constexpr std::chrono::milliseconds kFinishGrace{1500};

// Reasoning that is shorter than a portion is appended after this time, so that a stop or a crash
// loses no more.
constexpr std::chrono::seconds kLogInterval{2};

Instant::rep countOf(Instant time) { return time.time_since_epoch().count(); }

}  // namespace

CompletionRequest::CompletionRequest(Turn turn, std::uint64_t id, const OpenAiOptions& options,
                                     Environment& environment, const Events& events)
    : turn_(std::move(turn)),
      id_(id),
      options_(options),
      environment_(environment),
      events_(events),
      startedAt_(environment.now()) {}

void CompletionRequest::begin() {
  ++tries_;
  status_ = 0;
  answer_.reset();
  hasBody_ = false;
  isFinished_ = false;
  refusal_.clear();
  end_ = {};
  timedOut_ = false;
  due_ = countOf(environment_.now() + options_.firstByteTimeout);
}

Instant CompletionRequest::dueAt() const noexcept {
  return std::min(Instant(Instant::duration(due_.load())), deadline());
}

bool CompletionRequest::isOutOfTime() const noexcept {
  return timedOut_ && environment_.now() >= deadline();
}

bool CompletionRequest::hasBadStatus() const noexcept { return status_ != 0 && status_ / 100 != 2; }

void CompletionRequest::onHead(long status) {
  status_ = status;
  if (hasBadStatus()) return;
  const std::lock_guard lock(mutex_);
  answer_.emplace(
      Answer::Bounds{.text = options_.maxAnswerBytes, .reasoning = options_.maxReasoningBytes});
}

bool CompletionRequest::onBytes(std::string_view piece) {
  hasBody_ = true;
  if (!answer_) {
    refusal_ += piece.substr(0, kMaxRefusalBytes - refusal_.size());
    return refusal_.size() < kMaxRefusalBytes;
  }
  const std::lock_guard lock(mutex_);
  if (answer_->isDone()) return true;
  const std::string text = answer_->add(piece);
  requestLogs();
  if (!giveText(text)) return false;
  setDueAfterBytes();
  return answer_->fault() == Answer::Fault::none;
}

// Once the answer is finished, further bytes give it no more time.
void CompletionRequest::setDueAfterBytes() {
  if (answer_->isDone()) return setDue(kGrace);
  const bool wasFinished = std::exchange(isFinished_, answer_->isFinished());
  if (!isFinished_) return setDue(options_.idleTimeout);
  if (!wasFinished) setDue(std::min(kFinishGrace, options_.idleTimeout));
}

void CompletionRequest::setDue(std::chrono::milliseconds fromNow) {
  const Instant::rep due = countOf(environment_.now() + fromNow);
  if (due < due_.exchange(due)) events_.onNearer(*this);
}

bool CompletionRequest::giveText(const std::string& text) {
  if (text.empty()) return true;
  if (!isAppending_) return turn_.delta(text);
  heldText_ += text;
  return true;
}

void CompletionRequest::requestLogs() {
  if (isAppending_) return;
  if (answer_->hasOpenLogs() && !logsDue_) {
    logsDue_ = environment_.now() + kLogInterval;
    events_.onLogs(*this, *logsDue_);
  }
  if (!answer_->hasLogs()) return;
  isAppending_ = true;
  events_.onLogs(*this, {});
}

void CompletionRequest::appendLogs() {
  do {
    takeLogs();
    tryToAppendLogs();
  } while (!releaseTurn());
}

// Logs that have only begun are taken when they are due, not because others are complete: they
// would become many short ones.
void CompletionRequest::takeLogs() {
  const std::lock_guard lock(mutex_);
  isAppending_ = true;
  const bool takesAll = logsDue_ && environment_.now() >= *logsDue_;
  if (takesAll) logsDue_.reset();
  if (!answer_) return;
  for (ItemContent& log : takesAll ? answer_->takeLogs() : answer_->takeCompleteLogs()) {
    ending.items.push_back(std::move(log));
  }
}

void CompletionRequest::tryToAppendLogs() noexcept {
  try {
    if (!ending.items.empty() && turn_.append(ending.items)) ending.items.clear();
  } catch (const std::exception&) {
    // They are appended with what follows.
  }
}

// Gives the turn back to the network's thread. False where more logs have come meanwhile: the timer
// thread keeps the turn and appends them, too.
bool CompletionRequest::releaseTurn() {
  const std::lock_guard lock(mutex_);
  const std::string text = std::exchange(heldText_, {});
  if (!text.empty()) turn_.delta(text);
  isAppending_ = answer_ && answer_->hasLogs();
  return !isAppending_;
}

void CompletionRequest::collect() {
  const std::lock_guard lock(mutex_);
  isAppending_ = false;
  giveText(std::exchange(heldText_, {}));
  if (!answer_) return;
  for (ItemContent& log : answer_->takeLastLogs()) ending.items.push_back(std::move(log));
  if (!hasText() || !isOutOfTime()) return;
  ending.items.emplace_back(
      logOf("The answer was cut: it has taken longer than it may", "warning"));
}

void CompletionRequest::finish() {
  if (!ending.items.empty() && !turn_.append(ending.items)) return;
  ending.items.clear();
  if (ending.failure) {
    turn_.fail(*ending.failure);
  } else {
    turn_.complete();
  }
}

void CompletionRequest::onEnd(const TransferEnd& end) noexcept {
  end_ = end;
  bytesSent_ += end.bytesSent;
  bytesReceived_ += end.bytesReceived;
  if (end.whole) finishAnswer();
  events_.onEnd(*this);
}

void CompletionRequest::finishAnswer() noexcept {
  const std::lock_guard lock(mutex_);
  try {
    if (answer_) giveText(answer_->finish());
  } catch (const std::exception&) {
    answer_.reset();
  }
}

std::optional<Failure> CompletionRequest::failure() const {
  using Kind = Failure::Kind;
  if (hasBadStatus()) {
    return Failure{
        .kind = Kind::refused, .error = errorOfBody(refusal_, status_), .headers = end_.headers};
  }
  if (end_.isUnreadable) return Failure{.kind = Kind::garbled};
  if (status_ != 0 && end_.whole && !hasBody_) return Failure{.kind = Kind::empty};
  if (!answer_) return Failure{.kind = timedOut_ ? Kind::silent : Kind::unreachable};
  if (answer_->fault() != Answer::Fault::none) return faultOfAnswer();
  if (answer_->isWhole() || (hasText() && isOutOfTime())) return std::nullopt;
  return Failure{.kind = timedOut_ ? Kind::silent : Kind::cutOff};
}

Failure CompletionRequest::faultOfAnswer() const {
  using Kind = Failure::Kind;
  switch (answer_->fault()) {
    case Answer::Fault::reported:
      return {.kind = Kind::reported, .error = answer_->error()};
    case Answer::Fault::noChoice:
      return {.kind = answer_->error().saysAnything() ? Kind::reported : Kind::noChoice,
              .error = answer_->error()};
    case Answer::Fault::foreign:
      return {.kind = Kind::foreign};
    case Answer::Fault::garbled:
      return {.kind = Kind::garbled};
    default:
      return {.kind = Kind::tooLarge};
  }
}

bool CompletionRequest::isRefused(RequestMember member) const {
  constexpr long kBadRequest = 400;
  constexpr long kUnprocessable = 422;
  return (status_ == kBadRequest || status_ == kUnprocessable) &&
         namesMember(refusal_, nameOf(member));
}

}  // namespace chatbot::openai
