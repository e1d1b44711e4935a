#include "openai/answer.h"

#include <algorithm>
#include <utility>

namespace chatbot::openai {
namespace {

// Room in a document besides the answer's text: escapes, reasoning, tool calls.
constexpr std::size_t kAroundText = 4 * 1024 * 1024;

// A delta of a few bytes comes in an event of some hundred; besides, comments come.
constexpr std::size_t kBytesForOne = 64;

constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::string_view kBlanksOrMark = " \t\r\n\xEF\xBB\xBF";  // and the byte order mark's

constexpr std::string_view kDone = "[DONE]";

std::string_view withoutBlanks(std::string_view text, std::string_view blanks = kBlanks) {
  return text.substr(std::min(text.find_first_not_of(blanks), text.size()));
}

}  // namespace

Answer::Answer(Bounds bounds)
    : bounds_(bounds), sieve_(useOfMember), sideOutput_(bounds.reasoning) {}

bool Answer::isWhole() const noexcept {
  return choice_ && fault_ == Fault::none && (isDone_ || finish_ != Finish::none);
}

void Answer::fail(Fault fault) noexcept {
  if (fault_ == Fault::none) fault_ = fault;
}

std::string Answer::add(std::string_view piece) {
  receivedBytes_ += piece.size();
  if (receivedBytes_ > bounds_.text * kBytesForOne + kAroundText) fail(Fault::tooLarge);
  read(piece);
  return std::exchange(text_, {});
}

void Answer::read(std::string_view piece) {
  if (fault_ != Fault::none || isDone_) return;
  if (form_ == Form::unknown) {
    piece = withoutBlanks(piece, kBlanksOrMark);
    if (piece.empty()) return;
    form_ = piece.front() == '{' ? Form::documents : Form::events;
  }
  if (form_ == Form::documents) return readDocuments(piece);
  events_.add(piece, *this);
}

// Documents follow each other, with blanks between them. What follows them may be events, too.
void Answer::readDocuments(std::string_view piece) {
  while (!piece.empty() && fault_ == Fault::none) {
    if (sieve_.size() == 0) piece = withoutBlanks(piece);
    if (sieve_.size() == 0 && !piece.empty() && piece.front() != '{') {
      form_ = Form::events;
      return events_.add(piece, *this);
    }
    const std::size_t taken = sieve_.add(piece);
    if (sieve_.size() > bounds_.text + kAroundText) return fail(Fault::tooLarge);
    if (sieve_.isWhole()) readChunk(false);
    piece.remove_prefix(taken);
  }
}

void Answer::onData(std::string_view piece) {
  if (fault_ != Fault::none || isDone_) return;
  piece.remove_prefix(sieve_.add(piece));
  isExcess_ = isExcess_ || !withoutBlanks(piece).empty();
  if (sieve_.size() > bounds_.text + kAroundText) fail(Fault::tooLarge);
}

void Answer::onEvent(bool isError) {
  if (fault_ == Fault::none && !isDone_) readChunk(isError);
}

void Answer::readChunk(bool isError) {
  const bool isObject = sieve_.isWhole() && !std::exchange(isExcess_, false);
  const std::string kept = sieve_.take();
  if (kept.starts_with(kDone)) return end();
  if (kept.empty() && !isError) return;
  hasRead_ = true;
  const std::optional<Chunk> chunk =
      isObject ? parseChunk(surrogates_.joined(kept), choice_) : std::nullopt;
  if (chunk) take(*chunk);
  if (isError) return takeError(chunk ? chunk->error.value_or(chunk->remark) : ServerError{});
  if (!chunk) fail(Fault::garbled);
}

void Answer::take(const Chunk& chunk) {
  if (chunk.choice) choice_ = chunk.choice;
  if (!chunk.isMessage || !hasDeltas_) takeContent(chunk);
  if (chunk.usage.input > 0) usage_.input = chunk.usage.input;
  if (chunk.usage.output > 0) usage_.output = chunk.usage.output;
  takeFinish(chunk);
  if (!chunk.choice && chunk.remark.saysAnything()) error_ = chunk.remark;
  if (chunk.error) takeError(*chunk.error);
}

void Answer::takeContent(const Chunk& chunk) {
  if (chunk.text.empty() && chunk.reasoning.empty() && chunk.toolCalls.empty()) return;
  if (textBytes_ + chunk.text.size() > bounds_.text) return fail(Fault::tooLarge);
  textBytes_ += chunk.text.size();
  text_ += chunk.text;
  sideOutput_.addReasoning(chunk.reasoning);
  if (!chunk.text.empty()) sideOutput_.textFollows();
  sideOutput_.addToolCalls(chunk.toolCalls);
  hasBegun_ = true;
  hasDeltas_ = hasDeltas_ || !chunk.isMessage;
  hasRefused_ = hasRefused_ || chunk.refuses;
  goesOn_ = goesOn_ || finish_ != Finish::none;
}

// A whole message needs no word for its end.
void Answer::takeFinish(const Chunk& chunk) {
  const Finish finish = finishOf(chunk.finishReason);
  if (finish == Finish::none) {
    if (chunk.isMessage && form_ == Form::documents) finish_ = Finish::complete;
    return;
  }
  finish_ = finish;
  finishReason_ = chunk.finishReason;
  if (finish == Finish::failed) takeError({.code = identifierIn(finishReason_)});
}

void Answer::takeError(const ServerError& error) {
  error_ = error;
  fail(Fault::reported);
}

void Answer::end() {
  isDone_ = true;
  if (!choice_) fail(Fault::noChoice);
}

std::string Answer::finish() {
  if (fault_ == Fault::none && !isDone_) {
    if (form_ == Form::events) finishEvents();
    if (form_ == Form::documents && sieve_.size() > 0) fail(Fault::garbled);
    if (!hasRead_ && events_.isForeign()) fail(Fault::foreign);
    if (hasRead_ && !choice_) fail(Fault::noChoice);
  }
  return std::exchange(text_, {});
}

// A last event that is no JSON was cut off: the answer has broken off.
void Answer::finishEvents() {
  const bool hadRead = hasRead_;
  events_.finish(*this);
  if (fault_ != Fault::garbled) return;
  fault_ = Fault::none;
  hasRead_ = hadRead;
}

std::vector<ItemContent> Answer::takeLastLogs() {
  std::vector<ItemContent> logs = sideOutput_.takeRest();
  const Finish finish = hasRefused_ ? Finish::refused : finish_;
  const std::string warning = warningOf(finish, finishReason_);
  if (!warning.empty()) logs.emplace_back(logOf(warning, "warning"));
  if (sieve_.hasMissed()) {
    logs.emplace_back(logOf("A part of the answer that is no text was left out", "warning"));
  }
  return logs;
}

}  // namespace chatbot::openai
