#include "support.h"

namespace {

using namespace capi_test;

constexpr std::string_view kFruit = R"([
    {"id": "1", "name": "Plum", "weight": 50},
    {"id": "2", "name": "Pear", "weight": 120, "colour": "green"},
    {"id": "3", "name": "Fig", "weight": null}])";
constexpr std::string_view kSchema = R"({"id": "text", "name": "text", "weight": "integer"})";

chatbot_status select(std::string_view rows, std::string_view schema, std::string_view params,
                      Json& page) {
  Bytes out;
  const chatbot_status status =
      chatbot_select(rows.data(), rows.size(), schema.data(), schema.size(), params.data(),
                     params.size(), Out(out), nullptr);
  CHECK((out != nullptr) == (status == CHATBOT_OK));
  page = out == nullptr ? Json() : json(out);
  return status;
}

TEST_CASE("rows are filtered, sorted and paged") {
  Json page;
  REQUIRE(select(kFruit, kSchema, R"({"sort": [{"field": "weight", "direction": "desc"}]})",
                 page) == CHATBOT_OK);
  REQUIRE(page["items"].size() == 3);
  CHECK(page["items"][0]["name"] == "Pear");
  CHECK(page["items"][0]["colour"] == "green");
  CHECK(page["items"][2]["name"] == "Fig");

  REQUIRE(select(kFruit, kSchema, R"({"filters": {"search": "pl"}})", page) == CHATBOT_OK);
  CHECK(page["pagination"]["totalItems"] == 1);
}

TEST_CASE("without parameters the rows come as they are") {
  for (const char* params : {"", "{}"}) {
    Json page;
    REQUIRE(select(kFruit, kSchema, params, page) == CHATBOT_OK);
    CHECK(page["items"] == Json::parse(kFruit));
  }
}

TEST_CASE("without a schema the fields are those of a workflow") {
  Json page;
  const char* byName = R"({"filters": {"name": "Chat"}})";
  REQUIRE(select(R"([{"id": "1", "name": "Chat"}])", "", byName, page) == CHATBOT_OK);
  CHECK(page["items"].size() == 1);
  CHECK(select(kFruit, "", R"({"filters": {"weight": 50}})", page) == CHATBOT_INVALID_ARGUMENT);
}

TEST_CASE("what does not fit is refused") {
  Json page;
  CHECK(select("oops", kSchema, "", page) == CHATBOT_INVALID_ARGUMENT);
  CHECK(select("[7]", kSchema, "", page) == CHATBOT_INVALID_ARGUMENT);
  CHECK(select(kFruit, R"({"id": "poem"})", "", page) == CHATBOT_INVALID_ARGUMENT);
  CHECK(select(kFruit, kSchema, "oops", page) == CHATBOT_INVALID_ARGUMENT);
  CHECK(select(kFruit, kSchema, R"({"page": 0})", page) == CHATBOT_INVALID_ARGUMENT);
}

}  // namespace
