#include "database/postgres/translation.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace chatbot::database {
namespace {

constexpr std::array<std::string_view, 3> kMatches = {"chatbot_contains(", "chatbot_starts_with(",
                                                      "chatbot_ends_with("};

// A status has no other case.
bool isStoredFolded(std::string_view column) { return column != "status"; }

std::string foldedColumn(std::string_view column) {
  if (!isStoredFolded(column)) return std::string(column);
  return fmt::format("coalesce({0}Folded, {0})", column);
}

class Translation {
 public:
  explicit Translation(std::string_view sql) : rest_(sql) {}

  std::string text() && {
    while (!rest_.empty()) {
      if (!takeMatch()) takeCharacter();
    }
    return std::move(out_);
  }

 private:
  bool takeMatch() {
    const auto match = std::ranges::find_if(
        kMatches, [&](std::string_view name) { return !inQuotes_ && rest_.starts_with(name); });
    if (match == kMatches.end()) return false;
    rest_.remove_prefix(match->size());
    const std::string_view column = rest_.substr(0, rest_.find(','));
    rest_.remove_prefix(column.size());
    out_ += *match;
    out_ += foldedColumn(column);
    return true;
  }

  void takeCharacter() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    if (c == '\'') inQuotes_ = !inQuotes_;
    if (c == '?' && !inQuotes_) {
      out_ += fmt::format("${}", ++values_);
    } else {
      out_ += c;
    }
  }

  std::string_view rest_;
  std::string out_;
  int values_ = 0;
  bool inQuotes_ = false;
};

}  // namespace

std::string toPostgres(std::string_view sql) { return Translation(sql).text(); }

}  // namespace chatbot::database
