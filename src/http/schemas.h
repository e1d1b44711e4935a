// The models as JSON Schema (draft 2020-12), for the OpenAPI document.
#pragma once

namespace chatbot::http {

inline constexpr const char* kSchemas = R"json({
  "ChatWorkflow": {
    "type": "object",
    "required": ["id", "mandateId", "name", "status", "workflowMode", "currentRound", "maxSteps",
                 "startedAt", "lastActivity", "_createdBy", "_createdAt"],
    "properties": {
      "id": {"type": "string", "format": "uuid"},
      "mandateId": {"type": "string"},
      "name": {"type": "string"},
      "status": {"enum": ["running", "completed", "stopped", "error"]},
      "workflowMode": {"type": "string"},
      "currentRound": {"type": "integer"},
      "currentTask": {"type": "integer"},
      "currentAction": {"type": "integer"},
      "totalTasks": {"type": "integer"},
      "totalActions": {"type": "integer"},
      "maxSteps": {"type": "integer"},
      "startedAt": {"type": "number", "description": "Seconds since the epoch"},
      "lastActivity": {"type": "number"},
      "_createdBy": {"type": "string"},
      "_createdAt": {"type": "number"}
    }
  },
  "ChatDocument": {
    "type": "object",
    "properties": {
      "id": {"type": "string"},
      "messageId": {"type": "string"},
      "fileId": {"type": "string"},
      "fileName": {"type": "string"},
      "fileSize": {"type": "integer"},
      "mimeType": {"type": "string"},
      "roundNumber": {"type": ["integer", "null"]}
    }
  },
  "ChatMessage": {
    "type": "object",
    "properties": {
      "id": {"type": "string"},
      "workflowId": {"type": "string"},
      "parentMessageId": {"type": ["string", "null"]},
      "role": {"enum": ["user", "assistant", "system", "tool"]},
      "message": {"type": "string"},
      "summary": {"type": ["string", "null"]},
      "status": {"enum": ["first", "step", "last"]},
      "sequenceNr": {"type": "integer"},
      "publishedAt": {"type": "number"},
      "roundNumber": {"type": ["integer", "null"]},
      "documents": {"type": "array", "items": {"$ref": "#/components/schemas/ChatDocument"}},
      "success": {"type": "boolean"}
    }
  },
  "ChatLog": {
    "type": "object",
    "properties": {
      "id": {"type": "string"},
      "workflowId": {"type": "string"},
      "message": {"type": "string"},
      "type": {"enum": ["info", "warning", "error", "success"]},
      "timestamp": {"type": "number"},
      "status": {"type": ["string", "null"]},
      "progress": {"type": ["number", "null"], "minimum": 0, "maximum": 1},
      "roundNumber": {"type": ["integer", "null"]}
    }
  },
  "ChatStat": {
    "type": "object",
    "properties": {
      "id": {"type": "string"},
      "workflowId": {"type": "string"},
      "processingTime": {"type": "number"},
      "bytesSent": {"type": "integer"},
      "bytesReceived": {"type": "integer"},
      "errorCount": {"type": "integer"},
      "process": {"type": ["string", "null"]},
      "engine": {"type": ["string", "null"]},
      "tokensIn": {"type": "integer"},
      "tokensOut": {"type": "integer"},
      "priceUsd": {"type": "number"},
      "roundNumber": {"type": ["integer", "null"]}
    }
  },
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

}  // namespace chatbot::http
