#include "store/settings.h"

#include <doctest/doctest.h>

#include "store/migrations.h"
#include "store/sqlite/connection.h"
#include "support/temporary_folder.h"

using namespace chatbot;
using namespace chatbot::store;

namespace {

struct SettingsFixture {
  SettingsFixture() { migrate(*connection); }

  test::TemporaryFolder folder;
  std::unique_ptr<Connection> connection =
      openSqlite({.path = folder.file("a.sqlite")}, SqliteMode::readWrite, {});
};

}  // namespace

TEST_CASE("the version grows by what it is raised by") {
  SettingsFixture fixture;
  CHECK(selectVersion(*fixture.connection) == 0);
  CHECK(raiseVersion(*fixture.connection) == 1);
  CHECK(raiseVersion(*fixture.connection, 2) == 3);
  CHECK(selectVersion(*fixture.connection) == 3);
}

TEST_CASE("the first secret stays") {
  SettingsFixture fixture;
  CHECK(cursorSecret(*fixture.connection, "first") == "first");
  CHECK(cursorSecret(*fixture.connection, "second") == "first");
}

TEST_CASE("rules have a version, and are given to those who know an older one") {
  SettingsFixture fixture;
  CHECK_FALSE(selectRulesAfter(*fixture.connection, 0));
  CHECK(updateRules(*fixture.connection, "[1]") == 1);
  CHECK(updateRules(*fixture.connection, "[2]") == 2);
  const std::optional<StoredRules> rules = selectRulesAfter(*fixture.connection, 1);
  REQUIRE(rules);
  CHECK(rules->version == 2);
  CHECK(rules->json == "[2]");
  CHECK_FALSE(selectRulesAfter(*fixture.connection, 2));
}
