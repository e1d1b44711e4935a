// Keeps the key of the model server out of what is logged.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace chatbot::openai {

// Finds the key in texts of the server, as it is or encoded. Immutable, so any thread may ask.
class KeyGuard {
 public:
  explicit KeyGuard(std::string_view key);

  // `text`, or `***` where it holds the key: in any case, percent-encoded, in hexadecimal digits or
  // in base64 at any place of a longer text.
  std::string safe(std::string text) const;

 private:
  std::vector<std::string> folded_;  // forms of the key that are sought without case
  std::vector<std::string> exact_;
};

}  // namespace chatbot::openai
