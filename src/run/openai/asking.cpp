#include "run/openai/asking.h"

#include <exception>
#include <utility>

namespace chatbot {
namespace {

constexpr std::size_t kMaxRefusalBytes = 16 * 1024;

// How long the connection of an answer that is done may take to end, so that it can be used again.
constexpr std::chrono::milliseconds kGrace{250};

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
  const Answer::Form form =
      contentType.starts_with("application/json") ? Answer::Form::document : Answer::Form::events;
  answer_.emplace(form, Answer::Bounds{.text = options_.maxAnswerBytes,
                                       .reasoning = options_.maxReasoningBytes});
}

bool Asking::onBytes(std::string_view piece) {
  if (!answer_) {
    refusal_ += piece.substr(0, kMaxRefusalBytes - refusal_.size());
    return refusal_.size() < kMaxRefusalBytes;
  }
  if (answer_->isDone()) return true;
  if (!say(answer_->add(piece))) return false;
  setDue(answer_->isDone() ? kGrace : options_.idleTimeout);
  return answer_->fault() == Answer::Fault::none;
}

void Asking::setDue(std::chrono::milliseconds fromNow) {
  const Instant::rep due = countOf(environment_.now() + fromNow);
  if (due < due_.exchange(due)) events_.onNearer(*this);
}

bool Asking::say(const std::string& text) { return text.empty() || turn_.delta(text); }

void Asking::onEnd(const TransferEnd& end) noexcept {
  end_ = end;
  bytesSent_ += end.bytesSent;
  bytesReceived_ += end.bytesReceived;
  if (end.whole) finishAnswer();
  events_.onEnd(*this);
}

void Asking::finishAnswer() noexcept {
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
  if (!answer_) return Failure{.kind = timedOut_ ? Kind::silent : Kind::unreachable};
  switch (answer_->fault()) {
    case Answer::Fault::reported:
      return Failure{.kind = Kind::reported};
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

}  // namespace chatbot
