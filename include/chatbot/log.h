/// @file
/// Where the library's log lines go. The library itself never prints.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace chatbot {

enum class LogLevel { debug, info, warning, error };

struct LogField {
  std::string_view name;
  std::string value;
};

/// Called from any thread, with no lock of the library held. Must not throw. The texts are valid
/// during the call. Neither a request's text nor a user's text is ever among them, unless a model
/// server quotes it in an error (see chatbot/openai.h).
using LogFunction =
    std::function<void(LogLevel level, std::string_view message, std::span<const LogField> fields)>;

}  // namespace chatbot
