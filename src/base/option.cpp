#include "base/option.h"

#include <charconv>
#include <optional>

#include "base/json_text.h"
#include "base/message.h"

namespace chatbot::base {
namespace {

// The values that an option takes, in words.

std::string takes(const Integer& kind) {
  return fmt::format("an integer from {} to {}", kind.minimum, kind.maximum);
}

std::string takes(const Choice& kind) {
  std::string words;
  for (const std::string_view word : kind.words) {
    if (!words.empty()) words += word == kind.words.back() ? " or " : ", ";
    words += word;
  }
  return words;
}

std::string takes(const Text& kind) { return kind.takes; }

std::string takes(const OptionKind& kind) {
  return std::visit([](const auto& each) { return takes(each); }, kind);
}

// The value that a text stands for; nothing where it stands for none. Bounds are not checked here.

std::optional<OptionValue> read(const Integer&, std::string_view text) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, fault] = std::from_chars(text.data(), end, number);
  if (fault != std::errc{} || rest != end) return std::nullopt;
  return number;
}

std::optional<OptionValue> read(const Choice& kind, std::string_view text) {
  const auto found = std::ranges::find(kind.words, text);
  if (found == kind.words.end()) return std::nullopt;
  return std::int64_t{found - kind.words.begin()};
}

std::optional<OptionValue> read(const Text&, std::string_view text) { return std::string(text); }

bool fits(const Integer& kind, const OptionValue& value) {
  const std::int64_t number = std::get<std::int64_t>(value);
  return number >= kind.minimum && number <= kind.maximum;
}

bool fits(const Choice& kind, const OptionValue& value) {
  const std::int64_t index = std::get<std::int64_t>(value);
  return index >= 0 && index < std::ssize(kind.words);
}

bool fits(const Text& kind, const OptionValue& value) {
  return kind.fits == nullptr || kind.fits(std::get<std::string>(value));
}

bool fits(const OptionKind& kind, const OptionValue& value) {
  return std::visit([&](const auto& each) { return fits(each, value); }, kind);
}

std::string print(const Integer&, const OptionValue& value) {
  return std::to_string(std::get<std::int64_t>(value));
}

std::string print(const Choice& kind, const OptionValue& value) {
  return std::string(kind.words[static_cast<std::size_t>(std::get<std::int64_t>(value))]);
}

std::string print(const Text&, const OptionValue& value) { return std::get<std::string>(value); }

constexpr const char* typeName(const Integer&) { return "integer"; }
constexpr const char* typeName(const Choice&) { return "choice"; }
constexpr const char* typeName(const Text&) { return "text"; }

}  // namespace

OptionValue parseOption(std::string_view name, const OptionKind& kind, std::string_view text) {
  std::optional<OptionValue> value =
      std::visit([&](const auto& each) { return read(each, text); }, kind);
  if (!value) refuse("{} takes {}", name, takes(kind));
  checkOption(name, kind, *value);
  return *std::move(value);
}

void checkOption(std::string_view name, const OptionKind& kind, const OptionValue& value) {
  if (!fits(kind, value)) refuse("{} takes {}", name, takes(kind));
}

std::string describeOption(std::string_view name, std::string_view description,
                           const OptionKind& kind, const OptionValue& standard) {
  std::optional<std::string> text;
  if (fits(kind, standard)) {
    text = std::visit([&](const auto& each) { return print(each, standard); }, kind);
  }
  std::string out;
  JsonObject(out)
      .field("name", name)
      .field("type", std::visit([](const auto& each) { return typeName(each); }, kind))
      .field("default", text)
      .field("description", fmt::format("{}: {}", description, takes(kind)))
      .close();
  return out;
}

}  // namespace chatbot::base
