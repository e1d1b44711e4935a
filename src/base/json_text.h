// Writing JSON as text, one field after the other. The hot path pastes text; it builds no tree.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace chatbot::base {

// Appends `text` as a JSON string. Bytes that are not UTF-8 become U+FFFD.
void appendJsonString(std::string& out, std::string_view text);

// Appends a number: never NaN or infinity, which become null. A real always shows a fraction or an
// exponent.
void appendJsonNumber(std::string& out, std::int64_t value);
void appendJsonNumber(std::string& out, double value);

std::string jsonString(std::string_view text);

// Writes an object field by field:  JsonObject(out).field("id", id).field("round", 3).close();
class JsonObject {
 public:
  explicit JsonObject(std::string& out) : out_(out) { out_ += '{'; }

  JsonObject& field(std::string_view name, std::string_view text);
  JsonObject& field(std::string_view name, const char* text) {
    return field(name, std::string_view(text));
  }
  JsonObject& field(std::string_view name, std::int64_t value);
  JsonObject& field(std::string_view name, double value);
  JsonObject& field(std::string_view name, bool value);
  template <typename T>
  JsonObject& field(std::string_view name, const std::optional<T>& value) {
    return value ? field(name, *value) : raw(name, "null");
  }
  // A value that is JSON already.
  JsonObject& raw(std::string_view name, std::string_view json);

  // Begins a field whose value the caller appends to the text that it returns.
  std::string& begin(std::string_view name);

  void close() { out_ += '}'; }

 private:
  std::string& out_;
  bool first_ = true;
};

// Writes an array element by element:  JsonArray list(out); list.raw("1").raw("2").close();
class JsonArray {
 public:
  explicit JsonArray(std::string& out) : out_(out) { out_ += '['; }

  // Begins an element, which the caller appends to the text that it returns.
  std::string& next() {
    if (!first_) out_ += ',';
    first_ = false;
    return out_;
  }

  // An element that is JSON already.
  JsonArray& raw(std::string_view json) {
    next() += json;
    return *this;
  }

  void close() { out_ += ']'; }

 private:
  std::string& out_;
  bool first_ = true;
};

}  // namespace chatbot::base
