// Unicode text, UTF-8: its code points, its forms without case, and matching by these.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "chatbot/log.h"

namespace chatbot::base {

struct CodePoint {
  char32_t value = 0;
  std::size_t length = 0;  // in bytes; 0: no code point starts here
};

// The first code point of a text that is not empty.
CodePoint firstCodePoint(std::string_view text) noexcept;

bool isUtf8(std::string_view text) noexcept;

// `text` with each maximal run of bytes that is no UTF-8 replaced by U+FFFD.
std::string toUtf8(std::string_view text);

// Code points of valid UTF-8.
std::size_t countCodePoints(std::string_view text) noexcept;

// The bytes of the first `count` code points of valid UTF-8.
std::size_t bytesOfCodePoints(std::string_view text, std::size_t count) noexcept;

// The bytes of `text` before a code point that is cut off at its end.
std::size_t bytesOfWhole(std::string_view text) noexcept;

// Whether nothing but white space (Unicode's White_Space) is in it.
bool isBlank(std::string_view text) noexcept;

// Whether nothing in it can be seen: white space, and code points that show nothing by themselves,
// such as U+200B, joiners, direction marks, variation selectors and blank letters.
bool isInvisible(std::string_view text) noexcept;

// `text` without the white space at its ends.
std::string_view trimmed(std::string_view text) noexcept;

// The bytes of `text`, valid UTF-8, before the grapheme cluster that the byte at `limit` is in:
// what users take for one character is not cut. Without ICU a cluster is a code point.
std::size_t bytesOfClusters(std::string_view text, std::size_t limit);

// Whether it has a code point below U+0020, U+007F, or one of U+0080 to U+009F.
bool hasControl(std::string_view text) noexcept;

// `text` in the form in which texts that differ only in case are equal: Unicode's full case folding
// with ICU, ASCII's without. Input that is not UTF-8 is folded as toUtf8 makes it.
std::string foldCase(std::string_view text);

// `text` as foldCase makes it, and with one form for each character: composed, of full width,
// without ligatures, soft hyphens and joiners (Unicode's NFKC_Casefold). Without ICU it is
// foldCase.
std::string foldForms(std::string_view text);

// Whether foldCase knows more than ASCII.
bool foldsUnicode() noexcept;

// `text` is any text, `folded` one that foldForms made.
bool containsFolded(std::string_view text, std::string_view folded);
bool startsWithFolded(std::string_view text, std::string_view folded);
bool endsWithFolded(std::string_view text, std::string_view folded);

// Says in the log when this build knows no more of case than ASCII's.
void reportTextMatch(const LogFunction& log);

}  // namespace chatbot::base
