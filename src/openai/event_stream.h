// Reading server-sent events (WHATWG HTML, section 9.2.6) as they arrive.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace chatbot::openai {

// The text may be cut anywhere. Only an event's data is read: its name, id and retry time mean
// nothing in this protocol. One thread at a time.
class EventStreamReader {
 public:
  using OnData = std::function<void(std::string_view data)>;

  // `maxBytes` bounds a line and the data of an event.
  explicit EventStreamReader(std::size_t maxBytes) : maxBytes_(maxBytes) {}

  // Calls `onData` for each event that this piece completes. Throws Error (tooLarge) beyond the
  // bound, and what `onData` throws; the reader must not be used after that.
  void add(std::string_view piece, const OnData& onData);

  // To be called at the text's end: gives a last event without a blank line after it, which some
  // servers leave out. (A browser would drop it.) Throws as add() does.
  void finish(const OnData& onData);

 private:
  std::string_view skipStart(std::string_view piece);
  void takeLine(std::string_view line, const OnData& onData);
  void takeField(std::string_view line);
  void keep(std::string& text, std::string_view more) const;

  const std::size_t maxBytes_;
  std::string line_;           // begun, without its end
  std::string data_;           // of the event that has begun, each line with its end
  std::size_t startSeen_ = 0;  // bytes of a byte order mark, or kStartOver
  bool afterReturn_ = false;   // a line feed that follows belongs to it
};

}  // namespace chatbot::openai
