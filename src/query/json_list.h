// The elements of a JSON list as they were written.
#pragma once

#include <string_view>
#include <vector>

namespace chatbot::query {

// The text of each element, without white space around it. `json` is a valid JSON list; the result
// is views into it.
std::vector<std::string_view> splitList(std::string_view json);

}  // namespace chatbot::query
