#include "openai/asking.h"

#include <exception>
#include <utility>

#include "openai/documents.h"

namespace chatbot::openai {
namespace {

constexpr std::size_t kMaxRefusalBytes = 16 * 1024;

// How long the connection of an answer that is done may take to end, so that it can be used again.
constexpr std::chrono::milliseconds kGrace{250};

// How long a model may think before what it has thought is kept, though it is no whole portion yet.
constexpr std::chrono::seconds kKeepInterval{2};

// Servers that do not say stream.
std::optional<Answer::Form> formOf(std::string_view contentType) {
  const std::string essence = essenceOf(contentType);
  if (essence.empty() || essence == "text/event-stream") return Answer::Form::events;
  if (essence == "application/json") return Answer::Form::document;
  return std::nullopt;
}

Instant::rep countOf(Instant time) { return time.time_since_epoch().count(); }

}  // namespace

Asking::Asking(Turn turn, std::uint64_t id, const OpenAiOptions& options, Environment& environment,
               const Events& events)
    : turn_(std::move(turn)),
      id_(id),
      options_(options),
      environment_(environment),
      events_(events),
      startedAt_(environment.now()) {}

void Asking::begin() {
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

Instant Asking::dueAt() const noexcept { return Instant(Instant::duration(due_.load())); }

bool Asking::isRefused() const noexcept { return status_ != 0 && status_ / 100 != 2; }

void Asking::onHead(long status, std::string_view contentType) {
  status_ = status;
  if (isRefused()) return;
  const std::lock_guard lock(mutex_);
  const std::optional<Answer::Form> form = formOf(contentType);
  isForeign_ = !form;
  if (!form) return;
  answer_.emplace(*form, Answer::Bounds{.text = options_.maxAnswerBytes,
                                        .reasoning = options_.maxReasoningBytes});
}

bool Asking::onBytes(std::string_view piece) {
  hasBody_ = true;
  if (!answer_) {
    refusal_ += piece.substr(0, kMaxRefusalBytes - refusal_.size());
    return refusal_.size() < kMaxRefusalBytes;
  }
  const std::lock_guard lock(mutex_);
  if (answer_->isDone()) return true;
  const std::string text = answer_->add(piece);
  callForLogs();
  if (!say(text)) return false;
  setDue(answer_->isDone() ? kGrace : options_.idleTimeout);
  return answer_->fault() == Answer::Fault::none;
}

void Asking::setDue(std::chrono::milliseconds fromNow) {
  const Instant::rep due = countOf(environment_.now() + fromNow);
  if (due < due_.exchange(due)) events_.onNearer(*this);
}

bool Asking::say(const std::string& text) {
  if (text.empty()) return true;
  if (!isKeeping_) return turn_.delta(text);
  putAside_ += text;
  return true;
}

void Asking::callForLogs() {
  if (isKeeping_) return;
  if (answer_->hasLogs()) {
    isKeeping_ = true;
    events_.onLogs(*this, {});
  } else if (answer_->hasOpenLogs() && !keepIsSet_) {
    keepIsSet_ = true;
    events_.onLogs(*this, environment_.now() + kKeepInterval);
  }
}

void Asking::keep() {
  do {
    takeLogs();
    appendLogs();
  } while (!release());
}

void Asking::takeLogs() {
  const std::lock_guard lock(mutex_);
  isKeeping_ = true;
  keepIsSet_ = false;
  if (!answer_) return;
  for (ItemContent& log : answer_->takeLogs()) ending.items.push_back(std::move(log));
}

void Asking::appendLogs() noexcept {
  try {
    if (!ending.items.empty() && turn_.append(ending.items)) ending.items.clear();
  } catch (const std::exception&) {
    // They are appended with what follows.
  }
}

// False where there are further logs by now.
bool Asking::release() {
  const std::lock_guard lock(mutex_);
  const std::string text = std::exchange(putAside_, {});
  if (!text.empty()) turn_.delta(text);
  isKeeping_ = answer_ && answer_->hasLogs();
  return !isKeeping_;
}

void Asking::collect() {
  const std::lock_guard lock(mutex_);
  isKeeping_ = false;
  say(std::exchange(putAside_, {}));
  if (!answer_) return;
  for (ItemContent& log : answer_->takeLastLogs()) ending.items.push_back(std::move(log));
}

void Asking::finish() {
  if (!ending.items.empty() && !turn_.append(ending.items)) return;
  ending.items.clear();
  if (ending.failure) {
    turn_.fail(*ending.failure);
  } else {
    turn_.complete();
  }
}

void Asking::onEnd(const TransferEnd& end) noexcept {
  end_ = end;
  bytesSent_ += end.bytesSent;
  bytesReceived_ += end.bytesReceived;
  if (end.whole) finishAnswer();
  events_.onEnd(*this);
}

void Asking::finishAnswer() noexcept {
  const std::lock_guard lock(mutex_);
  try {
    if (answer_) say(answer_->finish());
  } catch (const std::exception&) {
    answer_.reset();
  }
}

std::optional<Failure> Asking::failure() const {
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

std::string Asking::serverWords() const {
  return answer_ ? answer_->serverWords() : errorWords(refusal_);
}

}  // namespace chatbot::openai
