#include "store/workflow_columns.h"

#include <doctest/doctest.h>

#include "database/dialect.h"
#include "database/sqlite/sqlite.h"
#include "support/fixtures.h"

using namespace chatbot;
using namespace chatbot::database;
using namespace chatbot::store;

namespace {

class FoldingDialect final : public Dialect {
 public:
  DatabaseKind kind() const noexcept override { return DatabaseKind::postgres; }
  std::string_view textType() const noexcept override { return "BYTEA"; }
  std::string_view findTable() const noexcept override { return ""; }
  std::string_view functions() const noexcept override { return ""; }
  std::string_view forUpdate() const noexcept override { return ""; }
  std::string_view skipLocked() const noexcept override { return ""; }
  bool countsChanges() const noexcept override { return false; }
  bool hasCheapSavepoints() const noexcept override { return true; }
  bool storesFolded() const noexcept override { return true; }
  const WordIndex& words() const noexcept override { return sqliteDialect().words(); }
};

const SqlValue kNull = std::monostate{};

}  // namespace

TEST_CASE("a workflow's texts are stored folded where they differ from what they are") {
  Workflow workflow = test::newWorkflow(test::user("Ann"), "straße");
  workflow.id = "0199-a";
  const FoldedInsert insert = foldedInsert(FoldingDialect{}, workflow);
  CHECK(insert.columns.text ==
        ", idFolded, mandateIdFolded, nameFolded, workflowModeFolded, createdByFolded");
  const std::vector<SqlValue> expected = {kNull, kNull, "strasse", "chatbot", "ann"};
  CHECK(insert.texts.values == expected);
  CHECK(foldedName(FoldingDialect{}, "ÄRGER").values == std::vector<SqlValue>{"ärger"});
  CHECK(foldedName(FoldingDialect{}, "plain").values == std::vector<SqlValue>{kNull});
}

TEST_CASE("nothing is stored folded where the database can fold") {
  CHECK(foldedInsert(sqliteDialect(), test::newWorkflow(test::user("Ann"))).columns.text.empty());
  CHECK(foldedName(sqliteDialect(), "ÄRGER").text.empty());
}
