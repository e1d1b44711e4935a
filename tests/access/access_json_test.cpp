#include <doctest/doctest.h>

#include <string>

#include "chatbot/access.h"
#include "support/refusal.h"

namespace chatbot {
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
