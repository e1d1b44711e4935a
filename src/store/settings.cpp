#include "store/settings.h"

#include <array>

namespace chatbot::store {
namespace {

std::int64_t readNumber(Connection& connection, std::string_view sql,
                        std::span<const SqlValue> values) {
  std::int64_t number = 0;
  connection.run(sql, values, [&](const Row& row) {
    number = row.integer(0);
    return true;
  });
  return number;
}

}  // namespace

std::int64_t selectVersion(Connection& connection) {
  return readNumber(connection, "SELECT version FROM workflow_version", {});
}

std::string cursorSecret(Connection& connection, std::string_view fresh) {
  connection.run(
      "INSERT INTO store_setting (name, value) VALUES ('cursorSecret', ?) "
      "ON CONFLICT (name) DO NOTHING",
      std::array{SqlValue(std::string(fresh))});
  std::string secret;
  connection.run("SELECT value FROM store_setting WHERE name = 'cursorSecret'", {},
                 [&](const Row& row) {
                   secret = row.text(0);
                   return true;
                 });
  return secret;
}

std::optional<StoredRules> selectRulesOtherThan(Connection& connection, std::int64_t version) {
  std::optional<StoredRules> rules;
  connection.run("SELECT version, json FROM access_rules WHERE version <> ?",
                 std::array{SqlValue(version)}, [&](const Row& row) {
                   rules = StoredRules{row.integer(0), std::string(row.text(1))};
                   return true;
                 });
  return rules;
}

std::int64_t updateRules(Connection& connection, std::string_view json) {
  return readNumber(connection,
                    "UPDATE access_rules SET version = (random() & 9223372036854775807) | 1, "
                    "json = ? RETURNING version",
                    std::array{SqlValue(std::string(json))});
}

}  // namespace chatbot::store
