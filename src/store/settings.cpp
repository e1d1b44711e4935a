#include "store/settings.h"

#include "database/dialect.h"

namespace chatbot::store {

std::optional<std::int64_t> selectVersion(database::Connection& connection) {
  if (!connection.dialect().countsChanges()) return std::nullopt;
  return connection.query("SELECT version FROM workflow_version").first(database::integerOf);
}

std::string cursorSecret(database::Connection& connection, std::string_view fresh) {
  connection.run(
      "INSERT INTO store_setting (name, value) VALUES ('cursorSecret', ?) "
      "ON CONFLICT (name) DO NOTHING",
      fresh);
  return connection.query("SELECT value FROM store_setting WHERE name = 'cursorSecret'")
      .first(database::textOf)
      .value();
}

std::optional<StoredRules> selectRulesOtherThan(database::Connection& connection,
                                                std::int64_t version) {
  return connection.query("SELECT version, json FROM access_rules WHERE version <> ?", version)
      .first([](const database::Row& row) {
        return StoredRules{row.integer(0), std::string(row.text(1))};
      });
}

void updateRules(database::Connection& connection, std::string_view json, std::int64_t version) {
  connection.run("UPDATE access_rules SET version = ?, json = ?", version, json);
}

std::vector<std::string> schemaScripts(const database::Dialect& dialect) {
  const bool isSqlite = dialect.kind() == database::DatabaseKind::sqlite;
  std::string script(dialect.functions());
  script += isSqlite ? sqliteTables() : postgresTables();
  script += dialect.words().table();
  return {std::move(script)};
}

}  // namespace chatbot::store
