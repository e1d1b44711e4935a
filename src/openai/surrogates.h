// The two escapes by which JSON may write a character beyond U+FFFF, where a server has cut its
// text between them: each half alone is no character.
#pragma once

#include <string>
#include <string_view>

namespace chatbot::openai {

// Joins halves across JSON documents. Not synchronised.
class Surrogates {
 public:
  // Returns `json` with whole escapes. A first half at a text's end is kept until the second half
  // comes in a later JSON document; any other half becomes U+FFFD. The result is valid until the
  // next call, and as long as `json`.
  std::string_view joined(std::string_view json);

 private:
  void readEscape(std::string_view& json);

  std::string half_;    // the escape that waits for its other half
  std::string next_;    // the same, found in the document that is being read
  std::string mended_;  // the result
};

}  // namespace chatbot::openai
