#include "identity.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace host {

namespace {

using Json = nlohmann::json;

// A proxy that adds to the client's own headers instead of replacing them is not to be trusted.
std::optional<std::string> singleHeader(const httplib::Request& request, const char* name) {
  const auto count = request.get_header_value_count(name);
  if (count == 0) return std::nullopt;
  if (count > 1) throw Unauthenticated(std::string(name) + " was given more than once");
  return request.get_header_value(name);
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::vector<std::string> splitRoles(std::string_view list) {
  std::vector<std::string> roles;
  for (std::size_t begin = 0; begin <= list.size();) {
    const auto end = std::min(list.find(',', begin), list.size());
    const auto role = trimmed(list.substr(begin, end - begin));
    if (!role.empty()) roles.emplace_back(role);
    begin = end + 1;
  }
  return roles;
}

Identity makeIdentity(const std::string& json) {
  Identity identity;
  Failure failure;
  if (chatbot_identity_new(json.data(), json.size(), Out(identity), Out(failure)) != CHATBOT_OK) {
    throw Unauthenticated(chatbot_error_message(failure.get()));
  }
  return identity;
}

std::string identityJson(const std::string& user, const std::string& mandate,
                         const std::vector<std::string>& roles) {
  try {
    return Json{{"userId", user}, {"mandateId", mandate}, {"roles", roles}}.dump();
  } catch (const Json::type_error&) {
    throw Unauthenticated("the identity is not UTF-8");
  }
}

}  // namespace

Identity demoUser() { return makeIdentity(identityJson("demo", "demo", {"user"})); }

Identity identityFromHeaders(const httplib::Request& request) {
  const auto user = singleHeader(request, "X-User-Id");
  if (!user) throw Unauthenticated("X-User-Id is missing");
  const auto mandate = singleHeader(request, "X-Mandate-Id").value_or("");
  const auto roles = splitRoles(singleHeader(request, "X-Roles").value_or(""));
  return makeIdentity(identityJson(*user, mandate, roles));
}

}  // namespace host
