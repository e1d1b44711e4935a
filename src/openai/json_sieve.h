// A sieve for JSON that arrives in pieces: keeps the members whose names are known and drops all
// others while they arrive, so that these cost no memory, whatever their size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace chatbot::openai {

// The use of a member, by its name.
enum class MemberUse : std::uint8_t {
  drop,     // it is left out, with all that stands in it
  miss,     // it is left out, and hasMissed() says so where its value is not empty
  descend,  // it is kept; the members of the objects in its value have uses of their own
  keep      // it is kept with all that stands in it
};

// Copies and judges nothing: a text that is no JSON stays none, but what is wrong within a dropped
// member is not seen. A number that no double can hold becomes null. Not synchronised.
class JsonSieve {
 public:
  using UseOf = MemberUse (*)(std::string_view name);

  explicit JsonSieve(UseOf useOf) : useOf_(useOf) {}

  // Takes a piece of the text, which may be cut anywhere, as far as the end of the first object or
  // array. Returns the number of bytes that it has taken.
  std::size_t add(std::string_view piece);

  // Whether the first object or array is complete.
  bool isWhole() const noexcept { return isWhole_; }
  // Bytes that are kept so far.
  std::size_t size() const noexcept { return kept_.size() + name_.size() + scalar_.size(); }
  // Whether something was left out, of this text or one before it, that a reader should know of: a
  // member to be missed, or a large one.
  bool hasMissed() const noexcept { return hasMissed_; }

  // Returns what was kept, and begins another text.
  std::string take();

 private:
  enum class In : std::uint8_t { none, string, name, scalar };

  static constexpr std::size_t kMaxDepth = 64;
  static constexpr std::size_t kMaxName = 32;
  static constexpr std::size_t kMaxScalar = 64;

  std::size_t readString(std::string_view piece);
  std::size_t readScalar(std::string_view piece);
  std::size_t skipDropped(std::string_view piece);
  void takeMark(char mark);
  void takeMarkWithin(char mark);
  bool isLeftOut() const noexcept { return use_ == MemberUse::drop || use_ == MemberUse::miss; }
  void open(char mark);
  void close(char mark);
  void endName();
  void endScalar();
  void beginValue();
  void endValue();
  void keep(std::string_view text);
  bool isObject() const noexcept { return depth_ > 0 && ((objects_ >> (depth_ - 1)) & 1) != 0; }

  UseOf useOf_;
  std::string kept_;
  In in_ = In::none;
  bool isEscaped_ = false;  // the next character of a string follows a backslash
  bool isWhole_ = false;
  bool expectsName_ = false;  // the next string is a member's name
  bool needsComma_ = false;   // before the next member that is kept
  std::size_t depth_ = 0;     // of open containers, those within a value of its own use not counted
  std::uint64_t objects_ = 0;            // which of them are objects: a bit for each depth
  MemberUse next_ = MemberUse::descend;  // of the member whose name was read
  MemberUse use_ = MemberUse::descend;   // of the value that is being read
  std::size_t innerDepth_ = 0;           // containers that are open within that value
  std::string name_;
  std::string scalar_;
  std::size_t dropped_ = 0;  // bytes of the value that is being left out
  bool hasMissed_ = false;
};

}  // namespace chatbot::openai
