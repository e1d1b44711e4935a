#include "store/migrations.h"

#include <doctest/doctest.h>

#include <array>

#include "chatbot/error.h"
#include "store/sqlite/connection.h"
#include "support/temporary_folder.h"

using namespace chatbot;
using namespace chatbot::store;

namespace {

std::unique_ptr<Connection> open(const std::string& path) {
  return openSqlite({.path = path}, SqliteMode::readWrite, {});
}

std::int64_t number(Connection& connection, std::string_view sql) {
  std::int64_t value = -1;
  connection.run(sql, {}, [&](const Row& row) {
    value = row.integer(0);
    return true;
  });
  return value;
}

}  // namespace

TEST_CASE("a new database gets the schema and its version; a second run changes nothing") {
  test::TemporaryFolder folder;
  const auto connection = open(folder.file("a.sqlite"));
  migrate(*connection);
  const std::int64_t version = number(*connection, "SELECT version FROM schema_version");
  CHECK(version >= 1);
  migrate(*connection);
  CHECK(number(*connection, "SELECT version FROM schema_version") == version);
  CHECK(number(*connection, "SELECT count(*) FROM schema_version") == 1);
  CHECK(number(*connection, "SELECT count(*) FROM workflow") == 0);
}

TEST_CASE("a database of a newer version is refused and left as it is") {
  test::TemporaryFolder folder;
  const auto connection = open(folder.file("a.sqlite"));
  migrate(*connection);
  connection->run("UPDATE schema_version SET version = 1000");
  try {
    migrate(*connection);
    FAIL("it was taken");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::unsupported);
  }
  CHECK_FALSE(connection->inTransaction());
  CHECK(number(*connection, "SELECT version FROM schema_version") == 1000);
}

TEST_CASE("a migration that fails leaves the database as it was") {
  test::TemporaryFolder folder;
  const auto connection = open(folder.file("a.sqlite"));
  connection->run("CREATE TABLE item (other TEXT)");  // stands in the way
  CHECK_THROWS_AS(migrate(*connection), Error);
  CHECK(number(*connection, "SELECT count(*) FROM sqlite_master WHERE name = 'workflow'") == 0);
}

TEST_CASE("a draft that an earlier version has stored keeps its text") {
  test::TemporaryFolder folder;
  const auto connection = open(folder.file("a.sqlite"));
  migrate(*connection);
  // As it was before drafts were stored in pieces.
  connection->runScript(R"sql(
DROP TRIGGER draft_gone; DROP TRIGGER draft_replaced; DROP TABLE draft_piece; DROP TABLE draft;
CREATE TABLE draft (
  workflowId TEXT NOT NULL PRIMARY KEY, round BIGINT NOT NULL, messageId TEXT NOT NULL,
  afterSeq BIGINT NOT NULL, text TEXT NOT NULL, parentMessageId TEXT NOT NULL DEFAULT ''
);
INSERT INTO draft VALUES ('w', 1, 'm', 1, 'hälf', '');
UPDATE schema_version SET version = version - 1;
)sql");
  migrate(*connection);
  CHECK(number(*connection, "SELECT count(*) FROM draft_piece WHERE text = 'hälf'") == 1);
  CHECK(number(*connection, "SELECT bytes FROM draft WHERE workflowId = 'w'") == 5);
}
