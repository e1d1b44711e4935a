#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "chatbot/query.h"
#include "support/memory_database.h"
#include "support/refusal.h"

namespace chatbot {
namespace {

std::string refusalOf(std::string_view json) {
  return test::refusalOf([&] { parseSchema(json); });
}

TEST_CASE("the schema of workflows has the fields of ChatWorkflow") {
  std::vector<std::string> names;
  for (const Field& field : workflowSchema()) names.push_back(field.name);
  CHECK(names == std::vector<std::string>{"id", "mandateId", "name", "status", "workflowMode",
                                          "currentRound", "currentTask", "currentAction",
                                          "totalTasks", "totalActions", "maxSteps", "startedAt",
                                          "lastActivity", "_createdBy", "_createdAt"});
}

TEST_CASE("workflows' columns have the fields' names, but for the makers and the default") {
  for (const Field& field : workflowSchema()) {
    if (field.name == "maxSteps") {
      CHECK(field.column == "coalesce(maxSteps, 10)");
      CHECK(field.ifNull == SqlValue{std::int64_t{10}});
    } else if (field.name.front() == '_') {
      CHECK("_" + field.column == field.name);
    } else {
      CHECK(field.column == field.name);
    }
    CHECK_FALSE(field.nullable);
  }
}

TEST_CASE("a field is found by its name alone") {
  const Field* field = findField(workflowSchema(), "_createdBy");
  REQUIRE(field != nullptr);
  CHECK(field->column == "createdBy");
  CHECK(findField(workflowSchema(), "createdBy") == nullptr);
  CHECK(findField(workflowSchema(), "NAME") == nullptr);
  CHECK(findField(workflowSchema(), "") == nullptr);
}

TEST_CASE("a schema is read from JSON") {
  const Schema schema = parseSchema(R"({"id": "text", "size": "integer", "price": "real"})");
  REQUIRE(schema.size() == 3);
  CHECK(findField(schema, "id")->type == FieldType::text);
  CHECK(findField(schema, "size")->type == FieldType::integer);
  CHECK(findField(schema, "price")->type == FieldType::real);
  CHECK(std::ranges::all_of(schema, &Field::nullable));
}

TEST_CASE("a field's name that looks like SQL is a column's name and nothing else") {
  const Schema schema = parseSchema(R"({"id": "text", "a\"; DROP TABLE t; --": "integer"})");
  const std::string column = findField(schema, "a\"; DROP TABLE t; --")->column;
  CHECK(column == "\"a\"\"; DROP TABLE t; --\"");
  test::MemoryDatabase database;
  database.run("CREATE TABLE t (" + column + " INTEGER)");
  database.run("INSERT INTO t VALUES (7)");
  CHECK(database.run("SELECT " + column + " FROM t") == std::vector<std::string>{"7"});
}

TEST_CASE("a schema that does not fit is refused, and the field is named") {
  CHECK(refusalOf("") == "schema must be valid JSON");
  CHECK(refusalOf("[]") == "schema must be an object");
  CHECK(refusalOf("{}") == "schema must have a field named \"id\"");
  CHECK(refusalOf(R"({"name": "text"})") == "schema must have a field named \"id\"");
  CHECK(refusalOf(R"({"id": "string"})") ==
        "schema: the type of \"id\" must be text, integer or real");
  CHECK(refusalOf(R"({"id": "text", "n": 1})") ==
        "schema: the type of \"n\" must be text, integer or real");
  CHECK(refusalOf(R"({"id": "text", "": "text"})") ==
        "schema: the name of a field must not be empty");
  CHECK(refusalOf(R"({"id": "text", "a\nb": "text"})") ==
        "schema: \"a\\nb\" must not have control characters");
  CHECK(refusalOf(R"({"id": "text", "search": "text"})") ==
        "schema: the name \"search\" is taken by the filter of that name");
  CHECK(refusalOf(R"({"id": "text", "searchIn": "text"})") ==
        "schema: the name \"searchIn\" is taken by the filter of that name");
}

}  // namespace
}  // namespace chatbot
