// Texts as keys of tables: without making a std::string of each, and one for a mandate and a user.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace chatbot::base {

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept {
    return std::hash<std::string_view>{}(text);
  }
};

template <typename Value>
using TextMap = std::unordered_map<std::string, Value, TextHash, std::equal_to<>>;

// Another text for every other pair: the length tells where the mandate ends.
inline std::string ownerKey(std::string_view mandateId, std::string_view userId) {
  std::string key = std::to_string(mandateId.size());
  key += ':';
  key += mandateId;
  key += userId;
  return key;
}

}  // namespace chatbot::base
