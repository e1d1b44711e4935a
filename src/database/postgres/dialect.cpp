#include "database/postgres/dialect.h"

#include "database/postgres/word_index.h"

namespace chatbot::database {
namespace {

constexpr const char* kFunctions = R"sql(
CREATE FUNCTION chatbot_contains(haystack BYTEA, needle BYTEA) RETURNS BOOLEAN
  LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN position(needle IN haystack) > 0;
CREATE FUNCTION chatbot_starts_with(haystack BYTEA, needle BYTEA) RETURNS BOOLEAN
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN substring(haystack FROM 1 FOR length(needle)) = needle;
CREATE FUNCTION chatbot_ends_with(haystack BYTEA, needle BYTEA) RETURNS BOOLEAN
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN length(haystack) >= length(needle)
    AND substring(haystack FROM length(haystack) - length(needle) + 1) = needle;
)sql";

class PostgresDialect final : public Dialect {
 public:
  DatabaseKind kind() const noexcept override { return DatabaseKind::postgres; }
  std::string_view textType() const noexcept override { return "BYTEA"; }
  std::string_view findTable() const noexcept override {
    return "SELECT 1 WHERE to_regclass(convert_from(?, 'UTF8')) IS NOT NULL";
  }
  std::string_view functions() const noexcept override { return kFunctions; }
  std::string_view forUpdate() const noexcept override { return " FOR UPDATE"; }
  std::string_view skipLocked() const noexcept override { return " SKIP LOCKED"; }
  bool countsChanges() const noexcept override { return false; }
  bool hasCheapSavepoints() const noexcept override { return false; }
  bool storesFolded() const noexcept override { return true; }
  const WordIndex& words() const noexcept override { return postgresWordIndex(); }
};

}  // namespace

const Dialect& postgresDialect() noexcept {
  static const PostgresDialect dialect;
  return dialect;
}

}  // namespace chatbot::database
