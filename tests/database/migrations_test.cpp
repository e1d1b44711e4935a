#include "database/migrations.h"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "chatbot/error.h"
#include "support/connect.h"
#include "support/database_folder.h"

using namespace chatbot;
using namespace chatbot::database;

using test::number;

TEST_CASE("a new database gets the schema and its version; a second run changes nothing") {
  test::DatabaseFolder folder;
  const auto connection = test::connect(folder.database());
  migrate(*connection);
  const std::int64_t version = number(*connection, "SELECT version FROM schema_version");
  CHECK(version >= 1);
  migrate(*connection);
  CHECK(number(*connection, "SELECT version FROM schema_version") == version);
  CHECK(number(*connection, "SELECT count(*) FROM schema_version") == 1);
  CHECK(number(*connection, "SELECT count(*) FROM workflow") == 0);
}

TEST_CASE("a database of a newer version is refused and left as it is") {
  test::DatabaseFolder folder;
  const auto connection = test::connect(folder.database());
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
  test::DatabaseFolder folder;
  const auto connection = test::connect(folder.database());
  connection->run("CREATE TABLE item (other TEXT)");  // stands in the way
  CHECK_THROWS_AS(migrate(*connection), Error);
  connection->run("CREATE TABLE workflow (other TEXT)");  // nothing of that name is left
}

TEST_CASE("many hosts that start at once make the tables once") {
  test::DatabaseFolder folder;
  const std::string path = folder.database();
  std::vector<std::thread> hosts;
  std::atomic<int> made = 0;
  for (int i = 0; i < 8; ++i) {
    hosts.emplace_back([&] {
      migrate(*test::connect(path));
      ++made;
    });
  }
  for (std::thread& host : hosts) host.join();
  CHECK(made == 8);
  const auto connection = test::connect(path);
  CHECK(number(*connection, "SELECT count(*) FROM schema_version") == 1);
  CHECK(number(*connection, "SELECT count(*) FROM access_rules") == 1);
}

TEST_CASE("a draft that an earlier version has stored keeps its text" *
          doctest::test_suite("sqlite")) {
  test::DatabaseFolder folder;
  const auto connection = test::connect(folder.database());
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
