#include "chatbot/model.h"

#include <algorithm>

#include "base/text.h"
#include "chatbot/error.h"
#include "model/fields.h"
#include "model/name.h"

namespace chatbot {
namespace {

// The characters that turn the direction of the text after them, also beyond the name.
bool turnsDirection(char32_t c) {
  return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

// NEL and Unicode's line and paragraph separators end a line, too.
bool endsLine(char32_t c) {
  return c == '\n' || c == '\r' || c == 0x85 || c == 0x2028 || c == 0x2029;
}

std::string withoutDirections(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const base::CodePoint next = base::firstCodePoint(text);
    const std::string_view character = text.substr(0, std::max<std::size_t>(next.length, 1));
    if (!turnsDirection(next.value)) out += character;
    text.remove_prefix(character.size());
  }
  return out;
}

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

// Takes the first line from `text`, which is not empty, and returns it without its end.
std::string_view takeLine(std::string_view& text) {
  std::size_t at = 0;
  std::size_t end = 0;
  while (at < text.size() && end == 0) {
    const base::CodePoint next = base::firstCodePoint(text.substr(at));
    if (endsLine(next.value)) end = next.length;
    if (end == 0) at += next.length;
  }
  const std::string_view line = text.substr(0, at);
  text.remove_prefix(at + end);
  return line;
}

bool hasLineEnd(std::string_view name) {
  const std::size_t bytes = name.size();
  return takeLine(name).size() < bytes;
}

// The first line of valid UTF-8 in which something can be seen, as a name shows it.
std::string firstLineWithText(std::string_view text) {
  while (!text.empty()) {
    const std::string line = withoutDirections(withoutControls(takeLine(text)));
    if (!base::isInvisible(line)) return std::string(base::trimmed(line));
  }
  return {};
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
  if (base::isInvisible(name)) return NameFault{"value_error", "must not be blank"};
  if (base::hasControl(name) || hasLineEnd(name)) {
    return NameFault{"value_error", "must not contain control characters"};
  }
  if (base::countCodePoints(name) <= kMaxNameLength) return std::nullopt;
  return NameFault{"string_too_long",
                   "should have at most " + std::to_string(kMaxNameLength) + " characters"};
}

std::string checkedName(std::string_view name) {
  if (const std::optional<NameFault> fault = faultOf(name)) {
    throw Error(ErrorCode::invalidArgument, "The name " + fault->text);
  }
  return withoutDirections(name);
}

}  // namespace model

std::string nameFromPrompt(std::string_view prompt, std::size_t limit) {
  std::string line = firstLineWithText(base::toUtf8(prompt));
  if (base::countCodePoints(line) <= limit) return line;

  const std::size_t end = base::bytesOfCodePoints(line, limit);
  const std::size_t wordEnd = line.rfind(' ', end);
  const std::size_t cut = wordEnd == std::string::npos ? end : wordEnd;
  return std::string(base::trimmed(line.substr(0, base::bytesOfClusters(line, cut))));
}

}  // namespace chatbot
