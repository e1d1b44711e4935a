// A database, and connections to it, beside those of the store that is tested.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "chatbot/environment.h"
#include "database/database.h"
#include "store/settings.h"

namespace chatbot::test {

inline std::shared_ptr<database::Database> openDatabase(const std::string& path) {
  return database::openDatabase({.path = path}, systemEnvironment(), {});
}

inline std::unique_ptr<database::Connection> connect(const std::string& path) {
  return openDatabase(path)->openWriter();
}

// Makes the store's tables.
inline void makeTables(database::Connection& connection) {
  database::migrate(connection, store::schemaScripts(connection.dialect()));
}

// For as many values as are known at run time; they outlive the rows.
inline database::Rows query(database::Connection& connection, const std::string& sql,
                            std::span<const SqlValue> values) {
  std::vector<database::SqlView> views;
  for (const SqlValue& value : values) views.push_back(database::viewOf(value));
  return database::Rows(connection.open(sql, views));
}

// The one number that a statement gives.
inline std::int64_t number(database::Connection& connection, const std::string& sql) {
  return connection.query(sql).first(database::integerOf).value_or(-1);
}

}  // namespace chatbot::test
