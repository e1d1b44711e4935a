// A client's text in a message of ours.
#pragma once

#include <string>
#include <string_view>

#include "base/json_text.h"
#include "base/text.h"

namespace chatbot::base {

// In quotation marks, on one line and not longer than a message can bear.
inline std::string excerpt(std::string_view text) {
  constexpr std::size_t kMaxCodePoints = 60;
  return jsonString(text.substr(0, bytesOfCodePoints(text, kMaxCodePoints)));
}

}  // namespace chatbot::base
