// Options by name. A table has one row for each option: its name, its meaning, the values that it
// takes, and the member of an options struct that it sets. The parser, the texts of its refusals,
// the bounds that C++ hosts are held to, and the list of all options come from these rows alone.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

namespace chatbot::base {

// An integer; a time is one in the unit that ends the option's name.
struct Integer {
  std::int64_t minimum;
  std::int64_t maximum;
};

// One of these words, which stand in the order of their enumerators.
struct Choice {
  std::span<const std::string_view> words;
};

// A text. `takes` describes in words what `fits` decides; a null `fits` takes any text.
struct Text {
  const char* takes;
  bool (*fits)(std::string_view text) = nullptr;
};

using OptionKind = std::variant<Integer, Choice, Text>;

// An integer, the index of a word, or a text.
using OptionValue = std::variant<std::int64_t, std::string>;

// How a value gets into an options struct and out of it. A null `get` is for a value that has no
// text form; it is empty by default. `set` may throw Error for a text that does not fit.
template <typename Options>
struct OptionMember {
  void (*set)(Options& options, const OptionValue& value);
  OptionValue (*get)(const Options& options);
};

template <typename Options>
struct Option {
  std::string_view name;
  std::string_view description;
  OptionKind kind;
  OptionMember<Options> member;
};

template <typename Options>
using OptionTable = std::span<const Option<Options>>;

inline constexpr std::int64_t kDayMs = 86'400'000;
inline constexpr std::int64_t kMany = 1'000'000'000;

// The usual bounds of a time in milliseconds, and of a number of things.
inline constexpr Integer kMilliseconds{1, kDayMs};
inline constexpr Integer kCount{1, kMany};

// Reads a value that was given as text. Throws Error (invalidArgument) naming the option and the
// values that it takes.
OptionValue parseOption(std::string_view name, const OptionKind& kind, std::string_view text);

// Throws the same for a value that a C++ host has set itself.
void checkOption(std::string_view name, const OptionKind& kind, const OptionValue& value);

// {"name", "type", "default", "description"}. The default is written as parseOption reads it, or is
// null where it does not fit: such an option must be set.
std::string describeOption(std::string_view name, std::string_view description,
                           const OptionKind& kind, const OptionValue& standard);

// The class that a pointer to a member is for.
template <typename Member>
struct MemberPointer;
template <typename Class, typename Type>
struct MemberPointer<Type Class::*> {
  using Owner = Class;
};

template <auto First, auto... Rest>
auto& memberAt(auto& options) {
  if constexpr (sizeof...(Rest) == 0) {
    return options.*First;
  } else {
    return memberAt<Rest...>(options.*First);
  }
}

inline void assignOption(std::string& member, const OptionValue& value) {
  member = std::get<std::string>(value);
}

template <typename Rep, typename Period>
void assignOption(std::chrono::duration<Rep, Period>& member, const OptionValue& value) {
  member = std::chrono::duration<Rep, Period>(std::get<std::int64_t>(value));
}

template <typename Number>
requires std::is_integral_v<Number> || std::is_enum_v<Number>
void assignOption(Number& member, const OptionValue& value) {
  member = static_cast<Number>(std::get<std::int64_t>(value));
}

inline OptionValue optionValueOf(const std::string& member) { return member; }

template <typename Rep, typename Period>
OptionValue optionValueOf(std::chrono::duration<Rep, Period> member) {
  return std::int64_t{member.count()};
}

template <typename Number>
requires std::is_integral_v<Number> || std::is_enum_v<Number> OptionValue
optionValueOf(Number member) {
  return static_cast<std::int64_t>(member);
}

// A member by its path from the options struct: optionMember<&EngineOptions::store,
// &StoreOptions::path>. Texts, integers, enumerations and durations are converted.
template <auto First, auto... Rest>
inline constexpr OptionMember<typename MemberPointer<decltype(First)>::Owner> optionMember{
    [](auto& options, const OptionValue& value) {
      assignOption(memberAt<First, Rest...>(options), value);
    },
    [](const auto& options) { return optionValueOf(memberAt<First, Rest...>(options)); }};

// Sets one option of a table. False where the table has no option of that name.
template <typename Options>
bool setOption(OptionTable<Options> table, Options& options, std::string_view name,
               std::string_view text) {
  const auto row = std::ranges::find(table, name, &Option<Options>::name);
  if (row == table.end()) return false;
  row->member.set(options, parseOption(row->name, row->kind, text));
  return true;
}

// Throws Error (invalidArgument) for the first member that is out of its option's bounds.
template <typename Options>
void checkOptions(OptionTable<Options> table, const Options& options) {
  for (const Option<Options>& row : table) {
    if (row.member.get != nullptr) checkOption(row.name, row.kind, row.member.get(options));
  }
}

// [{"name", "type", "default", "description"}, …], with the values in `options` as defaults.
template <typename Options>
std::string optionsJson(OptionTable<Options> table, const Options& options) {
  std::string out = "[";
  for (const Option<Options>& row : table) {
    const auto get = row.member.get;
    if (out.size() > 1) out += ',';
    out += describeOption(row.name, row.description, row.kind,
                          get == nullptr ? OptionValue(std::string()) : get(options));
  }
  return out + "]";
}

}  // namespace chatbot::base
