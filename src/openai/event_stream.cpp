#include "openai/event_stream.h"

#include <utility>

namespace chatbot::openai {
namespace {

constexpr std::size_t kMaxName = 8;  // longer than each name that is known

void addBounded(std::string& text, std::string_view more) {
  text += more.substr(0, kMaxName - text.size());
}

}  // namespace

void EventStreamReader::add(std::string_view piece, EventListener& listener) {
  while (!piece.empty()) {
    if (std::exchange(afterReturn_, false) && piece.front() == '\n') {
      piece.remove_prefix(1);
      continue;
    }
    const std::size_t end = piece.find_first_of("\r\n");
    addToLine(piece.substr(0, end), listener);
    if (end == std::string_view::npos) return;
    endLine(listener);
    afterReturn_ = piece[end] == '\r';
    piece.remove_prefix(end + 1);
  }
}

void EventStreamReader::finish(EventListener& listener) {
  if (field_ != Field::none || !name_.empty()) endLine(listener);
  endEvent(listener);
}

void EventStreamReader::addToLine(std::string_view part, EventListener& listener) {
  if (field_ == Field::none) {
    part = readName(part);
    if (field_ == Field::none) return;
    beginValue(listener);
  }
  if (part.empty()) return;
  if (std::exchange(isAtValue_, false) && part.front() == ' ') part.remove_prefix(1);
  addValue(part, listener);
}

// Returns what follows the name's colon.
std::string_view EventStreamReader::readName(std::string_view part) {
  const std::size_t colon = part.find(':');
  addBounded(name_, part.substr(0, colon));
  if (colon == std::string_view::npos) return {};
  readField();
  return part.substr(colon + 1);
}

void EventStreamReader::readField() {
  const std::string name = std::exchange(name_, {});
  field_ = Field::other;
  if (name == "data") field_ = Field::data;
  if (name == "error") field_ = Field::error;
  if (name == "event") field_ = Field::event;
  const bool isKnown = field_ != Field::other || name.empty() || name == "id" || name == "retry";
  isForeign_ = isForeign_ || !isKnown;
}

// A line of the field `error` is an event of its own.
void EventStreamReader::beginValue(EventListener& listener) {
  isAtValue_ = true;
  if (field_ == Field::event) eventName_.clear();
  if (field_ == Field::error) endEvent(listener);
  if (field_ != Field::data && field_ != Field::error) return;
  if (hasData_) listener.onData("\n");
  hasData_ = true;
}

void EventStreamReader::addValue(std::string_view part, EventListener& listener) {
  if (field_ == Field::event) addBounded(eventName_, part);
  if (field_ == Field::data || field_ == Field::error) listener.onData(part);
}

void EventStreamReader::endLine(EventListener& listener) {
  if (field_ == Field::none && name_.empty()) return endEvent(listener);
  if (field_ == Field::none) {  // a name without a colon has an empty value
    readField();
    beginValue(listener);
  }
  if (field_ == Field::error) {
    eventName_ = "error";
    endEvent(listener);
  }
  field_ = Field::none;
}

void EventStreamReader::endEvent(EventListener& listener) {
  const bool isError = std::exchange(eventName_, {}) == "error";
  if (std::exchange(hasData_, false)) listener.onEvent(isError);
}

}  // namespace chatbot::openai
