// Reading server-sent events (WHATWG HTML, section 9.2.6) as they arrive.
#pragma once

#include <string>
#include <string_view>

namespace chatbot::openai {

class EventListener {
 public:
  virtual ~EventListener() = default;

  // A piece of the event's data, in which lines are divided by a line feed.
  virtual void onData(std::string_view piece) = 0;
  // The event is complete. `isError`: its name is "error", or its data stood in a field of that
  // name, as llama.cpp writes it.
  virtual void onEvent(bool isError) = 0;
};

// The text may be cut anywhere, and nothing of it is kept: comments and fields that mean nothing in
// this protocol (id, retry) cost no memory. An event without data is passed over. Not synchronised.
class EventStreamReader {
 public:
  // Tells the listener what this piece says.
  void add(std::string_view piece, EventListener& listener);

  // To be called at the text's end: completes a last event without a blank line after it, which
  // some servers leave out. (A browser would drop it.)
  void finish(EventListener& listener);

  // Whether a line has no place in a stream of events: this is another kind of text.
  bool isForeign() const noexcept { return isForeign_; }

 private:
  enum class Field { none, data, error, event, other };

  void addToLine(std::string_view part, EventListener& listener);
  std::string_view readName(std::string_view part);
  void readField();
  void beginValue(EventListener& listener);
  void addValue(std::string_view part, EventListener& listener);
  void endLine(EventListener& listener);
  void endEvent(EventListener& listener);

  // The state of the line that is being read.
  Field field_ = Field::none;  // none while its name is being read
  std::string name_;           // of the field, bounded
  bool isAtValue_ = false;     // nothing of the value has come: a space there is none of it
  bool afterReturn_ = false;   // a line feed that follows belongs to the line's end
  // The state of the event.
  std::string eventName_;  // bounded
  bool hasData_ = false;
  bool isForeign_ = false;
};

}  // namespace chatbot::openai
