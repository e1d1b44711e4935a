#include <doctest/doctest.h>

#include <random>
#include <string>

#include "chatbot/access.h"
#include "support/refusal.h"

namespace chatbot {
namespace {

std::string refusalOfRules(std::string_view json) {
  return test::refusalOf([&] { RuleSet::fromJson(json); });
}

// The rule alone stands at place 1.
std::string refusalOfRule(const std::string& json) {
  return refusalOfRules(R"([{"role": "a", "table": "*"}, )" + json + "]");
}

TEST_CASE("rules are read from JSON, and what a rule leaves out is left to the rule for all") {
  const RuleSet rules = RuleSet::fromJson(R"([
      {"role": "clerk", "table": "*", "read": "a", "create": "g", "update": "m", "delete": "n"},
      {"role": "clerk", "table": "ChatWorkflow", "read": "g", "delete": null}])");
  const Identity clerk{"anna", "north", {"clerk"}};
  const auto level = [&](Operation operation) {
    return toText(rules.decide(clerk, kWorkflowTable, operation).level);
  };
  CHECK(level(Operation::read) == "g");
  CHECK(level(Operation::create) == "g");
  CHECK(level(Operation::update) == "m");
  CHECK(level(Operation::remove) == "n");
  CHECK(toText(rules.decide(clerk, "Other", Operation::read).level) == "a");
}

TEST_CASE("an empty list of rules allows nothing") {
  const RuleSet rules = RuleSet::fromJson("[]");
  const Identity admin{"anna", "north", {"sysadmin"}};
  CHECK(rules.decide(admin, kWorkflowTable, Operation::read).level == Level::none);
}

TEST_CASE("rules that do not fit are refused, and the place is named") {
  CHECK(refusalOfRules("{}") == "rules must be a list");
  CHECK(refusalOfRule("7") == "rules[1]: must be an object");
  CHECK(refusalOfRule(R"({"table": "T"})") == "rules[1].role: must be a string");
  CHECK(refusalOfRule(R"({"role": "a", "table": null})") == "rules[1].table: must be a string");
  CHECK(refusalOfRule(R"({"role": "", "table": "T"})") == "rules[1].role: must not be empty");
  CHECK(refusalOfRule(R"({"role": "a", "table": ""})") == "rules[1].table: must not be empty");
  CHECK(refusalOfRule(R"({"role": "a", "table": "T", "read": "x"})") ==
        "rules[1].read: must be one of n, m, g, a");
  CHECK(refusalOfRule(R"({"role": "a", "table": "T", "create": "M"})") ==
        "rules[1].create: must be one of n, m, g, a");
  CHECK(refusalOfRule(R"({"role": "a", "table": "T", "update": ""})") ==
        "rules[1].update: must be one of n, m, g, a");
  CHECK(refusalOfRule(R"({"role": "a", "table": "T", "delete": true})") ==
        "rules[1].delete: must be one of n, m, g, a");
  CHECK(refusalOfRule(R"({"role": "a", "table": "*"})") ==
        "rules[1]: has the role and the table of rules[0]");
}

TEST_CASE("a misspelt operation is refused rather than left to another rule") {
  CHECK(refusalOfRule(R"({"role": "a", "table": "T", "raed": "n"})") ==
        "rules[1]: unknown key \"raed\"");
  CHECK(refusalOfRule(R"({"role": "a", "table": "T", "a\nb": "n"})") ==
        "rules[1]: unknown key \"a\\nb\"");
}

TEST_CASE("where the document is not JSON, its line and column are named") {
  CHECK(refusalOfRules("") == "rules: not valid JSON at line 1, column 1");
  CHECK(refusalOfRules("[{]") == "rules: not valid JSON at line 1, column 3");
  CHECK(refusalOfRules("[\n  {\"role\": \"ä\",\n   'table': \"*\"}\n]") ==
        "rules: not valid JSON at line 3, column 4");
  CHECK(refusalOfRules("[{\"role\": \"a\",\n\"table\": \"*\"}") ==
        "rules: not valid JSON at line 2, column 14");
  CHECK(refusalOfRules("\n[\"\xFF\"]") == "rules: not valid JSON at line 2, column 3");
  CHECK(refusalOfRules("\n" + std::string(100, '[')) ==
        "rules: not valid JSON at line 2, column 65");
}

TEST_CASE("a key that comes twice in a rule is refused, whatever its values") {
  CHECK(refusalOfRule(R"({"role": "b", "table": "T", "read": "n", "read": "a"})") ==
        "rules[1]: has a key twice");
  CHECK(refusalOfRule(R"({"role": "b", "table": "T", "read": "n", "read": null})") ==
        "rules[1]: has a key twice");
  CHECK(refusalOfRule(R"({"role": "b", "table": "T", "table": "T"})") ==
        "rules[1]: has a key twice");
  CHECK(refusalOfRule(R"({"role": "b", "role": "c", "table": "T", "read": "m"})") ==
        "rules[1]: has a key twice");
  CHECK(refusalOfRule(R"({"role": "b", "table": "T", "re\u0061d": "n", "read": "a"})") ==
        "rules[1]: has a key twice");
}

TEST_CASE("commas and brackets in names are no keys") {
  CHECK(refusalOfRule(R"({"role": "a,b,\"{,", "table": "[],{", "read": "m"})") == "accepted");
  CHECK(refusalOfRule(R"( {"role": "b", "table": "T"} , {"role": "c", "table": "T"} )") ==
        "accepted");
}

TEST_CASE("lists and objects are no values of a rule") {
  CHECK(refusalOfRule(R"({"role": "b", "table": "T", "read": ["m", "a"]})") ==
        "rules[1].read: must be one of n, m, g, a");
  CHECK(refusalOfRule(R"({"role": {"a": 1, "b": 2}, "table": "T"})") ==
        "rules[1].role: must be a string");
  CHECK(refusalOfRule(R"([["a", "b"], "c"])") == "rules[1]: must be an object");
}

TEST_CASE("a set is written as the document that makes it, in the order of its rules") {
  const std::string document =
      R"([{"role":"clerk","table":"ChatWorkflow","read":"g","delete":"n"},)"
      R"({"role":"a \"b\" ü","table":"*"},)"
      R"({"role":"clerk","table":"*","read":"a","create":"g",)"
      R"("update":"m","delete":"n"}])";
  CHECK(RuleSet::fromJson(document).toJson() == document);
  CHECK(RuleSet::fromJson("[]").toJson() == "[]");
  CHECK(
      RuleSet::fromJson(R"([{"table": "*", "read": null, "update": "m", "role": "x"}])").toJson() ==
      R"([{"role":"x","table":"*","update":"m"}])");
}

TEST_CASE("the standard rules as a document") {
  CHECK(RuleSet::standard().toJson() ==
        R"([{"role":"user","table":"*","read":"m","create":"m","update":"m","delete":"m"},)"
        R"({"role":"admin","table":"*","read":"g","create":"g","update":"g","delete":"g"},)"
        R"({"role":"sysadmin","table":"*","read":"a","create":"a","update":"a","delete":"a"},)"
        R"({"role":"viewer","table":"*","read":"g","create":"n","update":"n","delete":"n"}])");
}

TEST_CASE("what is written is read as the same rules") {
  std::mt19937 random(11);  // the same rules in every run
  const auto maybeLevel = [&]() -> std::optional<Level> {
    const auto number = random() % 5;
    if (number == 4) return std::nullopt;
    return static_cast<Level>(number);
  };
  for (int round = 0; round < 200; ++round) {
    std::vector<Rule> rules;
    for (const std::string role : {"a", "b\"", "ä", "\xF0\x9F\x98\x80", "{,}", "\\u0041"}) {
      for (const std::string table : {"*", "T", "ChatWorkflow", "]"}) {
        if (random() % 2 == 0) continue;
        rules.push_back({role, table, maybeLevel(), maybeLevel(), maybeLevel(), maybeLevel()});
      }
    }
    const RuleSet set(rules);
    REQUIRE(set.rules() == rules);
    REQUIRE(RuleSet::fromJson(set.toJson()).rules() == rules);
  }
}

}  // namespace
namespace {

std::string refusalOfIdentity(std::string_view json) {
  return test::refusalOf([&] { parseIdentity(json); });
}

std::string refusalOf(const Identity& identity) {
  return test::refusalOf([&] { validate(identity); });
}

TEST_CASE("an identity is read from JSON") {
  const Identity identity =
      parseIdentity(R"({"userId": "anna", "mandateId": "nörd", "roles": ["user", "admin"]})");
  CHECK(identity.userId == "anna");
  CHECK(identity.mandateId == "nörd");
  CHECK(identity.roles == std::vector<std::string>{"user", "admin"});
}

TEST_CASE("an identity needs neither a mandate nor roles, and more keys do no harm") {
  for (const std::string_view json :
       {R"({"userId": "anna"})", R"({"userId": "anna", "mandateId": null, "roles": null})",
        R"({"userId": "anna", "mandateId": "", "roles": [], "level": "a"})"}) {
    const Identity identity = parseIdentity(json);
    CHECK(identity.userId == "anna");
    CHECK(identity.mandateId.empty());
    CHECK(identity.roles.empty());
  }
}

TEST_CASE("an identity that does not fit is refused, and the field is named") {
  CHECK(refusalOfIdentity("") == "identity must be valid JSON");
  CHECK(refusalOfIdentity("{\"userId\": \"\xFF\"}") == "identity must be valid JSON");
  CHECK(refusalOfIdentity("[]") == "identity must be an object");
  CHECK(refusalOfIdentity("null") == "identity must be an object");
  CHECK(refusalOfIdentity("{}") == "userId must be a string");
  CHECK(refusalOfIdentity(R"({"userId": 7})") == "userId must be a string");
  CHECK(refusalOfIdentity(R"({"userId": ""})") == "userId must not be empty");
  CHECK(refusalOfIdentity(R"({"userId": "a", "mandateId": 1})") == "mandateId must be a string");
  CHECK(refusalOfIdentity(R"({"userId": "a", "roles": "user"})") == "roles must be a list");
  CHECK(refusalOfIdentity(R"({"userId": "a", "roles": ["x", null]})") ==
        "roles[1] must be a string");
  CHECK(refusalOfIdentity(R"({"userId": "a\u0000"})") == "userId must not have control characters");
}

TEST_CASE("an identity's texts are bounded, UTF-8 and without control characters") {
  const std::string longest(255, 'x');
  CHECK(refusalOf({longest, longest, {longest, ""}}) == "accepted");
  CHECK(refusalOf({"", "north", {}}) == "userId must not be empty");
  CHECK(refusalOf({longest + "x", "", {}}) == "userId must be at most 255 bytes");
  CHECK(refusalOf({"a", longest + "x", {}}) == "mandateId must be at most 255 bytes");
  CHECK(refusalOf({"a", "", {"b", longest + "x"}}) == "roles[1] must be at most 255 bytes");
  CHECK(refusalOf({"\xC3", "", {}}) == "userId must be UTF-8");
  CHECK(refusalOf({"a", "\xED\xA0\x80", {}}) == "mandateId must be UTF-8");
  CHECK(refusalOf({"a", "b\nc", {}}) == "mandateId must not have control characters");
  CHECK(refusalOf({"a", "", {"\x7F"}}) == "roles[0] must not have control characters");
  CHECK(refusalOf({"a\xC2\x85", "", {}}) == "userId must not have control characters");
}

}  // namespace
}  // namespace chatbot
