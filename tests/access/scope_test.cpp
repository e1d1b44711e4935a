#include <doctest/doctest.h>

#include <random>
#include <string>

#include "chatbot/access.h"
#include "support/memory_database.h"

namespace chatbot {
namespace {

const Identity kAnna{"anna", "north", {}};
const Identity kNoTenant{"anna", "", {}};

TEST_CASE("none reaches no row") {
  const Scope scope(Level::none, kAnna);
  CHECK_FALSE(scope.allows("north", "anna"));
  CHECK(scope.condition().text == "FALSE");
  CHECK(scope.condition().values.empty());
}

TEST_CASE("my reaches the caller's own rows of the caller's mandate") {
  const Scope scope(Level::my, kAnna);
  CHECK(scope.allows("north", "anna"));
  CHECK_FALSE(scope.allows("north", "bert"));
  CHECK_FALSE(scope.allows("south", "anna"));
  CHECK_FALSE(scope.allows("", "anna"));
  CHECK(scope.condition().text == "(mandateId = ? AND createdBy = ?)");
  CHECK(scope.condition().values == std::vector<SqlValue>{"north", "anna"});
}

TEST_CASE("group reaches every row of the caller's mandate and no other") {
  const Scope scope(Level::group, kAnna);
  CHECK(scope.level() == Level::group);
  CHECK(scope.allows("north", "anna"));
  CHECK(scope.allows("north", "bert"));
  CHECK_FALSE(scope.allows("south", "anna"));
  CHECK_FALSE(scope.allows("", "anna"));
  CHECK(scope.condition().text == "mandateId = ?");
  CHECK(scope.condition().values == std::vector<SqlValue>{"north"});
}

TEST_CASE("all crosses mandates") {
  const Scope scope(Level::all, kAnna);
  CHECK(scope.allows("south", "bert"));
  CHECK(scope.condition().text == "TRUE");
  CHECK(scope.condition().values.empty());
}

TEST_CASE("group is my for a caller without a mandate") {
  const Scope scope(Level::group, kNoTenant);
  CHECK(scope.level() == Level::my);
  CHECK(scope.allows("", "anna"));
  CHECK_FALSE(scope.allows("", "bert"));
  CHECK_FALSE(scope.allows("north", "anna"));
}

TEST_CASE("my without a mandate reaches rows without one") {
  const Scope scope(Level::my, kNoTenant);
  CHECK(scope.allows("", "anna"));
  CHECK_FALSE(scope.allows("", "bert"));
  CHECK_FALSE(scope.allows("north", "anna"));
}

TEST_CASE("a caller without a user reaches nothing, whatever the level") {
  const Identity nobody{"", "north", {}};
  for (const Level level : {Level::none, Level::my, Level::group, Level::all}) {
    const Scope scope(level, nobody);
    CHECK_FALSE(scope.allows("north", ""));
    CHECK_FALSE(scope.allows("", ""));
    CHECK(scope.condition().text == "FALSE");
  }
}

TEST_CASE("the system's scope reaches every row") {
  const Scope scope = Scope::system();
  CHECK(scope.level() == Level::all);
  CHECK(scope.allows("north", "anna"));
  CHECK(scope.allows("", ""));
  CHECK(scope.condition().text == "TRUE");
}

TEST_CASE("names that look like SQL are only names") {
  const Identity hostile{"x' OR '1'='1", "north'; --", {}};
  const Scope scope(Level::my, hostile);
  CHECK(scope.condition().text == "(mandateId = ? AND createdBy = ?)");
  CHECK(scope.condition().values == std::vector<SqlValue>{hostile.mandateId, hostile.userId});
}

TEST_CASE("the check of a row and the database's condition agree on random rows") {
  const std::vector<std::string> names = {"",   "anna", "Anna",  "anna ", "a'b", "%", "_",
                                          "\\", "ä",    "a\"--", "NULL",  "0",   "1"};
  std::mt19937 random(20);  // the same rows in every run
  const auto pick = [&] { return names[random() % names.size()]; };

  test::MemoryDatabase database;
  database.run("CREATE TABLE workflow (id INTEGER PRIMARY KEY, mandateId TEXT, createdBy TEXT)");
  std::vector<std::pair<std::string, std::string>> rows;
  for (int i = 0; i < 300; ++i) {
    rows.emplace_back(pick(), pick());
    database.run("INSERT INTO workflow VALUES (?, ?, ?)",
                 {std::int64_t{i}, rows.back().first, rows.back().second});
  }

  std::size_t reached = 0;
  for (int i = 0; i < 2000; ++i) {
    const Scope scope(static_cast<Level>(random() % 4), Identity{pick(), pick(), {}});
    std::vector<std::string> expected;
    for (std::size_t row = 0; row < rows.size(); ++row) {
      if (scope.allows(rows[row].first, rows[row].second)) expected.push_back(std::to_string(row));
    }
    const SqlCondition condition = scope.condition();
    REQUIRE(database.run("SELECT id FROM workflow WHERE " + condition.text + " ORDER BY id",
                         condition.values) == expected);
    reached += expected.size();
  }
  CHECK(reached > 0);
}

}  // namespace
}  // namespace chatbot
