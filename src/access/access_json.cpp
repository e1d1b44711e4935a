// Identities as the host gives them.
#include <utility>

#include "access/access_name.h"
#include "chatbot/access.h"
#include "model/json_member.h"
#include "model/refuse.h"

namespace chatbot {
namespace {

void checkName(std::string_view place, std::string_view text) {
  const std::string_view fault = faultOfAccessName(text);
  if (!fault.empty()) refuse("{} {}", place, fault);
}

std::string readText(const Json& value, std::string_view place) {
  if (!value.is_string()) refuse("{} must be a string", place);
  return value.get<std::string>();
}

std::vector<std::string> readRoles(const Json& value) {
  std::vector<std::string> roles;
  if (value.is_null()) return roles;
  if (!value.is_array()) refuse("roles must be a list");
  for (const Json& role : value) {
    roles.push_back(readText(role, fmt::format("roles[{}]", roles.size())));
  }
  return roles;
}

}  // namespace

void validate(const Identity& identity) {
  if (identity.userId.empty()) refuse("userId must not be empty");
  checkName("userId", identity.userId);
  checkName("mandateId", identity.mandateId);
  for (std::size_t i = 0; i < identity.roles.size(); ++i) {
    checkName(fmt::format("roles[{}]", i), identity.roles[i]);
  }
}

Identity parseIdentity(std::string_view json) {
  const std::optional<Json> value = parseJson(json);
  if (!value) refuse("identity must be valid JSON");
  if (!value->is_object()) refuse("identity must be an object");
  const Json& mandateId = memberOf(*value, "mandateId");
  Identity identity;
  identity.userId = readText(memberOf(*value, "userId"), "userId");
  if (!mandateId.is_null()) identity.mandateId = readText(mandateId, "mandateId");
  identity.roles = readRoles(memberOf(*value, "roles"));
  validate(identity);
  return identity;
}

}  // namespace chatbot
