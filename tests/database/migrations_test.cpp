#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "chatbot/error.h"
#include "database/database.h"
#include "support/connect.h"
#include "support/database_folder.h"

using namespace chatbot;
using namespace chatbot::database;
using test::number;

namespace {

using Scripts = std::vector<std::string>;

const Scripts kOne = {"CREATE TABLE pet (name BIGINT); INSERT INTO pet VALUES (1);"};
const Scripts kTwo = {kOne[0], "CREATE TABLE owner (name BIGINT); INSERT INTO pet VALUES (2);"};

std::int64_t versionOf(Connection& connection) {
  return number(connection, "SELECT max(version) FROM schema_history");
}

std::string refusalOf(Connection& connection, const Scripts& scripts) {
  try {
    migrate(connection, scripts);
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::unsupported);
    CHECK_FALSE(connection.inTransaction());
    return error.what();
  }
  return "taken";
}

struct MigrationsFixture {
  test::DatabaseFolder folder;
  std::unique_ptr<Connection> connection = test::connect(folder.database());
};

}  // namespace

TEST_CASE("a new database is made by all scripts; a second run changes nothing") {
  MigrationsFixture fixture;
  migrate(*fixture.connection, kTwo);
  CHECK(versionOf(*fixture.connection) == 2);
  migrate(*fixture.connection, kTwo);
  CHECK(versionOf(*fixture.connection) == 2);
  CHECK(number(*fixture.connection, "SELECT count(*) FROM schema_history") == 2);
  CHECK(number(*fixture.connection, "SELECT count(*) FROM pet") == 2);
}

TEST_CASE("an earlier version is brought up to date, with what it holds") {
  MigrationsFixture fixture;
  migrate(*fixture.connection, kOne);
  CHECK(versionOf(*fixture.connection) == 1);
  fixture.connection->run("UPDATE pet SET name = 7");
  migrate(*fixture.connection, kTwo);
  CHECK(versionOf(*fixture.connection) == 2);
  CHECK(number(*fixture.connection, "SELECT sum(name) FROM pet WHERE name IN (2, 7)") == 9);
  CHECK(number(*fixture.connection, "SELECT count(*) FROM owner") == 0);
}

TEST_CASE("a database of a newer version is refused and left as it is") {
  MigrationsFixture fixture;
  migrate(*fixture.connection, kTwo);
  CHECK(refusalOf(*fixture.connection, kOne) ==
        "the database has schema version 2, this library knows up to 1");
  CHECK(versionOf(*fixture.connection) == 2);
}

TEST_CASE("a database whose scripts had other texts is of an unreleased version, and refused") {
  MigrationsFixture fixture;
  migrate(*fixture.connection, kOne);
  const Scripts edited = {kOne[0] + " -- edited in place", kTwo[1]};
  const std::string refusal = refusalOf(*fixture.connection, edited);
  CAPTURE(refusal);
  CHECK(refusal.starts_with("the database has schema version 1 ("));
  CHECK(refusal.find("of an unreleased version of this library") != std::string::npos);
  CHECK(number(*fixture.connection, "SELECT count(*) FROM pet") == 1);
  CHECK(versionOf(*fixture.connection) == 1);
}

TEST_CASE("a database from before scripts had digests is refused by its version") {
  MigrationsFixture fixture;
  fixture.connection->runScript(
      "CREATE TABLE schema_version (version BIGINT NOT NULL); INSERT INTO schema_version VALUES "
      "(6)");
  CHECK(refusalOf(*fixture.connection, kTwo) ==
        "the database has schema version 6 of an unreleased version of this library");
}

TEST_CASE("a script that fails leaves the database as it was") {
  MigrationsFixture fixture;
  fixture.connection->run("CREATE TABLE owner (other BIGINT)");  // stands in the way
  CHECK_THROWS_AS(migrate(*fixture.connection, kTwo), Error);
  CHECK_FALSE(fixture.connection->inTransaction());
  fixture.connection->run("CREATE TABLE pet (other BIGINT)");  // nothing of that name is left
}

TEST_CASE("many hosts that start at once make the tables once") {
  MigrationsFixture fixture;
  const std::string path = fixture.folder.database();
  std::vector<std::thread> hosts;
  std::atomic<int> made = 0;
  for (int i = 0; i < 8; ++i) {
    hosts.emplace_back([&] {
      migrate(*test::connect(path), kTwo);
      ++made;
    });
  }
  for (std::thread& host : hosts) host.join();
  CHECK(made == 8);
  CHECK(number(*fixture.connection, "SELECT count(*) FROM schema_history") == 2);
  CHECK(number(*fixture.connection, "SELECT count(*) FROM pet") == 2);
}
