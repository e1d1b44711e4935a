#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "chatbot/error.h"
#include "chatbot/store.h"
#include "store/scoped.h"
#include "store/settings.h"
#include "store/workflow_columns.h"
#include "store/workflow_table.h"
#include "support/connect.h"
#include "support/database_folder.h"

using namespace chatbot;

TEST_CASE("until a release there is one script, and it makes all tables, empty") {
  test::DatabaseFolder folder;
  const auto connection = test::connect(folder.database());
  CHECK(store::schemaScripts(connection->dialect()).size() == 1);
  test::makeTables(*connection);
  for (const char* table :
       {"workflow", "workflow_removed", "item", "draft", "draft_piece", "instance", "round_queue",
        "start_key", "store_setting", "message_pending", "message_indexed", "message_text"}) {
    CAPTURE(table);
    CHECK(test::number(*connection, std::string("SELECT count(*) FROM ") + table) == 0);
  }
  CHECK(test::number(*connection, "SELECT version FROM access_rules") == 0);
  const std::string columns(store::workflowColumns());
  CHECK_FALSE(connection->query("SELECT " + columns + " FROM workflow").any());
}

TEST_CASE("a store on a database that an unreleased version has made is refused by name") {
  test::DatabaseFolder folder;
  const std::string path = folder.database();
  const auto open = [&] {
    try {
      Store::open({.path = path}, systemEnvironment(), {});
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::unsupported);
      return std::string(error.what());
    }
    return std::string("opened");
  };
  CHECK(open() == "opened");
  test::connect(path)->run("UPDATE schema_history SET digest = 'another'");
  CHECK(open().starts_with("the database has schema version 1 (another) of an unreleased version"));
}

TEST_CASE("the table workflow has a column for each field, in the fields' order") {
  test::DatabaseFolder folder;
  const auto connection = test::connect(folder.database());
  test::makeTables(*connection);
  const Workflow made = {.id = "w",
                         .mandateId = "acme",
                         .name = "Name",
                         .maxSteps = 7,
                         .createdBy = "alice",
                         .lastSeq = 3};
  store::ScopedConnection rows(*connection, Scope::system());
  REQUIRE(store::insertWorkflow(rows, made, 1));
  const std::optional<Workflow> found = store::selectWorkflow(rows, "w");
  REQUIRE(found);
  CHECK(toJson(*found) == toJson(made));
  CHECK(found->lastSeq == 3);
}
