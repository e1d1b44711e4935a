// How a statement is given its values, and how its rows are read.
#include "database/rows.h"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

#include "support/connect.h"
#include "support/database_folder.h"

using namespace chatbot;
using namespace chatbot::database;

namespace {

struct RowsFixture {
  RowsFixture() {
    connection->runScript("CREATE TABLE t (n BIGINT NOT NULL)");
    connection->begin();
    for (int n = 0; n < 5; ++n) connection->run("INSERT INTO t VALUES (?)", n);
  }
  ~RowsFixture() { connection->rollback(); }

  std::vector<std::int64_t> numbers() {
    return connection->query("SELECT n FROM t ORDER BY n").all(integerOf);
  }

  test::DatabaseFolder folder;
  std::unique_ptr<Connection> connection = test::connect(folder.database());
};

}  // namespace

TEST_CASE("each kind of value is bound as what it is") {
  CHECK(viewOf(7) == SqlView(std::int64_t{7}));
  CHECK(viewOf(std::size_t{7}) == SqlView(std::int64_t{7}));
  CHECK(viewOf(1.5) == SqlView(1.5));
  CHECK(viewOf("text") == SqlView(std::string_view("text")));
  CHECK(viewOf(std::monostate{}) == SqlView());
  CHECK(viewOf(std::optional<std::int64_t>(3)) == SqlView(std::int64_t{3}));
  CHECK(viewOf(std::optional<std::int64_t>()) == SqlView());
  const SqlValue text = std::string("owned");
  CHECK(viewOf(text) == SqlView(std::string_view("owned")));
  const std::string borrowed = "borrowed";
  CHECK(std::get<std::string_view>(viewOf(borrowed)).data() == borrowed.data());
}

TEST_CASE("a loop over rows may end early, and the statement begins anew") {
  RowsFixture fixture;
  for (int round = 0; round < 3; ++round) {
    std::vector<std::int64_t> seen;
    for (const Row& row : fixture.connection->query("SELECT n FROM t ORDER BY n")) {
      seen.push_back(row.integer(0));
      if (seen.size() == 2) break;
    }
    CHECK(seen == std::vector<std::int64_t>{0, 1});
  }
  CHECK(fixture.numbers().size() == 5);
}

TEST_CASE("within a loop over rows the same statement can be run, and more than are kept") {
  RowsFixture fixture;
  int seen = 0;
  for (const Row& row : fixture.connection->query("SELECT n FROM t ORDER BY n")) {
    CHECK(row.integer(0) == seen++);
    CHECK(fixture.numbers().size() == 5);
    for (int i = 0; i < 100; ++i) {
      const std::string own = "SELECT " + std::to_string(1000 * seen + i);
      CHECK(fixture.connection->query(own).any());
    }
  }
  CHECK(seen == 5);
}

TEST_CASE("the first row, or nothing; a change runs to its end") {
  RowsFixture fixture;
  Connection& connection = *fixture.connection;
  CHECK(connection.query("SELECT n FROM t WHERE n > ? ORDER BY n", 2).first(integerOf) == 3);
  CHECK_FALSE(connection.query("SELECT n FROM t WHERE n > ?", 9).first(integerOf).has_value());
  CHECK_FALSE(connection.query("SELECT n FROM t WHERE n > ?", 9).any());
  CHECK(connection.query("UPDATE t SET n = n + 10 RETURNING n").first(integerOf) >= 10);
  CHECK(fixture.numbers() == std::vector<std::int64_t>{10, 11, 12, 13, 14});
}
