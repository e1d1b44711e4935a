// Characters beyond U+FFFF, which JSON may write as two escapes, where a server has cut between
// them.
#pragma once

#include <string>
#include <string_view>

namespace chatbot::openai {

class Surrogates {
 public:
  // `json` with its escapes whole: of a character that a text's end cuts in two, the first half is
  // kept until the second comes in a later JSON text; any other half becomes U+FFFD. The result is
  // valid until the next call, and as long as `json`.
  std::string_view joined(std::string_view json);

 private:
  void readEscape(std::string_view& json);

  std::string half_;  // the escape that waits for its other half
  std::string next_;
  std::string mended_;
};

}  // namespace chatbot::openai
