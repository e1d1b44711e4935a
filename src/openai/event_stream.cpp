#include "openai/event_stream.h"

#include <utility>

#include "chatbot/error.h"

namespace chatbot::openai {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::size_t kStartOver = 4;

}  // namespace

void EventStreamReader::add(std::string_view piece, const OnData& onData) {
  piece = skipStart(piece);
  if (afterReturn_ && !piece.empty()) {
    if (piece.front() == '\n') piece.remove_prefix(1);
    afterReturn_ = false;
  }
  while (!piece.empty()) {
    const std::size_t end = piece.find_first_of("\r\n");
    if (end == std::string_view::npos) return keep(line_, piece);
    const std::string_view part = piece.substr(0, end);
    if (line_.empty()) {
      takeLine(part, onData);
    } else {
      keep(line_, part);
      takeLine(std::exchange(line_, {}), onData);
    }
    const bool returned = piece[end] == '\r';
    piece.remove_prefix(end + 1);
    if (!returned) continue;
    if (piece.empty()) {
      afterReturn_ = true;
    } else if (piece.front() == '\n') {
      piece.remove_prefix(1);
    }
  }
}

void EventStreamReader::finish(const OnData& onData) {
  const std::string line = std::exchange(line_, {});
  if (!line.empty()) takeLine(line, onData);
  takeLine({}, onData);
}

// Skips a byte order mark at the start of the text. It may be cut between pieces, too.
std::string_view EventStreamReader::skipStart(std::string_view piece) {
  while (startSeen_ < kByteOrderMark.size() && !piece.empty()) {
    if (piece.front() != kByteOrderMark[startSeen_]) {
      line_ = kByteOrderMark.substr(0, startSeen_);
      startSeen_ = kStartOver;
      return piece;
    }
    ++startSeen_;
    piece.remove_prefix(1);
  }
  return piece;
}

void EventStreamReader::takeLine(std::string_view line, const OnData& onData) {
  if (!line.empty()) return takeField(line);
  if (data_.empty()) return;
  const std::string data = std::exchange(data_, {});
  onData(std::string_view(data).substr(0, data.size() - 1));
}

void EventStreamReader::takeField(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (line.substr(0, colon) != "data") return;
  std::string_view value = colon == std::string_view::npos ? "" : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  keep(data_, value);
  data_ += '\n';
}

void EventStreamReader::keep(std::string& text, std::string_view more) const {
  if (text.size() + more.size() > maxBytes_) {
    throw Error(ErrorCode::tooLarge, "an event is too large");
  }
  text += more;
}

}  // namespace chatbot::openai
