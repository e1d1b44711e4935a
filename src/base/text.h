// Unicode text, UTF-8.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

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

// Whether it has a code point below U+0020, U+007F, or one of U+0080 to U+009F.
bool hasControl(std::string_view text) noexcept;

// `text` in the form in which texts that differ only in case are equal: Unicode's full case folding
// with ICU, ASCII's without. Input that is not UTF-8 is folded as toUtf8 makes it.
std::string foldCase(std::string_view text);

// What foldCase makes, with the forms of a character made equal too: composed and decomposed, full
// and half width, ligatures, soft hyphens and joiners left out (Unicode's NFKC_Casefold). Without
// ICU the same as foldCase.
std::string foldForms(std::string_view text);

// Whether foldCase knows more than ASCII.
bool foldsUnicode() noexcept;

}  // namespace chatbot::base
