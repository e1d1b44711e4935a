#include "options.h"

#include <charconv>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <utility>

namespace host {

const char* const kHelp =
    R"(chatbot-host serves chatbots and a web page to use them with.

  --listen ADDRESS:PORT     where to listen; port 0 takes any free one (127.0.0.1:8080)
  --db DATABASE             an SQLite file, made if it is not there, or a PostgreSQL database's
                            URL, as postgres://user@host/name (chatbot.sqlite)
  --responder NAME          who answers: echo; openai, a model server; or script, for tests
                            (openai where OPENAI_BASE_URL is set, else echo)
  --set OPTION=VALUE        an option of the library, as leaseMs=3000; may be given several times
  --rate-limit N            requests a minute of one user to one operation; 0: no limit (120)
  --trust-identity-headers  take the caller from X-User-Id, X-Mandate-Id and X-Roles, as an
                            authenticating proxy sets them; without it everyone is the demo user
  --help, --version

The responder openai asks the server at OPENAI_BASE_URL, such as http://127.0.0.1:11434/v1, for the
model OPENAI_MODEL, with the key OPENAI_API_KEY if it is set.
)";

namespace {

// The arguments that have not been looked at yet.
class Arguments {
 public:
  explicit Arguments(std::span<const char* const> all) : left_(all) {}

  std::optional<std::string_view> next() {
    if (left_.empty()) return std::nullopt;
    const std::string_view first = left_.front();
    left_ = left_.subspan(1);
    return first;
  }

  std::string valueOf(std::string_view option) {
    const auto value = next();
    if (!value || value->empty()) throw UsageError(std::string(option) + " needs a value");
    return std::string(*value);
  }

 private:
  std::span<const char* const> left_;
};

int parseNumber(std::string_view option, std::string_view text, int max) {
  int number = -1;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error == std::errc() && rest == end && number >= 0 && number <= max) return number;
  throw UsageError(std::string(option) + ": '" + std::string(text) +
                   "' is not a number from 0 to " + std::to_string(max));
}

void parseListen(const std::string& value, Options& options) {
  const auto colon = value.rfind(':');
  if (colon == std::string::npos || colon == 0) {
    throw UsageError("--listen: '" + value + "' is not ADDRESS:PORT");
  }
  options.port = parseNumber("--listen", std::string_view(value).substr(colon + 1), 65535);
  options.address = value.substr(0, colon);
  const bool bracketed = options.address.front() == '[' && options.address.back() == ']';
  if (bracketed) options.address = options.address.substr(1, options.address.size() - 2);
}

std::pair<std::string, std::string> parseSetting(std::string_view option,
                                                 const std::string& value) {
  const auto equals = value.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw UsageError(std::string(option) + ": '" + value + "' is not OPTION=VALUE");
  }
  return {value.substr(0, equals), value.substr(equals + 1)};
}

std::string parseResponder(const std::string& value) {
  if (value == "echo" || value == "openai" || value == "script") return value;
  throw UsageError("--responder: '" + value + "' is none of echo, openai and script");
}

std::string standardResponder() {
  const char* const server = std::getenv("OPENAI_BASE_URL");
  return server != nullptr && *server != '\0' ? "openai" : "echo";
}

void parseOption(std::string_view option, Arguments& arguments, Options& options) {
  if (option == "--listen") {
    parseListen(arguments.valueOf(option), options);
  } else if (option == "--db") {
    options.database = arguments.valueOf(option);
  } else if (option == "--responder") {
    options.responder = parseResponder(arguments.valueOf(option));
  } else if (option == "--set") {
    options.settings.push_back(parseSetting(option, arguments.valueOf(option)));
  } else if (option == "--rate-limit") {
    options.rateLimit =
        std::to_string(parseNumber(option, arguments.valueOf(option), 1'000'000'000));
  } else if (option == "--trust-identity-headers") {
    options.trustIdentityHeaders = true;
  } else if (option == "--help") {
    options.command = Options::Command::showHelp;
  } else if (option == "--version") {
    options.command = Options::Command::showVersion;
  } else {
    throw UsageError("unknown option '" + std::string(option) + "'");
  }
}

}  // namespace

Options parseOptions(std::span<const char* const> arguments) {
  Options options;
  options.responder = standardResponder();
  Arguments left(arguments);
  while (const auto option = left.next()) parseOption(*option, left, options);
  return options;
}

}  // namespace host
