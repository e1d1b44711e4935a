// The words of a text, for full-text search: the same for what is indexed and what is asked.
//
// A word is a run of letters, digits and marks (Unicode's categories L, N and M) that does not
// begin with a mark. Where the writing puts no spaces between words (Han, Hiragana, Katakana,
// Bopomofo, Thai, Lao, Khmer, Myanmar and their neighbours), each such code point is a word of its
// own, so that a phrase finds any part of a sentence and needs no dictionary. So is each one of
// Hangul: Korean has spaces, but glues particles and the parts of a compound to the word that is
// looked for.
//
// Without ICU, ASCII is exact and other code points go by tables of blocks: symbols and
// punctuation of the common ones part words, everything else belongs to a word.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace chatbot::base {

// A longer word is split into words of at most this size. Marks between two pieces are dropped.
inline constexpr std::size_t kMaxWordBytes = 256;

// Names what this build makes words by. To be changed with the rules: words that were made by
// others are not found.
std::string_view wordRules() noexcept;

struct Word {
  std::string_view text;
  bool isSingle = false;  // a code point that is a word of its own
};

// Walks the words of a text that foldForms made and that outlives the walk. Bytes that are no UTF-8
// part words.
class WordSplit {
 public:
  explicit WordSplit(std::string_view folded) noexcept : rest_(folded) {}

  // The next word, or nothing at the end.
  std::optional<Word> next() noexcept;

 private:
  std::string_view take(std::size_t bytes) noexcept;
  std::size_t bytesOfWord() const noexcept;

  std::string_view rest_;
};

}  // namespace chatbot::base
