// The bodies of requests.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/json_input.h"
#include "base/json_text.h"
#include "base/message.h"
#include "base/text.h"
#include "chatbot/error.h"
#include "chatbot/model.h"
#include "model/name.h"

namespace chatbot {
namespace {

// The faults of a body, in the form that FastAPI clients expect.
class Faults {
 public:
  void add(std::string_view field, std::string_view type, std::string_view message) {
    addAt(field.empty() ? "" : "," + base::jsonString(field), type, message);
  }

  // Adds a fault of an entry of a list.
  void add(std::string_view field, std::size_t index, std::string_view type,
           std::string_view message) {
    addAt(fmt::format(",{},{}", base::jsonString(field), index), type, message);
  }

  void check() const {
    if (list_.empty()) return;
    throw Error(ErrorCode::invalidBody, "Request body does not fit").withDetail("[" + list_ + "]");
  }

 private:
  void addAt(const std::string& place, std::string_view type, std::string_view message) {
    if (!list_.empty()) list_ += ',';
    const std::string location = "[\"body\"" + place + "]";
    base::JsonObject(list_).field("type", type).raw("loc", location).field("msg", message).close();
  }

  std::string list_;
};

base::Json parseBody(std::string_view text) {
  Faults faults;
  std::optional<base::Json> body = base::parseJson(text);
  if (!body) faults.add("", "json_invalid", "JSON decode error");
  if (body && !body->is_object()) faults.add("", "model_type", "Input should be an object");
  faults.check();
  return *std::move(body);
}

std::string readText(const base::Json& body, const char* name, Faults& faults) {
  const auto found = body.find(name);
  if (found == body.end()) {
    faults.add(name, "missing", "Field required");
    return {};
  }
  if (!found->is_string()) {
    faults.add(name, "string_type", "Input should be a valid string");
    return {};
  }
  return found->get<std::string>();
}

std::string readTextThatSays(const base::Json& body, const char* name, Faults& faults) {
  std::string text = readText(body, name, faults);
  const auto found = body.find(name);
  if (found != body.end() && found->is_string() && base::isBlank(text)) {
    faults.add(name, "value_error", "Value error, must not be blank");
  }
  return text;
}

bool isFileId(const base::Json& entry, const char* name, std::size_t index, Faults& faults) {
  if (!entry.is_string()) {
    faults.add(name, index, "string_type", "Input should be a valid string");
    return false;
  }
  if (base::countCodePoints(entry.get_ref<const std::string&>()) > kMaxFileIdLength) {
    faults.add(name, index, "string_too_long",
               fmt::format("String should have at most {} characters", kMaxFileIdLength));
    return false;
  }
  return true;
}

std::vector<std::string> readFileIds(const base::Json& body, const char* name, Faults& faults) {
  std::vector<std::string> list;
  const auto found = body.find(name);
  if (found == body.end()) return list;
  if (!found->is_array()) {
    faults.add(name, "list_type", "Input should be a valid list");
    return list;
  }
  if (found->size() > kMaxFileIds) {
    faults.add(name, "too_long",
               fmt::format("List should have at most {} items after validation, not {}",
                           kMaxFileIds, found->size()));
    return list;
  }
  for (const base::Json& entry : *found) {
    if (!isFileId(entry, name, list.size(), faults)) break;
    list.push_back(entry.get<std::string>());
  }
  return list;
}

}  // namespace

// The rules of parseUserInput, for input that was not read from a body.
CheckedInput::CheckedInput(UserInput input) : input_(std::move(input)) {
  if (base::isBlank(input_.prompt)) base::refuse("The prompt must not be blank");
  if (input_.listFileId.size() > kMaxFileIds) {
    base::refuse("At most {} documents fit into a message", kMaxFileIds);
  }
  const auto isTooLong = [](const std::string& id) {
    return base::countCodePoints(id) > kMaxFileIdLength;
  };
  if (std::ranges::any_of(input_.listFileId, isTooLong)) {
    base::refuse("A document's id has at most {} characters", kMaxFileIdLength);
  }
}

CheckedInput parseUserInput(std::string_view json) {
  const base::Json body = parseBody(json);
  Faults faults;
  UserInput input;
  input.prompt = readTextThatSays(body, "prompt", faults);
  input.listFileId = readFileIds(body, "listFileId", faults);
  if (body.contains("userLanguage")) input.userLanguage = readText(body, "userLanguage", faults);
  const auto workflowId = body.find("workflowId");
  if (workflowId != body.end() && !workflowId->is_null()) {
    input.workflowId = readText(body, "workflowId", faults);
  }
  faults.check();
  return {std::move(input), CheckedInput::Fits{}};
}

std::string toJson(const UserInput& input) {
  std::string out;
  base::JsonObject object(out);
  object.field("prompt", input.prompt);
  base::JsonArray files(object.begin("listFileId"));
  for (const std::string& fileId : input.listFileId) base::appendJsonString(files.next(), fileId);
  files.close();
  object.field("userLanguage", input.userLanguage).field("workflowId", input.workflowId).close();
  return out;
}

Message userMessage(const UserInput& input) {
  Message message;
  message.role = "user";
  message.status = "first";
  message.message = input.prompt;
  for (const std::string& fileId : input.listFileId) {
    Document document;
    document.fileId = fileId;
    message.documents.push_back(std::move(document));
  }
  return message;
}

std::string parseRename(std::string_view json) {
  const base::Json body = parseBody(json);
  Faults faults;
  std::string name = readText(body, "name", faults);
  faults.check();
  if (const std::optional<model::NameFault> fault = model::faultOf(name)) {
    const bool isValueError = fault->type == "value_error";
    faults.add("name", fault->type, (isValueError ? "Value error, " : "String ") + fault->text);
  }
  faults.check();
  return name;
}

}  // namespace chatbot
