#include "store/settings.h"

#include <array>

#include "database/dialect.h"

namespace chatbot::store {

std::optional<std::int64_t> selectVersion(database::Connection& connection) {
  if (!connection.dialect().countsChanges()) return std::nullopt;
  std::int64_t version = 0;
  connection.run("SELECT version FROM workflow_version", {}, [&](const database::Row& row) {
    version = row.integer(0);
    return true;
  });
  return version;
}

std::string cursorSecret(database::Connection& connection, std::string_view fresh) {
  connection.run(
      "INSERT INTO store_setting (name, value) VALUES ('cursorSecret', ?) "
      "ON CONFLICT (name) DO NOTHING",
      std::array{SqlValue(std::string(fresh))});
  std::string secret;
  connection.run("SELECT value FROM store_setting WHERE name = 'cursorSecret'", {},
                 [&](const database::Row& row) {
                   secret = row.text(0);
                   return true;
                 });
  return secret;
}

std::optional<StoredRules> selectRulesOtherThan(database::Connection& connection,
                                                std::int64_t version) {
  std::optional<StoredRules> rules;
  connection.run("SELECT version, json FROM access_rules WHERE version <> ?",
                 std::array{SqlValue(version)}, [&](const database::Row& row) {
                   rules = StoredRules{row.integer(0), std::string(row.text(1))};
                   return true;
                 });
  return rules;
}

void updateRules(database::Connection& connection, std::string_view json, std::int64_t version) {
  connection.run("UPDATE access_rules SET version = ?, json = ?",
                 std::array{SqlValue(version), SqlValue(std::string(json))});
}

}  // namespace chatbot::store
