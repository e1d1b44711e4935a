// Records that come from outside: request bodies and the items of responders.
#include <fmt/format.h>

#include <limits>

#include "base/json_input.h"
#include "base/json_text.h"
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

  // Of an entry of a list.
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

// Reads the fields of a responder's item; what is absent or null keeps its default.
class ItemFields {
 public:
  ItemFields(const base::Json& object, std::string_view where) : object_(object), where_(where) {
    if (!object.is_object()) refuse("", "an object");
  }

  void read(const char* name, std::string& out) const {
    const base::Json* value = find(name);
    if (value == nullptr) return;
    if (!value->is_string()) refuse(name, "a string");
    out = value->get<std::string>();
  }

  void read(const char* name, std::int64_t& out) const {
    const base::Json* value = find(name);
    if (value == nullptr) return;
    constexpr std::uint64_t kLargest = std::numeric_limits<std::int64_t>::max();
    const bool fits = !value->is_number_unsigned() || value->get<std::uint64_t>() <= kLargest;
    if (!value->is_number_integer() || !fits) refuse(name, "an integer");
    out = value->get<std::int64_t>();
  }

  void read(const char* name, double& out) const {
    const base::Json* value = find(name);
    if (value == nullptr) return;
    if (!value->is_number()) refuse(name, "a number");
    out = value->get<double>();
  }

  void read(const char* name, bool& out) const {
    const base::Json* value = find(name);
    if (value == nullptr) return;
    if (!value->is_boolean()) refuse(name, "true or false");
    out = value->get<bool>();
  }

  void readOneOf(const char* name, std::initializer_list<std::string_view> allowed,
                 std::string& out) const {
    read(name, out);
    for (const std::string_view text : allowed) {
      if (out == text) return;
    }
    refuse(name, fmt::format("one of {}", fmt::join(allowed, ", ")));
  }

  const base::Json* find(const char* name) const {
    const auto found = object_.find(name);
    return found == object_.end() || found->is_null() ? nullptr : &*found;
  }

  [[noreturn]] void refuse(std::string_view name, std::string_view expected) const {
    const std::string dot = name.empty() ? "" : ".";
    throw Error(ErrorCode::invalidArgument,
                fmt::format("{}{}{} must be {}", where_, dot, name, expected));
  }

 private:
  const base::Json& object_;
  std::string where_;
};

Document readDocument(const base::Json& json, const std::string& where) {
  const ItemFields fields(json, where);
  Document document;
  fields.read("id", document.id);
  fields.read("fileId", document.fileId);
  fields.read("fileName", document.fileName);
  fields.read("fileSize", document.fileSize);
  fields.read("mimeType", document.mimeType);
  return document;
}

Message readMessage(const base::Json& json, const std::string& where) {
  const ItemFields fields(json, where);
  Message message;
  fields.read("id", message.id);
  fields.read("parentMessageId", message.parentMessageId);
  fields.readOneOf("role", {"user", "assistant", "system", "tool"}, message.role);
  fields.read("message", message.message);
  fields.read("summary", message.summary);
  fields.readOneOf("status", {"first", "step", "last"}, message.status);
  fields.read("success", message.success);
  const base::Json* documents = fields.find("documents");
  if (documents == nullptr) return message;
  if (!documents->is_array()) fields.refuse("documents", "a list");
  for (const base::Json& document : *documents) {
    const std::size_t index = message.documents.size();
    message.documents.push_back(
        readDocument(document, fmt::format("{}.documents[{}]", where, index)));
  }
  return message;
}

Log readLog(const base::Json& json, const std::string& where) {
  const ItemFields fields(json, where);
  Log log;
  fields.read("id", log.id);
  fields.read("message", log.message);
  fields.readOneOf("type", {"info", "warning", "error", "success"}, log.type);
  fields.read("status", log.status);
  if (fields.find("progress") == nullptr) return log;
  double progress = 0;
  fields.read("progress", progress);
  if (!(progress >= 0 && progress <= 1)) fields.refuse("progress", "from 0 to 1");
  log.progress = progress;
  return log;
}

Stat readStat(const base::Json& json, const std::string& where) {
  const ItemFields fields(json, where);
  Stat stat;
  fields.read("id", stat.id);
  fields.read("processingTime", stat.processingTime);
  fields.read("bytesSent", stat.bytesSent);
  fields.read("bytesReceived", stat.bytesReceived);
  fields.read("errorCount", stat.errorCount);
  fields.read("process", stat.process);
  fields.read("engine", stat.engine);
  fields.read("tokensIn", stat.tokensIn);
  fields.read("tokensOut", stat.tokensOut);
  fields.read("priceUsd", stat.priceUsd);
  return stat;
}

// `place` stands before the names of its fields.
ItemContent readItemContent(const base::Json& json, const std::string& place = {}) {
  const ItemFields fields(json, place.empty() ? "the item" : place);
  std::string type;
  fields.readOneOf("type", {"message", "log", "stat"}, type);
  const base::Json* item = fields.find("item");
  if (item == nullptr) fields.refuse("item", "an object");
  const std::string where = place.empty() ? "item" : place + ".item";
  if (type == "message") return readMessage(*item, where);
  if (type == "log") return readLog(*item, where);
  return readStat(*item, where);
}

base::Json parseItems(std::string_view json) {
  std::optional<base::Json> parsed = base::parseJson(json);
  if (!parsed) throw Error(ErrorCode::invalidArgument, "the item is not valid JSON");
  return *std::move(parsed);
}

}  // namespace

UserInput parseUserInput(std::string_view json) {
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
  return input;
}

std::string toJson(const UserInput& input) {
  std::string files = "[";
  for (const std::string& fileId : input.listFileId) {
    if (files.size() > 1) files += ',';
    base::appendJsonString(files, fileId);
  }
  std::string out;
  base::JsonObject(out)
      .field("prompt", input.prompt)
      .raw("listFileId", files + "]")
      .field("userLanguage", input.userLanguage)
      .field("workflowId", input.workflowId)
      .close();
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

ItemContent parseItemContent(std::string_view json) { return readItemContent(parseItems(json)); }

std::vector<ItemContent> parseItemContents(std::string_view json) {
  const base::Json parsed = parseItems(json);
  if (!parsed.is_array()) return {readItemContent(parsed)};
  if (parsed.empty()) throw Error(ErrorCode::invalidArgument, "the list of items is empty");
  std::vector<ItemContent> items;
  for (const base::Json& item : parsed) {
    items.push_back(readItemContent(item, fmt::format("[{}]", items.size())));
  }
  return items;
}

}  // namespace chatbot
