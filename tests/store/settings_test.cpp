#include "store/settings.h"

#include <doctest/doctest.h>

#include "support/connect.h"
#include "support/database_folder.h"

using namespace chatbot;
using namespace chatbot::database;
using namespace chatbot::store;

namespace {

struct SettingsFixture {
  SettingsFixture() { test::makeTables(*connection); }

  test::DatabaseFolder folder;
  std::unique_ptr<Connection> connection = test::connect(folder.database());
};

}  // namespace

TEST_CASE("the version grows by each change that lists can filter by, and by no append" *
          doctest::test_suite("sqlite")) {
  SettingsFixture fixture;
  const auto after = [&](const std::string& sql) {
    fixture.connection->runScript(sql.c_str());
    return selectVersion(*fixture.connection);
  };
  CHECK(selectVersion(*fixture.connection) == 0);
  CHECK(after("INSERT INTO workflow VALUES ('a', 'm', 'n', 'running', 'Chatbot', 1, 0, 0, 0, 0, "
              "NULL, 1, 1, 'ann', 1, 1, 0)") == 1);
  CHECK(after("UPDATE workflow SET lastSeq = 2, lastActivity = 2") == 1);
  std::int64_t version = 1;
  for (const Field& field : workflowSchema()) {
    CAPTURE(field.name);
    if (field.name == "lastActivity") continue;
    const std::string& column = field.name == "maxSteps" ? field.name : field.column;
    CHECK(after("UPDATE workflow SET " + column + " = '1'") == ++version);
  }
  CHECK(after("DELETE FROM workflow") == version + 1);
}

TEST_CASE("the first secret stays") {
  SettingsFixture fixture;
  CHECK(cursorSecret(*fixture.connection, "first") == "first");
  CHECK(cursorSecret(*fixture.connection, "second") == "first");
}

TEST_CASE("rules have a version of their own, and are given to those who know another one") {
  SettingsFixture fixture;
  CHECK_FALSE(selectRulesOtherThan(*fixture.connection, 0));
  updateRules(*fixture.connection, "[1]", 7);
  updateRules(*fixture.connection, "[2]", 5);
  const std::optional<store::StoredRules> rules = selectRulesOtherThan(*fixture.connection, 7);
  REQUIRE(rules);
  CHECK(rules->version == 5);
  CHECK(rules->json == "[2]");
  CHECK_FALSE(selectRulesOtherThan(*fixture.connection, 5));
}
