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
  void close() { out_ += '}'; }

 private:
  void begin(std::string_view name);

  std::string& out_;
  bool first_ = true;
};

}  // namespace chatbot::base
