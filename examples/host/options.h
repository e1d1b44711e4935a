// The command line.
#pragma once

#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace host {

struct Options {
  enum class Command { serve, showHelp, showVersion };

  Command command = Command::serve;
  std::string address = "127.0.0.1";
  int port = 8080;  // 0: any free one
  std::string database = "chatbot.sqlite";
  std::string responder;
  std::string rateLimit = "120";
  std::vector<std::pair<std::string, std::string>> settings;  // of the library, by their names
  bool trustIdentityHeaders = false;
};

// One line that names the option which is wrong.
class UsageError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

// `arguments` without the program's name. Throws UsageError.
Options parseOptions(std::span<const char* const> arguments);

extern const char* const kHelp;

}  // namespace host
