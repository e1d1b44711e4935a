#include "base/word_split.h"

#include <algorithm>
#include <array>

#include "base/text.h"

#ifdef CHATBOT_HAS_ICU
#include <unicode/uchar.h>
#endif

namespace chatbot::base {
namespace {

enum class Kind { separator, letter, mark, single };

struct Range {
  char32_t first;
  char32_t last;
};

template <std::size_t size>
bool isIn(const std::array<Range, size>& ranges, char32_t c) noexcept {
  const auto* after =
      std::upper_bound(ranges.begin(), ranges.end(), c,
                       [](char32_t value, Range range) { return value < range.first; });
  return after != ranges.begin() && c <= std::prev(after)->last;
}

// By blocks; their punctuation is none of a word's characters anyway.
constexpr std::array<Range, 23> kSingles = {{
    {0x0E00, 0x0EFF},    // Thai, Lao
    {0x1000, 0x109F},    // Myanmar
    {0x1100, 0x11FF},    // Hangul's letters
    {0x1780, 0x17FF},    // Khmer
    {0x1950, 0x19DF},    // Tai Le, New Tai Lue
    {0x1A20, 0x1AAF},    // Tai Tham
    {0x2E80, 0x2FDF},    // radicals
    {0x3005, 0x3007},    // marks and zero of Han
    {0x3021, 0x3029},    // numerals of Han
    {0x3031, 0x3035},    // marks of repetition
    {0x3038, 0x318F},    // Hiragana, Katakana, Bopomofo, Hangul's letters
    {0x31A0, 0x31BF},    // Bopomofo
    {0x31F0, 0x31FF},    // Katakana
    {0x3400, 0x4DBF},    // Han
    {0x4E00, 0x9FFF},    //
    {0xA960, 0xA97F},    // Hangul's letters
    {0xA9E0, 0xA9FF},    // Myanmar
    {0xAA60, 0xAADF},    // Myanmar, Tai Viet
    {0xAC00, 0xD7FF},    // Hangul
    {0xF900, 0xFAFF},    // Han
    {0xFF66, 0xFFDC},    // Katakana and Hangul of half width
    {0x16FE0, 0x1B2FF},  // Tangut, Khitan, Kana, Nushu
    {0x20000, 0x3FFFF},  // Han
}};

bool isSingle(char32_t c) noexcept { return c >= kSingles.front().first && isIn(kSingles, c); }

#ifdef CHATBOT_HAS_ICU

Kind kindBeyondAscii(char32_t c) noexcept {
  const std::uint32_t category = U_GET_GC_MASK(static_cast<UChar32>(c));
  if ((category & (U_GC_L_MASK | U_GC_N_MASK | U_GC_M_MASK)) == 0) return Kind::separator;
  if (isSingle(c)) return Kind::single;
  return (category & U_GC_M_MASK) != 0 ? Kind::mark : Kind::letter;
}

#else

constexpr std::array<Range, 20> kSeparators = {{
    {0x0080, 0x00A9},    // Latin-1's symbols; what is between are ª, µ and º
    {0x00AB, 0x00B4},    //
    {0x00B6, 0x00B9},    //
    {0x00BB, 0x00BF},    //
    {0x00D7, 0x00D7},    //
    {0x00F7, 0x00F7},    //
    {0x060C, 0x060C},    // Arabic's punctuation
    {0x061B, 0x061F},    //
    {0x2000, 0x206F},    // punctuation
    {0x20A0, 0x20CF},    // currencies
    {0x2190, 0x2BFF},    // arrows, mathematics, boxes, dingbats
    {0x3000, 0x3004},    // punctuation of Chinese and Japanese
    {0x3008, 0x3020},    //
    {0xFE10, 0xFE6F},    //
    {0xFF00, 0xFF0F},    // punctuation of full width
    {0xFF1A, 0xFF20},    //
    {0xFF3B, 0xFF40},    //
    {0xFF5B, 0xFF65},    //
    {0xFFF9, 0xFFFF},    // what stands for bytes that are no text
    {0x1F000, 0x1FAFF},  // pictures
}};

Kind kindBeyondAscii(char32_t c) noexcept {
  if (isIn(kSeparators, c)) return Kind::separator;
  if (isSingle(c)) return Kind::single;
  return c >= 0x0300 && c <= 0x036F ? Kind::mark : Kind::letter;
}

#endif

Kind kindOf(char32_t c) noexcept {
  if (c >= 0x80) return kindBeyondAscii(c);
  const bool isLetter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return isLetter || (c >= '0' && c <= '9') ? Kind::letter : Kind::separator;
}

}  // namespace

std::string_view wordRules() noexcept { return foldsUnicode() ? "unicode 1" : "ascii 1"; }

std::optional<Word> WordSplit::next() noexcept {
  while (!rest_.empty()) {
    const CodePoint first = firstCodePoint(rest_);
    const Kind kind = first.length == 0 ? Kind::separator : kindOf(first.value);
    if (kind == Kind::single) return Word{take(first.length), true};
    if (kind == Kind::letter) return Word{take(bytesOfWord()), false};
    take(std::max<std::size_t>(first.length, 1));
  }
  return std::nullopt;
}

std::string_view WordSplit::take(std::size_t bytes) noexcept {
  const std::string_view taken = rest_.substr(0, bytes);
  rest_.remove_prefix(bytes);
  return taken;
}

std::size_t WordSplit::bytesOfWord() const noexcept {
  std::size_t bytes = 0;
  while (bytes < rest_.size()) {
    const CodePoint next = firstCodePoint(rest_.substr(bytes));
    if (next.length == 0 || bytes + next.length > kMaxWordBytes) break;
    const Kind kind = kindOf(next.value);
    if (kind != Kind::letter && kind != Kind::mark) break;
    bytes += next.length;
  }
  return bytes;
}

}  // namespace chatbot::base
