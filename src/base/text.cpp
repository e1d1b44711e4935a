#include "base/text.h"

#include <array>
#include <cstdint>

#ifdef CHATBOT_HAS_ICU
#include <unicode/bytestream.h>
#include <unicode/casemap.h>
#include <unicode/normalizer2.h>
#include <unicode/stringpiece.h>
#endif

namespace chatbot::base {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

bool isContinuation(char byte) noexcept {
  return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

struct Lead {
  std::size_t length = 0;
  char32_t bits = 0;
  char32_t smallest = 0;  // a smaller code point in so many bytes is overlong
};

Lead leadOf(unsigned char byte) noexcept {
  if (byte < 0x80) return {1, byte, 0};
  if ((byte & 0xE0) == 0xC0) return {2, static_cast<char32_t>(byte & 0x1F), 0x80};
  if ((byte & 0xF0) == 0xE0) return {3, static_cast<char32_t>(byte & 0x0F), 0x800};
  if ((byte & 0xF8) == 0xF0) return {4, static_cast<char32_t>(byte & 0x07), 0x10000};
  return {};
}

bool isWhiteSpace(char32_t c) noexcept {
  constexpr std::array<char32_t, 8> kSingles = {0x20,   0x85,   0xA0,   0x1680,
                                                0x2028, 0x2029, 0x202F, 0x3000};
  if ((c >= 0x09 && c <= 0x0D) || (c >= 0x2000 && c <= 0x200A) || c == 0x205F) return true;
  for (const char32_t single : kSingles) {
    if (c == single) return true;
  }
  return false;
}

bool isControl(char32_t c) noexcept { return c < 0x20 || (c >= 0x7F && c <= 0x9F); }

// Bytes of other code points stay as they are. Without a branch: the compiler makes it a vector
// loop.
std::string foldAscii(std::string text) {
  for (char& c : text) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
  return text;
}

bool isAscii(std::string_view text) noexcept {
  unsigned char bits = 0;
  for (const char c : text) bits = static_cast<unsigned char>(bits | static_cast<unsigned char>(c));
  return bits < 0x80;
}

}  // namespace

CodePoint firstCodePoint(std::string_view text) noexcept {
  const Lead lead = leadOf(static_cast<unsigned char>(text.front()));
  if (lead.length == 0 || lead.length > text.size()) return {};
  char32_t codePoint = lead.bits;
  for (std::size_t i = 1; i < lead.length; ++i) {
    if (!isContinuation(text[i])) return {};
    codePoint = (codePoint << 6) | (static_cast<unsigned char>(text[i]) & 0x3FU);
  }
  const bool surrogate = codePoint >= 0xD800 && codePoint <= 0xDFFF;
  if (codePoint < lead.smallest || codePoint > 0x10FFFF || surrogate) return {};
  return {codePoint, lead.length};
}

bool isUtf8(std::string_view text) noexcept {
  while (!text.empty()) {
    const CodePoint next = firstCodePoint(text);
    if (next.length == 0) return false;
    text.remove_prefix(next.length);
  }
  return true;
}

std::string toUtf8(std::string_view text) {
  if (isUtf8(text)) return std::string(text);
  std::string out;
  bool inBadRun = false;
  while (!text.empty()) {
    const CodePoint next = firstCodePoint(text);
    if (next.length != 0) out += text.substr(0, next.length);
    if (next.length == 0 && !inBadRun) out += kReplacement;
    inBadRun = next.length == 0;
    text.remove_prefix(next.length == 0 ? 1 : next.length);
  }
  return out;
}

std::size_t countCodePoints(std::string_view text) noexcept {
  std::size_t count = 0;
  for (const char byte : text) count += isContinuation(byte) ? 0 : 1;
  return count;
}

std::size_t bytesOfCodePoints(std::string_view text, std::size_t count) noexcept {
  std::size_t bytes = 0;
  for (; bytes < text.size(); ++bytes) {
    if (isContinuation(text[bytes])) continue;
    if (count == 0) break;
    --count;
  }
  return bytes;
}

// A code point has at most three bytes behind its lead.
std::size_t bytesOfWhole(std::string_view text) noexcept {
  std::size_t lead = text.size();
  do {
    if (lead == 0) return text.size();
    --lead;
  } while (isContinuation(text[lead]) && text.size() - lead < 4);
  const std::size_t length = leadOf(static_cast<unsigned char>(text[lead])).length;
  return length > text.size() - lead ? lead : text.size();
}

bool isBlank(std::string_view text) noexcept {
  while (!text.empty()) {
    const CodePoint next = firstCodePoint(text);
    if (next.length == 0 || !isWhiteSpace(next.value)) return false;
    text.remove_prefix(next.length);
  }
  return true;
}

bool hasControl(std::string_view text) noexcept {
  while (!text.empty()) {
    const CodePoint next = firstCodePoint(text);
    if (next.length != 0 && isControl(next.value)) return true;
    text.remove_prefix(next.length == 0 ? 1 : next.length);
  }
  return false;
}

#ifdef CHATBOT_HAS_ICU

// A search folds every text that it looks at, so ASCII, the common case, has a way of its own.
std::string foldCase(std::string_view text) {
  if (isAscii(text)) return foldAscii(std::string(text));
  const std::string valid = toUtf8(text);
  std::string folded;
  icu::StringByteSink<std::string> sink(&folded);
  UErrorCode error = U_ZERO_ERROR;
  const icu::StringPiece piece(valid.data(), static_cast<std::int32_t>(valid.size()));
  icu::CaseMap::utf8Fold(0, piece, sink, nullptr, error);
  return folded;
}

std::string foldForms(std::string_view text) {
  if (isAscii(text)) return foldAscii(std::string(text));
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* normalizer = icu::Normalizer2::getNFKCCasefoldInstance(error);
  if (normalizer == nullptr) return foldCase(text);
  const std::string valid = toUtf8(text);
  std::string folded;
  icu::StringByteSink<std::string> sink(&folded);
  const icu::StringPiece piece(valid.data(), static_cast<std::int32_t>(valid.size()));
  normalizer->normalizeUTF8(0, piece, sink, nullptr, error);
  return folded;
}

bool foldsUnicode() noexcept { return true; }

#else

std::string foldCase(std::string_view text) { return foldAscii(toUtf8(text)); }

std::string foldForms(std::string_view text) { return foldCase(text); }

bool foldsUnicode() noexcept { return false; }

#endif

bool containsFolded(std::string_view text, std::string_view folded) {
  return foldCase(text).find(folded) != std::string::npos;
}

bool startsWithFolded(std::string_view text, std::string_view folded) {
  return foldCase(text).starts_with(folded);
}

bool endsWithFolded(std::string_view text, std::string_view folded) {
  return foldCase(text).ends_with(folded);
}

void reportTextMatch(const LogFunction& log) {
  if (!log || foldsUnicode()) return;
  log(LogLevel::warning, "built without ICU: searches ignore the case of ASCII letters only", {});
}

}  // namespace chatbot::base
