// fill: makes a database to measure on.
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "dataset.h"

namespace {

using chatbot::bench::Shape;

constexpr const char* kUsage =
    "fill --db FILE --workflows N [--users U] [--mandates M] [--items I]\n"
    "  Adds N workflows with I items each (0) to a database. Workflow j belongs to the user\n"
    "  u<j mod U> (1), the user u<i> to the mandate m<i mod M> (1). The same numbers make the "
    "same\n"
    "  rows.\n";

using Options = std::map<std::string_view, std::string_view>;

std::int64_t numberOf(const Options& options, std::string_view name, std::int64_t least,
                      std::int64_t fallback) {
  const auto option = options.find(name);
  if (option == options.end()) return fallback;
  const std::string_view text = option->second;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < least) {
    throw std::invalid_argument(std::string(name) + " must be a number from " +
                                std::to_string(least) + " on");
  }
  return number;
}

Options optionsOf(int count, char** arguments) {
  Options options = {{"--db", ""}, {"--workflows", ""}};
  for (int i = 1; i + 1 < count; i += 2) options.insert_or_assign(arguments[i], arguments[i + 1]);
  if (count % 2 == 0 || options["--db"].empty() || options["--workflows"].empty()) {
    throw std::invalid_argument("--db and --workflows are needed");
  }
  return options;
}

void run(int count, char** arguments) {
  const Options options = optionsOf(count, arguments);
  const Shape shape{.workflows = numberOf(options, "--workflows", 0, 0),
                    .users = numberOf(options, "--users", 1, 1),
                    .mandates = numberOf(options, "--mandates", 1, 1),
                    .items = numberOf(options, "--items", 0, 0)};
  const auto store =
      chatbot::Store::open({.path = std::string(options.at("--db"))}, chatbot::systemEnvironment());
  fill(*store, shape);
}

}  // namespace

int main(int count, char** arguments) {
  try {
    run(count, arguments);
    return EXIT_SUCCESS;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "fill: %s\n%s", error.what(), kUsage);
    return EXIT_FAILURE;
  }
}
