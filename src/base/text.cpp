#include "base/text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>

#ifdef CHATBOT_HAS_ICU
#include <unicode/brkiter.h>
#include <unicode/bytestream.h>
#include <unicode/casemap.h>
#include <unicode/normalizer2.h>
#include <unicode/stringpiece.h>
#include <unicode/utext.h>
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

struct Range {
  char32_t first;
  char32_t last;
};

// Unicode's Default_Ignorable_Code_Point, and the two blank letters that are no white space.
bool showsNothing(char32_t c) noexcept {
  constexpr auto kRanges = std::to_array<Range>({{0xAD, 0xAD},
                                                 {0x34F, 0x34F},
                                                 {0x61C, 0x61C},
                                                 {0x115F, 0x1160},
                                                 {0x17B4, 0x17B5},
                                                 {0x180B, 0x180F},
                                                 {0x200B, 0x200F},
                                                 {0x202A, 0x202E},
                                                 {0x2060, 0x206F},
                                                 {0x2800, 0x2800},
                                                 {0x3164, 0x3164},
                                                 {0xFE00, 0xFE0F},
                                                 {0xFEFF, 0xFEFF},
                                                 {0xFFA0, 0xFFA0},
                                                 {0xFFF0, 0xFFF8},
                                                 {0x1BCA0, 0x1BCA3},
                                                 {0x1D173, 0x1D17A},
                                                 {0xE0000, 0xE0FFF}});
  return std::ranges::any_of(
      kRanges, [c](const Range& range) { return c >= range.first && c <= range.last; });
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

bool isInvisible(std::string_view text) noexcept {
  while (!text.empty()) {
    const CodePoint next = firstCodePoint(text);
    if (next.length == 0 || (!isWhiteSpace(next.value) && !showsNothing(next.value))) return false;
    text.remove_prefix(next.length);
  }
  return true;
}

std::string_view trimmed(std::string_view text) noexcept {
  std::size_t begin = 0;
  std::size_t end = 0;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint next = firstCodePoint(text.substr(at));
    const std::size_t after = at + std::max<std::size_t>(next.length, 1);
    const bool isSpace = next.length != 0 && isWhiteSpace(next.value);
    if (!isSpace) end = after;
    if (isSpace && end == 0) begin = after;
    at = after;
  }
  return end == 0 ? std::string_view() : text.substr(begin, end - begin);
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

std::size_t bytesOfClusters(std::string_view text, std::size_t limit) {
  if (limit >= text.size()) return text.size();
  UErrorCode error = U_ZERO_ERROR;
  const std::unique_ptr<icu::BreakIterator> clusters(
      icu::BreakIterator::createCharacterInstance(icu::Locale::getRoot(), error));
  UText* const whole =
      utext_openUTF8(nullptr, text.data(), static_cast<std::int64_t>(text.size()), &error);
  if (U_SUCCESS(error)) clusters->setText(whole, error);
  const auto at = static_cast<std::int32_t>(limit);
  if (U_SUCCESS(error) && !clusters->isBoundary(at)) {
    limit = static_cast<std::size_t>(std::max(clusters->preceding(at), 0));
  }
  utext_close(whole);
  return limit;
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

std::size_t bytesOfClusters(std::string_view text, std::size_t limit) {
  return std::min(limit, text.size());
}

std::string foldCase(std::string_view text) { return foldAscii(toUtf8(text)); }

std::string foldForms(std::string_view text) { return foldCase(text); }

bool foldsUnicode() noexcept { return false; }

#endif

bool containsFolded(std::string_view text, std::string_view folded) {
  return foldForms(text).find(folded) != std::string::npos;
}

bool startsWithFolded(std::string_view text, std::string_view folded) {
  return foldForms(text).starts_with(folded);
}

bool endsWithFolded(std::string_view text, std::string_view folded) {
  return foldForms(text).ends_with(folded);
}

void reportTextMatch(const LogFunction& log) {
  if (!log || foldsUnicode()) return;
  log(LogLevel::warning, "built without ICU: searches ignore the case of ASCII letters only", {});
}

}  // namespace chatbot::base
