#include <string>
#include <string_view>
#include <vector>

#include "http/openapi.h"
#include "model/fields.h"

namespace chatbot::http {
namespace {

// The schemas that are not made from the fields of a record.
constexpr const char* kSchemas = R"json({
  "ChatItem": {
    "type": "object",
    "required": ["type", "createdAt", "item"],
    "properties": {
      "type": {"enum": ["message", "log", "stat"]},
      "createdAt": {"type": "number"},
      "item": {
        "anyOf": [
          {"$ref": "#/components/schemas/ChatMessage"},
          {"$ref": "#/components/schemas/ChatLog"},
          {"$ref": "#/components/schemas/ChatStat"}
        ]
      }
    }
  },
  "UserInputRequest": {
    "type": "object",
    "required": ["prompt"],
    "properties": {
      "prompt": {"type": "string", "pattern": "\\S"},
      "listFileId": {
        "type": "array",
        "items": {"type": "string", "maxLength": 200},
        "maxItems": 100,
        "default": []
      },
      "userLanguage": {"type": "string", "default": "en"},
      "workflowId": {"type": ["string", "null"]}
    }
  },
  "Rename": {
    "type": "object",
    "required": ["name"],
    "properties": {"name": {"type": "string", "pattern": "\\S", "maxLength": 200}}
  },
  "Deleted": {
    "type": "object",
    "properties": {"id": {"type": "string"}, "message": {"type": "string"}}
  },
  "PaginationParams": {
    "type": "object",
    "properties": {
      "page": {"type": "integer", "minimum": 1, "default": 1},
      "pageSize": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 20},
      "cursor": {"type": "string", "description": "The nextCursor of an earlier page, in the place of page"},
      "sort": {"type": "array", "items": {"$ref": "#/components/schemas/SortField"}},
      "filters": {
        "type": ["object", "null"],
        "properties": {"search": {"type": "string"}, "searchIn": {"enum": ["messages", null]}}
      }
    }
  },
  "SortField": {
    "type": "object",
    "required": ["field"],
    "properties": {
      "field": {"type": "string"},
      "direction": {"enum": ["asc", "desc"], "default": "asc"}
    }
  },
  "PaginationMetadata": {
    "type": "object",
    "properties": {
      "currentPage": {"type": "integer"},
      "pageSize": {"type": "integer"},
      "totalItems": {"type": "integer"},
      "totalPages": {"type": "integer"},
      "sort": {"type": "array", "items": {"$ref": "#/components/schemas/SortField"}},
      "filters": {"type": ["object", "null"]},
      "nextCursor": {"type": "string", "description": "There exactly where another page follows"}
    }
  },
  "Threads": {
    "anyOf": [
      {
        "type": "object",
        "required": ["items", "pagination"],
        "properties": {
          "items": {"type": "array", "items": {"$ref": "#/components/schemas/ChatWorkflow"}},
          "pagination": {"$ref": "#/components/schemas/PaginationMetadata"}
        }
      },
      {
        "type": "object",
        "required": ["workflow", "chatData"],
        "properties": {
          "workflow": {"$ref": "#/components/schemas/ChatWorkflow"},
          "chatData": {
            "type": "object",
            "properties": {
              "items": {"type": "array", "items": {"$ref": "#/components/schemas/ChatItem"}}
            }
          }
        }
      }
    ]
  },
  "Error": {
    "type": "object",
    "required": ["detail"],
    "properties": {
      "detail": {
        "anyOf": [
          {"type": "string"},
          {
            "type": "array",
            "items": {
              "type": "object",
              "properties": {
                "loc": {"type": "array", "items": {"type": ["string", "integer"]}},
                "msg": {"type": "string"},
                "type": {"type": "string"}
              }
            }
          }
        ]
      }
    }
  }
})json";

std::string_view typeOf(const std::string*) { return "string"; }
std::string_view typeOf(const std::string_view*) { return "string"; }
std::string_view typeOf(const std::int64_t*) { return "integer"; }
std::string_view typeOf(const double*) { return "number"; }
std::string_view typeOf(const bool*) { return "boolean"; }
std::string_view typeOf(const WorkflowStatus*) { return "string"; }

template <typename T>
std::string_view typeOf(const std::optional<T>*) {
  return typeOf(static_cast<const T*>(nullptr));
}

template <typename T>
constexpr bool kIsOptional = false;
template <typename T>
constexpr bool kIsOptional<std::optional<T>> = true;

template <typename T>
bool mayBeNull(const model::FieldFacts& facts) {
  if (facts.whenEmpty == model::WhenEmpty::leftOut) return false;
  return kIsOptional<T> ? !facts.ifAbsent : facts.whenEmpty == model::WhenEmpty::null;
}

// A field whose values are of type T.
template <typename T>
base::Json schemaOf(const model::FieldFacts& facts, const T* type) {
  if (!facts.choices.empty()) {
    return {{"enum", std::vector<std::string>(facts.choices.begin(), facts.choices.end())}};
  }
  base::Json schema = {{"type", typeOf(type)}};
  if (mayBeNull<T>(facts)) schema["type"] = {typeOf(type), "null"};
  if (facts.isFraction) schema.update({{"minimum", 0}, {"maximum", 1}});
  if (!facts.format.empty()) schema["format"] = facts.format;
  if (!facts.description.empty()) schema["description"] = facts.description;
  return schema;
}

template <typename Record>
base::Json schemaOf(const model::FieldFacts&, const std::vector<Record>*) {
  const std::string path = "#/components/schemas/" + std::string(model::Kind<Record>::schema);
  return {{"type", "array"}, {"items", {{"$ref", path}}}};
}

template <typename Table>
base::Json objectSchema(const Table& table) {
  base::Json schema = {{"type", "object"}, {"properties", base::Json::object()}};
  model::forEach(table, [&]<typename Record, typename T>(const model::Field<Record, T>& field) {
    const model::FieldFacts& facts = field.facts;
    if (facts.name.empty()) return;
    schema["properties"][std::string(facts.name)] = schemaOf(facts, static_cast<const T*>(nullptr));
    if (facts.isRequired) schema["required"].push_back(facts.name);
  });
  return schema;
}

template <typename Record>
void addKind(base::Json& schemas) {
  schemas[std::string(model::Kind<Record>::schema)] = objectSchema(model::Kind<Record>::fields);
}

}  // namespace

base::Json makeSchemas() {
  base::Json schemas = base::Json::parse(kSchemas);
  schemas["ChatWorkflow"] = objectSchema(model::kWorkflowFields);
  addKind<Document>(schemas);
  addKind<Message>(schemas);
  addKind<Log>(schemas);
  addKind<Stat>(schemas);
  return schemas;
}

}  // namespace chatbot::http
