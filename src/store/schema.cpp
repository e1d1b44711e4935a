#include "store/schema.h"

#include "database/dialect.h"

namespace chatbot::store {

std::vector<std::string> schemaScripts(const database::Dialect& dialect) {
  const bool isSqlite = dialect.kind() == database::DatabaseKind::sqlite;
  std::string script(dialect.functions());
  script += isSqlite ? sqliteTables() : postgresTables();
  script += dialect.words().table();
  return {std::move(script)};
}

}  // namespace chatbot::store
