// The names of workflows: which are allowed.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace chatbot::model {

struct NameFault {
  std::string_view type;  // as FastAPI clients expect it
  std::string text;       // "must not be blank"
};

// Why `name` is refused; nothing where it fits: UTF-8, something in it can be seen, one line
// without control characters, at most kMaxNameLength code points.
std::optional<NameFault> faultOf(std::string_view name);

// The name without characters that turn the direction of text. Throws Error (invalidArgument) for
// one that does not fit.
std::string checkedName(std::string_view name);

}  // namespace chatbot::model
