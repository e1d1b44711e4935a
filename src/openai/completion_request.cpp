#include "openai/completion_request.h"

#include <exception>
#include <utility>

#include "openai/documents.h"

namespace chatbot::openai {
namespace {

constexpr std::size_t kMaxRefusalBytes = 16 * 1024;

// A finished answer's connection may take this long to end, so that it can be reused.
constexpr std::chrono::milliseconds kGrace{250};

// Reasoning that is shorter than a portion is appended after this time, so that a stop or a crash
// loses no more.
constexpr std::chrono::seconds kLogInterval{2};

// A server that names no content type is taken to stream.
std::optional<Answer::Form> formOf(std::string_view contentType) {
  const std::string essence = essenceOf(contentType);
  if (essence.empty() || essence == "text/event-stream") return Answer::Form::events;
  if (essence == "application/json") return Answer::Form::document;
  return std::nullopt;
}

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
  isForeign_ = false;
  hasBody_ = false;
  refusal_.clear();
  end_ = {};
  timedOut_ = false;
  due_ = countOf(environment_.now() + options_.firstByteTimeout);
}

Instant CompletionRequest::dueAt() const noexcept {
  return Instant(Instant::duration(due_.load()));
}

bool CompletionRequest::isRefused() const noexcept { return status_ != 0 && status_ / 100 != 2; }

void CompletionRequest::onHead(long status, std::string_view contentType) {
  status_ = status;
  if (isRefused()) return;
  const std::lock_guard lock(mutex_);
  const std::optional<Answer::Form> form = formOf(contentType);
  isForeign_ = !form;
  if (!form) return;
  answer_.emplace(*form, Answer::Bounds{.text = options_.maxAnswerBytes,
                                        .reasoning = options_.maxReasoningBytes});
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
  setDue(answer_->isDone() ? kGrace : options_.idleTimeout);
  return answer_->fault() == Answer::Fault::none;
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
  if (answer_->hasLogs()) {
    isAppending_ = true;
    events_.onLogs(*this, {});
  } else if (answer_->hasOpenLogs() && !isLogsDue_) {
    isLogsDue_ = true;
    events_.onLogs(*this, environment_.now() + kLogInterval);
  }
}

void CompletionRequest::appendLogs() {
  do {
    takeLogs();
    tryToAppend();
  } while (!releaseTurn());
}

void CompletionRequest::takeLogs() {
  const std::lock_guard lock(mutex_);
  isAppending_ = true;
  isLogsDue_ = false;
  if (!answer_) return;
  for (ItemContent& log : answer_->takeLogs()) ending.items.push_back(std::move(log));
}

void CompletionRequest::tryToAppend() noexcept {
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
  if (isRefused()) {
    return Failure{.kind = Kind::refused, .status = status_, .retryAfter = end_.retryAfter};
  }
  if (status_ != 0 && end_.whole && !hasBody_) return Failure{.kind = Kind::empty};
  if (isForeign_) return Failure{.kind = Kind::foreign};
  if (!answer_) return Failure{.kind = timedOut_ ? Kind::silent : Kind::unreachable};
  switch (answer_->fault()) {
    case Answer::Fault::reported:
      return Failure{.kind = Kind::reported, .status = answer_->errorStatus()};
    case Answer::Fault::garbled:
      return Failure{.kind = Kind::garbled};
    case Answer::Fault::tooLarge:
      return Failure{.kind = Kind::tooLarge};
    default:
      break;
  }
  if (answer_->isWhole()) return std::nullopt;
  return Failure{.kind = timedOut_ ? Kind::silent : Kind::cutOff};
}

std::string CompletionRequest::serverWords() const {
  return answer_ ? answer_->serverWords() : errorWords(refusal_);
}

}  // namespace chatbot::openai
