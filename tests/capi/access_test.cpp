#include "support.h"

namespace {

using namespace capi_test;

// The answer of the check: 1, 0, or the failure.
std::int32_t check(const Bench& bench, const char* operation, std::string_view row,
                   const char* table = "ChatWorkflow") {
  std::int32_t allowed = 0;
  const chatbot_status status =
      chatbot_access_check(bench.engine.get(), bench.caller.get(), table, operation, row.data(),
                           row.size(), &allowed, nullptr);
  return status == CHATBOT_OK ? allowed : status;
}

TEST_CASE("a row is checked by its mandate and its maker") {
  const Bench bench;
  const char* own = R"({"mandateId": "acme", "_createdBy": "ada"})";
  for (const char* operation : {"read", "create", "update", "delete"}) {
    CAPTURE(operation);
    CHECK(check(bench, operation, own) == 1);
    CHECK(check(bench, operation, R"({"mandateId": "acme", "_createdBy": "bob"})") == 0);
    CHECK(check(bench, operation, R"({"mandateId": "other", "_createdBy": "ada"})") == 0);
    CHECK(check(bench, operation, R"({"mandateId": null, "_createdBy": "ada"})") == 0);
    CHECK(check(bench, operation, "{}") == 0);
  }
}

TEST_CASE("what cannot be checked is refused") {
  const Bench bench;
  for (const char* row : {"", "[]", "oops", R"({"mandateId": 7})", R"({"_createdBy": []})"}) {
    CAPTURE(row);
    CHECK(check(bench, "read", row) == CHATBOT_INVALID_ARGUMENT);
  }
  for (const char* operation : {"", "Read", "remove"}) {
    CAPTURE(operation);
    CHECK(check(bench, operation, "{}") == CHATBOT_INVALID_ARGUMENT);
  }
}

TEST_CASE("the rule that decides is named, or null where there is none") {
  const Bench bench;
  const auto explain = [&](const char* table) {
    Bytes out;
    REQUIRE(chatbot_access_explain(bench.engine.get(), bench.caller.get(), table, "update",
                                   Out(out), nullptr) == CHATBOT_OK);
    return json(out);
  };
  CHECK(explain("ChatWorkflow")["level"] == "m");
  CHECK(explain("ChatWorkflow")["role"] == "user");
  CHECK(explain("ChatWorkflow")["table"] == "*");
  CHECK(explain("ChatWorkflow")["rule"] == 0);
  REQUIRE(chatbot_access_set_rules(bench.engine.get(), "[]", 2, nullptr) == CHATBOT_OK);
  CHECK(explain("ChatWorkflow") ==
        Json{{"level", "n"}, {"role", nullptr}, {"table", nullptr}, {"rule", nullptr}});
}

std::string rulesOf(const Bench& bench) {
  Bytes out;
  REQUIRE(chatbot_access_rules(bench.engine.get(), Out(out), nullptr) == CHATBOT_OK);
  return json(out).dump();
}

TEST_CASE("the rules in force are read, replaced and read again") {
  const Bench bench;
  const Json standard = Json::parse(rulesOf(bench));
  REQUIRE(standard.size() == 4);
  CHECK(standard[0] == Json{{"role", "user"},
                            {"table", "*"},
                            {"read", "m"},
                            {"create", "m"},
                            {"update", "m"},
                            {"delete", "m"}});

  const std::string_view others =
      R"([{"role": "user", "table": "*", "read": "a", "update": null}])";
  REQUIRE(chatbot_access_set_rules(bench.engine.get(), others.data(), others.size(), nullptr) ==
          CHATBOT_OK);
  CHECK(Json::parse(rulesOf(bench)) ==
        Json::parse(R"([{"role": "user", "table": "*", "read": "a"}])"));
  CHECK(chatbot_access_set_rules(bench.engine.get(), "[", 1, nullptr) == CHATBOT_INVALID_ARGUMENT);
  CHECK(Json::parse(rulesOf(bench)).size() == 1);
}

TEST_CASE("a document that does not fit is refused with the place") {
  const Bench bench;
  const auto refusal = [&](std::string_view document) {
    Error error;
    CHECK(chatbot_access_set_rules(bench.engine.get(), document.data(), document.size(),
                                   Out(error)) == CHATBOT_INVALID_ARGUMENT);
    return std::string(chatbot_error_message(error.get()));
  };
  CHECK(refusal(R"([{"role": "user", "table": "*", "read": "x"}])") ==
        "rules[0].read: must be one of n, m, g, a");
  CHECK(refusal("[\n  {role: \"user\"}\n]") == "rules: not valid JSON at line 2, column 4");
}

TEST_CASE("rules that do not fit leave the old ones in force") {
  const Bench bench;
  const char* own = R"({"mandateId": "acme", "_createdBy": "ada"})";
  for (const char* bad : {"", "oops", "{}", "[7]", R"([{"role": "user"}])",
                          R"([{"role": "user", "table": "*", "read": "x"}])"}) {
    CAPTURE(bad);
    CHECK(chatbot_access_set_rules(bench.engine.get(), bad, std::strlen(bad), nullptr) ==
          CHATBOT_INVALID_ARGUMENT);
    CHECK(check(bench, "read", own) == 1);
  }
}

chatbot_status makeIdentity(std::string_view json) {
  Identity made;
  Error error;
  const chatbot_status status =
      chatbot_identity_new(json.data(), json.size(), Out(made), Out(error));
  CHECK((made != nullptr) == (status == CHATBOT_OK));
  CHECK((error != nullptr) == (status != CHATBOT_OK));
  return status;
}

TEST_CASE("an identity is made from JSON") {
  CHECK(makeIdentity(R"({"userId": "ada", "mandateId": "acme", "roles": ["user", "admin"]})") ==
        CHATBOT_OK);
  CHECK(makeIdentity(R"({"userId": "ada", "mandateId": null, "roles": []})") == CHATBOT_OK);
}

TEST_CASE("what is no identity is refused") {
  for (const char* json : {"", "{", "[]", "{}", R"({"userId": "", "mandateId": "", "roles": []})",
                           R"({"userId": 7, "mandateId": "", "roles": []})",
                           R"({"userId": "ada", "mandateId": "", "roles": "user"})",
                           "{\"userId\": \"\xff\", \"mandateId\": \"\", \"roles\": []}"}) {
    CAPTURE(json);
    CHECK(makeIdentity(json) == CHATBOT_INVALID_ARGUMENT);
  }
}

TEST_CASE("two callers of different tenants do not see each other") {
  const Bench bench;
  const Started started = bench.start();
  const std::string stranger = R"({"userId": "ada", "mandateId": "other", "roles": ["user"]})";
  Identity other;
  REQUIRE(chatbot_identity_new(stranger.data(), stranger.size(), Out(other), nullptr) ==
          CHATBOT_OK);
  Bytes detail;
  CHECK(chatbot_detail(bench.engine.get(), bench.caller.get(), started.id.data(), started.id.size(),
                       Out(detail), nullptr) == CHATBOT_OK);
  CHECK(chatbot_detail(bench.engine.get(), other.get(), started.id.data(), started.id.size(),
                       Out(detail), nullptr) == CHATBOT_NOT_FOUND);
}

}  // namespace
