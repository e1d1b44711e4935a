#include "openai/server_error.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/json_input.h"
#include "base/text.h"

namespace chatbot::openai {
namespace {

using base::Json;
using base::memberOf;
using Cause = ServerError::Cause;

constexpr std::size_t kMaxIdentifier = 64;
constexpr std::size_t kMaxWords = 4096;

struct Sign {
  std::string_view text;  // in lower case
  Cause cause;
};

// The codes and types of errors, as they are.
constexpr auto kCodes = std::to_array<Sign>({
    {"invalid_api_key", Cause::key},
    {"authentication_error", Cause::key},
    {"permission_denied", Cause::key},
    {"model_not_found", Cause::model},
    {"context_length_exceeded", Cause::tooLong},
    {"exceed_context_size_error", Cause::tooLong},
    {"context_window_exceeded", Cause::tooLong},
    {"string_above_max_length", Cause::tooLong},
    {"request_too_large", Cause::tooLong},
    {"insufficient_quota", Cause::quota},
    {"billing_hard_limit_reached", Cause::quota},
    {"insufficient_balance", Cause::quota},
});

// Within the sentences of servers that have no code for it.
constexpr auto kPhrases = std::to_array<Sign>({
    {"context length", Cause::tooLong},
    {"context size", Cause::tooLong},
    {"context window", Cause::tooLong},
    {"prompt is too long", Cause::tooLong},
    {"input is too long", Cause::tooLong},
    {"too many tokens", Cause::tooLong},
    {"maximum number of tokens", Cause::tooLong},
    {"reduce the length", Cause::tooLong},
    {"insufficient balance", Cause::quota},
});

struct StatusCause {
  long status;
  Cause cause;
};

constexpr auto kStatuses = std::to_array<StatusCause>({{401, Cause::key},
                                                       {402, Cause::quota},
                                                       {403, Cause::key},
                                                       {404, Cause::model},
                                                       {413, Cause::tooLong}});

// Where servers write the code, the first that is there counts.
constexpr auto kCodeNames =
    std::to_array<std::string_view>({"code", "error_code", "status_code", "status"});
constexpr auto kWordNames =
    std::to_array<std::string_view>({"message", "msg", "detail", "error_msg", "status_msg"});

// Whether a member says anything: null, false, 0 and what is empty say nothing.
bool saysAnything(const Json& value) {
  if (value.is_number()) return value != 0;
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_string()) return !value.get_ref<const std::string&>().empty();
  return std::ranges::any_of(value, saysAnything);  // null has no elements
}

bool isText(const Json& value, std::string_view text) {
  return value.is_string() && value.get_ref<const std::string&>() == text;
}

// A number or a text, as text.
std::string codeOf(const Json& object) {
  for (const std::string_view name : kCodeNames) {
    const Json& code = memberOf(object, name);
    if (code.is_number_integer()) return code.dump();
    if (code.is_string()) return identifierIn(code.get_ref<const std::string&>());
  }
  return {};
}

long statusIn(std::string_view code) {
  long status = 0;
  const char* const end = code.data() + code.size();
  const bool isNumber = std::from_chars(code.data(), end, status).ptr == end;
  return isNumber && status >= 400 && status < 600 ? status : 0;
}

void addWords(std::string& words, const Json& value) {
  if (words.size() > kMaxWords) return;
  if (value.is_string()) words.append(value.get_ref<const std::string&>()).append(" ");
  if (value.is_structured()) {
    for (const Json& part : value) addWords(words, part);
  }
}

std::string wordsOf(const Json& error) {
  std::string words;
  if (!error.is_object()) addWords(words, error);
  if (!error.is_object()) return words;
  for (const std::string_view name : kWordNames) addWords(words, memberOf(error, name));
  return words;
}

template <std::size_t Size>
const Sign* signAs(const std::array<Sign, Size>& signs, std::string_view text) {
  const auto found = std::ranges::find(signs, text, &Sign::text);
  return found == signs.end() ? nullptr : &*found;
}

Cause causeOfStatus(long status) {
  const auto found = std::ranges::find(kStatuses, status, &StatusCause::status);
  return found == kStatuses.end() ? Cause::other : found->cause;
}

Cause causeOf(const ServerError& error, std::string_view words) {
  for (const std::string* const name : {&error.code, &error.type}) {
    if (const Sign* const sign = signAs(kCodes, base::foldCase(*name))) return sign->cause;
  }
  const std::string folded = base::foldCase(words.substr(0, kMaxWords));
  for (const Sign& phrase : kPhrases) {
    if (folded.find(phrase.text) != std::string::npos) return phrase.cause;
  }
  return causeOfStatus(error.status);
}

ServerError errorFrom(const Json& error) {
  ServerError read;
  if (error.is_object()) {
    read.code = codeOf(error);
    read.status = statusIn(read.code);
    const Json& type = memberOf(error, "type");
    if (type.is_string()) read.type = identifierIn(type.get_ref<const std::string&>());
  }
  read.cause = causeOf(read, wordsOf(error));
  return read;
}

// The error within an object that has one: some servers wrap it, and some a list of them.
const Json& innerError(const Json& object) {
  for (const char* const name : {"error", "errors", "base_resp", "detail"}) {
    const Json* inner = &memberOf(object, name);
    if (inner->is_array() && !inner->empty()) inner = &inner->front();
    if (inner->is_object() || (inner->is_string() && saysAnything(*inner))) return *inner;
  }
  return object;
}

}  // namespace

std::optional<ServerError> errorIn(const Json& object) {
  const Json& result = memberOf(object, "base_resp");  // MiniMax: of each event
  const bool isBad = result.is_object() && saysAnything(memberOf(result, "status_code"));
  const bool isError =
      saysAnything(memberOf(object, "error")) || saysAnything(memberOf(object, "error_code")) ||
      isText(memberOf(object, "object"), "error") || isText(memberOf(object, "type"), "error") ||
      memberOf(object, "success") == false || isBad;
  return isError ? std::optional(errorOfDocument(object)) : std::nullopt;
}

ServerError errorOfDocument(const Json& document) {
  const Json& inner = innerError(document);
  ServerError error = errorFrom(inner);
  const ServerError outer = &inner == &document ? error : errorFrom(document);
  if (error.code.empty()) error.code = outer.code;
  if (error.status == 0) error.status = outer.status;
  if (error.cause == Cause::other) error.cause = outer.cause;
  return error;
}

ServerError errorOfBody(std::string_view body, long status) {
  std::optional<Json> parsed = base::parseJson(body);
  if (parsed && parsed->is_array() && !parsed->empty()) parsed = Json(parsed->front());  // Gemini
  ServerError error;
  if (parsed && parsed->is_object()) error = errorOfDocument(*parsed);
  error.status = status;
  if (error.cause == Cause::other) error.cause = causeOf(error, body);
  return error;
}

bool namesMember(std::string_view body, std::string_view member) {
  return body.find(member) != std::string_view::npos;
}

std::string identifierIn(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_-.:").find(c) != std::string_view::npos;
  };
  return text.size() <= kMaxIdentifier && std::ranges::all_of(text, fits) ? std::string(text)
                                                                          : std::string();
}

}  // namespace chatbot::openai
