// Fields of records as data. Each record has one table of them (model/fields.h), from which its
// JSON, the reader of responders' items, its columns in the database, what clients sort and filter
// by, and its OpenAPI schema are made. So a field is named once.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>

#include "base/json_text.h"

namespace chatbot::model {

// How JSON shows a text that is empty or an optional that has no value. A new field is left out, so
// that clients that do not use it are sent the same bytes as before.
enum class WhenEmpty { shown, null, leftOut };

struct FieldFacts {
  std::string_view name = {};    // in JSON; empty: clients are not shown the field
  std::string_view column = {};  // in the database; empty: as in JSON
  WhenEmpty whenEmpty = WhenEmpty::shown;
  std::optional<std::int64_t> ifAbsent = {};       // shown where an optional has no value
  std::span<const std::string_view> choices = {};  // the texts that fit; empty: all do
  bool isFraction = false;                         // from 0 to 1
  bool isReadBack = true;  // a responder may give it; otherwise the store does

  // For the OpenAPI document alone.
  bool isRequired = false;
  std::string_view format = {};
  std::string_view description = {};
};

template <typename Record, typename T>
struct Field {
  T Record::*member;
  FieldFacts facts;
};

template <typename Record, typename T>
constexpr Field<Record, T> field(T Record::*member, FieldFacts facts) {
  return {member, facts};
}

template <typename... Fields>
constexpr std::tuple<Fields...> table(Fields... fields) {
  return {fields...};
}

// Calls `use` with each field of the table, in order.
template <typename Table, typename Use>
constexpr void forEach(const Table& table, const Use& use) {
  std::apply([&](const auto&... fields) { (use(fields), ...); }, table);
}

constexpr std::string_view columnOf(const FieldFacts& facts) noexcept {
  return facts.column.empty() ? facts.name : facts.column;
}

inline void writeField(base::JsonObject& out, const FieldFacts& facts, std::string_view text) {
  if (!text.empty() || facts.whenEmpty == WhenEmpty::shown) {
    out.field(facts.name, text);
  } else if (facts.whenEmpty == WhenEmpty::null) {
    out.raw(facts.name, "null");
  }
}

inline void writeField(base::JsonObject& out, const FieldFacts& facts, const std::string& text) {
  writeField(out, facts, std::string_view(text));
}

inline void writeField(base::JsonObject& out, const FieldFacts& facts, std::int64_t value) {
  out.field(facts.name, value);
}

inline void writeField(base::JsonObject& out, const FieldFacts& facts, double value) {
  out.field(facts.name, value);
}

inline void writeField(base::JsonObject& out, const FieldFacts& facts, bool value) {
  out.field(facts.name, value);
}

template <typename T>
void writeField(base::JsonObject& out, const FieldFacts& facts, const std::optional<T>& value) {
  if (value) {
    writeField(out, facts, *value);
  } else if (facts.ifAbsent) {
    out.field(facts.name, *facts.ifAbsent);
  } else if (facts.whenEmpty != WhenEmpty::leftOut) {
    out.raw(facts.name, "null");
  }
}

}  // namespace chatbot::model
