// What an option by name is made of.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "settings.h"

namespace chatbot::capi {

struct Integer {
  std::int64_t minimum;
  std::int64_t maximum;
  void (*set)(Settings&, std::int64_t);
  std::int64_t (*get)(const Settings&);
};

struct Choice {
  std::span<const std::string_view> words;
  void (*set)(Settings&, std::size_t index);
  std::size_t (*get)(const Settings&);
};

// `set` says whether the text fits, or throws what is wrong with it.
struct Text {
  const char* takes;
  bool (*set)(Settings&, std::string_view);
  std::string (*get)(const Settings&);
};

struct Option {
  const char* name;
  const char* description;
  std::variant<Integer, Choice, Text> kind;
};

inline constexpr std::int64_t kDayMs = 86'400'000;
inline constexpr std::int64_t kMany = 1'000'000'000;

template <auto Part, auto Member>
inline constexpr Integer milliseconds{
    1, kDayMs,
    [](Settings& settings, std::int64_t value) {
      (settings.*Part).*Member = std::chrono::milliseconds(value);
    },
    [](const Settings& settings) {
      return static_cast<std::int64_t>(((settings.*Part).*Member).count());
    }};

template <auto Part, auto Member, std::int64_t Minimum = 1>
inline constexpr Integer count{
    Minimum, kMany,
    [](Settings& settings, std::int64_t value) {
      (settings.*Part).*Member = static_cast<std::size_t>(value);
    },
    [](const Settings& settings) { return static_cast<std::int64_t>((settings.*Part).*Member); }};

// The options of the responder openai.
std::span<const Option> openAiOptions();

}  // namespace chatbot::capi
