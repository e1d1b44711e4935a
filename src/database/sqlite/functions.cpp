#include "database/sqlite/functions.h"

#include <sqlite3.h>

#include <exception>
#include <string_view>

#include "base/text_match.h"

namespace chatbot::database {
namespace {

using Match = bool (*)(std::string_view text, std::string_view foldedNeedle);

std::string_view textOf(sqlite3_value* value) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
  return {text, static_cast<std::size_t>(sqlite3_value_bytes(value))};
}

template <Match match>
void call(sqlite3_context* context, int, sqlite3_value** arguments) {
  if (sqlite3_value_type(arguments[0]) == SQLITE_NULL) {
    sqlite3_result_int(context, 0);
    return;
  }
  try {
    sqlite3_result_int(context, match(textOf(arguments[0]), textOf(arguments[1])) ? 1 : 0);
  } catch (const std::exception&) {
    sqlite3_result_error_nomem(context);
  }
}

template <Match match>
int add(sqlite3* database, const char* name) {
  constexpr int kFlags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
  return sqlite3_create_function_v2(database, name, 2, kFlags, nullptr, call<match>, nullptr,
                                    nullptr, nullptr);
}

}  // namespace

int registerFunctions(sqlite3* database) {
  int result = add<base::containsFolded>(database, "chatbot_contains");
  if (result == SQLITE_OK) result = add<base::startsWithFolded>(database, "chatbot_starts_with");
  if (result == SQLITE_OK) result = add<base::endsWithFolded>(database, "chatbot_ends_with");
  return result;
}

}  // namespace chatbot::database
