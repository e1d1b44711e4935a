#include "openai/json_sieve.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace chatbot::openai {
namespace {

constexpr std::string_view kMarks = "{}[],:\"";
constexpr std::string_view kMarksOrSpaces = "{}[],:\" \t\r\n";

constexpr std::size_t kMaxEmpty = 4;  // null, "", [], {}
constexpr std::size_t kLarge = 64 * 1024;

bool isIn(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }

// JavaScript and Python write these where a number is none; JSON has no such words.
bool isNoDouble(std::string_view scalar) {
  if (scalar == "NaN" || scalar == "Infinity" || scalar == "-Infinity") return true;
  double number = 0;
  const char* const end = scalar.data() + scalar.size();
  return std::from_chars(scalar.data(), end, number).ec == std::errc::result_out_of_range;
}

}  // namespace

std::size_t JsonSieve::add(std::string_view piece) {
  std::size_t taken = 0;
  while (taken < piece.size() && !isWhole_) {
    const std::string_view rest = piece.substr(taken);
    if (in_ == In::string || in_ == In::name) {
      taken += readString(rest);
    } else if (isLeftOut()) {
      taken += skipDropped(rest);
    } else if (in_ == In::scalar || !isIn(rest.front(), kMarks)) {
      taken += readScalar(rest);
    } else {
      takeMark(rest.front());
      ++taken;
    }
  }
  return taken;
}

// As far as the string's end, its quote included.
std::size_t JsonSieve::readString(std::string_view piece) {
  std::size_t end = 0;
  bool isOver = false;
  while (end < piece.size() && !isOver) {
    if (std::exchange(isEscaped_, false)) {
      ++end;
      continue;
    }
    end = std::min(piece.find_first_of("\"\\", end), piece.size());
    if (end == piece.size()) break;
    isEscaped_ = piece[end] == '\\';
    isOver = !isEscaped_;
    ++end;
  }
  keep(piece.substr(0, end));
  if (isOver && in_ == In::name) endName();
  if (isOver) in_ = In::none;
  return end;
}

// A number or a word, or what else stands between two marks.
std::size_t JsonSieve::readScalar(std::string_view piece) {
  const std::size_t end = std::min(piece.find_first_of(kMarksOrSpaces), piece.size());
  if (end > 0) {
    in_ = In::scalar;
    scalar_ += piece.substr(0, end);
    if (scalar_.size() > kMaxScalar) kept_ += std::exchange(scalar_, {});
    return end;
  }
  const bool isSpace = !isIn(piece.front(), kMarks);
  if (in_ == In::scalar) {
    endScalar();
    if (isSpace) kept_ += ' ';
  }
  return isSpace ? 1 : 0;
}

void JsonSieve::endScalar() {
  kept_ += isNoDouble(scalar_) ? "null" : scalar_;
  scalar_.clear();
  in_ = In::none;
}

std::size_t JsonSieve::skipDropped(std::string_view piece) {
  const std::size_t end = std::min(piece.find_first_of("{}[],\""), piece.size());
  dropped_ += end;
  if (end == piece.size()) return end;
  takeMark(piece[end]);
  return end + 1;
}

void JsonSieve::takeMark(char mark) {
  if (use_ != MemberUse::descend) return takeMarkWithin(mark);
  switch (mark) {
    case '"':
      in_ = expectsName_ ? In::name : In::string;
      if (in_ == In::string) kept_ += mark;
      return;
    case ':':
      return beginValue();
    case ',':
      expectsName_ = needsComma_ = isObject();
      if (!expectsName_) kept_ += mark;
      return;
    case '{':
    case '[':
      return open(mark);
    default:
      return close(mark);
  }
}

// Within a value that is dropped or kept whole. A mark that ends it is the object's that it stands
// in.
void JsonSieve::takeMarkWithin(char mark) {
  const bool ends = innerDepth_ == 0 && (mark == ',' || mark == '}' || mark == ']');
  if (ends) {
    endValue();
    return takeMark(mark);
  }
  if (mark == '"') in_ = In::string;
  if (mark == '{' || mark == '[') ++innerDepth_;
  if (mark == '}' || mark == ']') --innerDepth_;
  keep({&mark, 1});
}

void JsonSieve::open(char mark) {
  kept_ += mark;
  if (depth_ == kMaxDepth) {
    use_ = MemberUse::keep;  // the parser refuses what is nested so deep
    innerDepth_ = 1;
    return;
  }
  const std::uint64_t bit = std::uint64_t{1} << depth_++;
  objects_ = mark == '{' ? objects_ | bit : objects_ & ~bit;
  expectsName_ = mark == '{';
  needsComma_ = false;
}

void JsonSieve::close(char mark) {
  if (expectsName_ && needsComma_) kept_ += ',';  // nothing follows it: this is no JSON
  kept_ += mark;
  expectsName_ = needsComma_ = false;
  if (depth_ > 0) --depth_;
  isWhole_ = depth_ == 0;
}

void JsonSieve::endName() {
  name_.pop_back();  // the quote
  const bool isEscaped = name_.find('\\') != std::string::npos;
  next_ = isEscaped ? MemberUse::keep : useOf_(name_);
  if (name_.size() > kMaxName) next_ = MemberUse::drop;
  if (next_ == MemberUse::descend || next_ == MemberUse::keep) {
    if (needsComma_ && !kept_.ends_with('{')) kept_ += ',';
    kept_.append("\"").append(name_).append("\"");
  }
  name_.clear();
  expectsName_ = needsComma_ = false;
}

void JsonSieve::beginValue() {
  use_ = std::exchange(next_, MemberUse::descend);
  innerDepth_ = 0;
  dropped_ = 0;
  if (!isLeftOut()) kept_ += ':';
}

void JsonSieve::endValue() {
  const std::size_t most = use_ == MemberUse::miss ? kMaxEmpty : kLarge;
  if (dropped_ > most) hasMissed_ = true;
  use_ = MemberUse::descend;
}

void JsonSieve::keep(std::string_view text) {
  if (in_ == In::name) {
    // One byte more than a name and its quote may have tells that it is too long.
    if (name_.size() <= kMaxName + 1) name_ += text;
  } else if (isLeftOut()) {
    dropped_ += text.size();
  } else {
    kept_ += text;
  }
}

std::string JsonSieve::take() {
  if (in_ == In::scalar) endScalar();
  std::string kept = std::move(kept_);
  const bool hasMissed = hasMissed_;
  *this = JsonSieve(useOf_);
  hasMissed_ = hasMissed;
  return kept;
}

}  // namespace chatbot::openai
