#include "base/json_text.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <iterator>

#include "base/text.h"

namespace chatbot::base {
namespace {

// 0: as it is; 'u': as \u00XX; else the letter after the backslash.
constexpr std::array<char, 256> makeEscapes() {
  std::array<char, 256> table{};
  for (std::size_t c = 0; c < 0x20; ++c) table[c] = 'u';
  table['\b'] = 'b';
  table['\f'] = 'f';
  table['\n'] = 'n';
  table['\r'] = 'r';
  table['\t'] = 't';
  table['"'] = '"';
  table['\\'] = '\\';
  return table;
}

constexpr std::array<char, 256> kEscapes = makeEscapes();

void appendEscape(std::string& out, unsigned char c) {
  if (kEscapes[c] == 'u') {
    fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
    return;
  }
  out += '\\';
  out += kEscapes[c];
}

void appendEscaped(std::string& out, std::string_view text) {
  std::size_t plain = 0;  // start of the run that needs no escape
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (kEscapes[c] == 0) continue;
    out.append(text, plain, i - plain);
    appendEscape(out, c);
    plain = i + 1;
  }
  out.append(text, plain);
}

}  // namespace

void appendJsonString(std::string& out, std::string_view text) {
  out += '"';
  if (isUtf8(text)) {
    appendEscaped(out, text);
  } else {
    appendEscaped(out, toUtf8(text));
  }
  out += '"';
}

void appendJsonNumber(std::string& out, std::int64_t value) {
  fmt::format_to(std::back_inserter(out), "{}", value);
}

void appendJsonNumber(std::string& out, double value) {
  if (!std::isfinite(value)) {
    out += "null";
    return;
  }
  const std::size_t start = out.size();
  fmt::format_to(std::back_inserter(out), "{}", value);
  if (out.find_first_of(".e", start) == std::string::npos) out += ".0";
}

std::string jsonString(std::string_view text) {
  std::string out;
  appendJsonString(out, text);
  return out;
}

std::string& JsonObject::begin(std::string_view name) {
  if (!first_) out_ += ',';
  first_ = false;
  out_ += '"';
  out_ += name;
  out_ += "\":";
  return out_;
}

JsonObject& JsonObject::field(std::string_view name, std::string_view text) {
  begin(name);
  appendJsonString(out_, text);
  return *this;
}

JsonObject& JsonObject::field(std::string_view name, std::int64_t value) {
  begin(name);
  appendJsonNumber(out_, value);
  return *this;
}

JsonObject& JsonObject::field(std::string_view name, double value) {
  begin(name);
  appendJsonNumber(out_, value);
  return *this;
}

JsonObject& JsonObject::field(std::string_view name, bool value) {
  return raw(name, value ? "true" : "false");
}

JsonObject& JsonObject::raw(std::string_view name, std::string_view json) {
  begin(name);
  out_ += json;
  return *this;
}

}  // namespace chatbot::base
