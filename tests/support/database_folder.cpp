#include "support/database_folder.h"

#include <sqlite3.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <stdexcept>

#ifdef CHATBOT_HAS_POSTGRES
#include <libpq-fe.h>
#endif

namespace chatbot::test {
namespace {

#ifdef CHATBOT_HAS_POSTGRES

void runOnPostgres(const std::string& url, const std::string& sql) {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(url.c_str()), PQfinish);
  PQsetNoticeProcessor(
      connection.get(), [](void*, const char*) {}, nullptr);
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection.get(), sql.c_str()),
                                                             PQclear);
  const ExecStatusType status = PQresultStatus(result.get());
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return;
  throw std::runtime_error(PQerrorMessage(connection.get()));
}

#else

void runOnPostgres(const std::string&, const std::string&) {
  throw std::runtime_error("this build has no PostgreSQL");
}

#endif

void runOnSqlite(const std::string& path, const std::string& sql) {
  sqlite3* database = nullptr;
  const int opened = sqlite3_open(path.c_str(), &database);
  const std::unique_ptr<sqlite3, decltype(&sqlite3_close)> owned(database, sqlite3_close);
  sqlite3_busy_timeout(database, 5000);
  const bool done = opened == SQLITE_OK &&
                    sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK;
  if (!done) throw std::runtime_error(sqlite3_errmsg(database));
}

std::string newSchema(const std::string& name) {
  static std::atomic<int> count = 0;
  return "t" + std::to_string(getpid()) + "_" + std::to_string(++count) + "_" + name;
}

}  // namespace

DatabaseFolder::~DatabaseFolder() {
  for (const auto& [name, schema] : schemas_) {
    runOnPostgres(postgresServer(), "DROP SCHEMA " + schema + " CASCADE");
  }
}

std::string DatabaseFolder::database(const std::string& name) {
  const std::string server = postgresServer();
  if (server.empty()) return file(name + ".sqlite");
  std::string& schema = schemas_[name];
  if (schema.empty()) {
    schema = newSchema(name);
    runOnPostgres(server, "CREATE SCHEMA " + schema);
  }
  return server + "&options=-csearch_path%3D" + schema;
}

void runOutside(const std::string& path, const std::string& sql) {
  path.starts_with("postgres") ? runOnPostgres(path, sql) : runOnSqlite(path, sql);
}

}  // namespace chatbot::test
