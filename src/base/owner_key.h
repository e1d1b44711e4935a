// One text for a mandate and a user of it.
#pragma once

#include <string>
#include <string_view>

namespace chatbot::base {

// Another text for every other pair: the length tells where the mandate ends.
inline std::string ownerKey(std::string_view mandateId, std::string_view userId) {
  std::string key = std::to_string(mandateId.size());
  key += ':';
  key += mandateId;
  key += userId;
  return key;
}

}  // namespace chatbot::base
