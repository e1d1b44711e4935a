#include "database/postgres/translation.h"

#include <fmt/format.h>

#include <iterator>

namespace chatbot::database {

std::string toPostgres(std::string_view sql) {
  std::string out;
  out.reserve(sql.size() + sql.size() / 8);
  int values = 0;
  bool inQuotes = false;
  for (const char c : sql) {
    if (c == '\'') inQuotes = !inQuotes;
    if (c == '?' && !inQuotes) {
      fmt::format_to(std::back_inserter(out), "${}", ++values);
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace chatbot::database
