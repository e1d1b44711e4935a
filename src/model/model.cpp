#include "chatbot/model.h"

#include <algorithm>

#include "base/text.h"
#include "chatbot/error.h"
#include "model/fields.h"
#include "model/name.h"

namespace chatbot {
namespace {

// `line` with a space for each control character, which no list can show.
std::string withoutControls(std::string_view line) {
  std::string out;
  while (!line.empty()) {
    const std::size_t length = base::bytesOfCodePoints(line, 1);
    const std::string_view character = line.substr(0, length);
    out += base::hasControl(character) ? std::string_view(" ") : character;
    line.remove_prefix(length);
  }
  return out;
}

std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(' ');
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::string_view firstLineWithText(std::string_view text) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find_first_of("\r\n"));
    if (!base::isBlank(withoutControls(line))) return line;
    text.remove_prefix(line.size() < text.size() ? line.size() + 1 : line.size());
  }
  return text;
}

}  // namespace

std::string_view toText(WorkflowStatus status) noexcept {
  const auto index = static_cast<std::size_t>(status);
  return index < model::kWorkflowStatuses.size() ? model::kWorkflowStatuses[index] : "error";
}

WorkflowStatus workflowStatusFromText(std::string_view text) {
  const auto found = std::ranges::find(model::kWorkflowStatuses, text);
  if (found == model::kWorkflowStatuses.end()) {
    throw Error(ErrorCode::internal, "unknown workflow status");
  }
  return static_cast<WorkflowStatus>(found - model::kWorkflowStatuses.begin());
}

namespace model {

std::optional<NameFault> faultOf(std::string_view name) {
  if (!base::isUtf8(name)) return NameFault{"value_error", "must be UTF-8"};
  if (base::isBlank(name)) return NameFault{"value_error", "must not be blank"};
  if (base::hasControl(name))
    return NameFault{"value_error", "must not contain control characters"};
  if (base::countCodePoints(name) <= kMaxNameLength) return std::nullopt;
  return NameFault{"string_too_long",
                   "should have at most " + std::to_string(kMaxNameLength) + " characters"};
}

void checkName(std::string_view name) {
  const std::optional<NameFault> fault = faultOf(name);
  if (fault) throw Error(ErrorCode::invalidArgument, "The name " + fault->text);
}

}  // namespace model

std::string nameFromPrompt(std::string_view prompt, std::size_t limit) {
  const std::string valid = base::toUtf8(prompt);
  std::string line = trimmed(withoutControls(firstLineWithText(valid)));
  if (base::countCodePoints(line) <= limit) return line;

  const std::size_t end = base::bytesOfCodePoints(line, limit);
  const std::size_t wordEnd = line.rfind(' ', end);
  return trimmed(line.substr(0, wordEnd == std::string::npos ? end : wordEnd));
}

}  // namespace chatbot
