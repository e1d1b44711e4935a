// Identities as the host gives them.
#include <utility>

#include "access/access_name.h"
#include "base/json_member.h"
#include "base/refuse.h"
#include "chatbot/access.h"

namespace chatbot {
namespace {

void checkName(std::string_view place, std::string_view text) {
  const std::string_view fault = access::faultOfAccessName(text);
  if (!fault.empty()) base::refuse("{} {}", place, fault);
}

std::string readText(const base::Json& value, std::string_view place) {
  if (!value.is_string()) base::refuse("{} must be a string", place);
  return value.get<std::string>();
}

std::vector<std::string> readRoles(const base::Json& value) {
  std::vector<std::string> roles;
  if (value.is_null()) return roles;
  if (!value.is_array()) base::refuse("roles must be a list");
  for (const base::Json& role : value) {
    roles.push_back(readText(role, fmt::format("roles[{}]", roles.size())));
  }
  return roles;
}

}  // namespace

void validate(const Identity& identity) {
  if (identity.userId.empty()) base::refuse("userId must not be empty");
  checkName("userId", identity.userId);
  checkName("mandateId", identity.mandateId);
  for (std::size_t i = 0; i < identity.roles.size(); ++i) {
    checkName(fmt::format("roles[{}]", i), identity.roles[i]);
  }
}

Identity parseIdentity(std::string_view json) {
  const std::optional<base::Json> value = base::parseJson(json);
  if (!value) base::refuse("identity must be valid JSON");
  if (!value->is_object()) base::refuse("identity must be an object");
  const base::Json& mandateId = base::memberOf(*value, "mandateId");
  Identity identity;
  identity.userId = readText(base::memberOf(*value, "userId"), "userId");
  if (!mandateId.is_null()) identity.mandateId = readText(mandateId, "mandateId");
  identity.roles = readRoles(base::memberOf(*value, "roles"));
  validate(identity);
  return identity;
}

}  // namespace chatbot
