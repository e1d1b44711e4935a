#include <fmt/format.h>

#include <array>

#include "store/settings.h"
#include "store/workflow_columns.h"

namespace chatbot::store {
namespace {

// `instance` is the number of the instance that runs the workflow's round; 0: none.
std::string workflowTable() {
  return "CREATE TABLE workflow (\n  " + workflowDefinitions("TEXT") +
         ",\n  instance BIGINT NOT NULL DEFAULT 0" + "\n);\n";
}

// One index for each level of access and each order that clients ask for.
constexpr const char* kWorkflowIndexes = R"sql(
CREATE INDEX workflow_my_activity
  ON workflow (mandateId, createdBy, workflowMode, lastActivity DESC, id);
CREATE INDEX workflow_my_name ON workflow (mandateId, createdBy, workflowMode, name, id);
CREATE INDEX workflow_my_status
  ON workflow (mandateId, createdBy, workflowMode, status, lastActivity DESC, id);
CREATE INDEX workflow_group_activity ON workflow (mandateId, workflowMode, lastActivity DESC, id);
CREATE INDEX workflow_group_name ON workflow (mandateId, workflowMode, name, id);
CREATE INDEX workflow_group_status
  ON workflow (mandateId, workflowMode, status, lastActivity DESC, id);
CREATE INDEX workflow_all_activity ON workflow (workflowMode, lastActivity DESC, id);
CREATE INDEX workflow_all_name ON workflow (workflowMode, name, id);
CREATE INDEX workflow_all_status ON workflow (workflowMode, status, lastActivity DESC, id);
CREATE INDEX workflow_running ON workflow (instance, id) WHERE status = 'running';
)sql";

// The columns stand in place of the braces. The triggers count the changes of every writer that can
// move a row into or out of a list.
constexpr const char* kWorkflowVersion = R"sql(
CREATE TABLE workflow_version (version BIGINT NOT NULL);
INSERT INTO workflow_version (version) VALUES (0);
CREATE TRIGGER workflow_inserted AFTER INSERT ON workflow
  BEGIN UPDATE workflow_version SET version = version + 1; END;
CREATE TRIGGER workflow_deleted AFTER DELETE ON workflow
  BEGIN UPDATE workflow_version SET version = version + 1; END;
CREATE TRIGGER workflow_updated AFTER UPDATE OF {} ON workflow
  BEGIN UPDATE workflow_version SET version = version + 1; END;
)sql";

// The ids of workflows whose rows are deleted and whose items still have to be.
constexpr const char* kWorkflowRemoved = R"sql(
CREATE TABLE workflow_removed (
  id TEXT NOT NULL PRIMARY KEY,
  mandateId TEXT NOT NULL,
  createdBy TEXT NOT NULL
) WITHOUT ROWID;
CREATE TRIGGER workflow_gone AFTER DELETE ON workflow
  BEGIN INSERT OR REPLACE INTO workflow_removed VALUES (old.id, old.mandateId, old.createdBy); END;
)sql";

constexpr const char* kItem = R"sql(
CREATE TABLE item (
  workflowId TEXT NOT NULL,
  seq BIGINT NOT NULL,
  type TEXT NOT NULL,
  round BIGINT,
  json TEXT NOT NULL,
  PRIMARY KEY (workflowId, seq)
) WITHOUT ROWID;
)sql";

// A draft's text is stored in the pieces in which it came, so that storing it again writes only the
// new text.
constexpr const char* kDraft = R"sql(
CREATE TABLE draft (
  workflowId TEXT NOT NULL PRIMARY KEY,
  round BIGINT NOT NULL,
  messageId TEXT NOT NULL,
  parentMessageId TEXT NOT NULL,
  afterSeq BIGINT NOT NULL,
  bytes BIGINT NOT NULL
);
CREATE TABLE draft_piece (
  workflowId TEXT NOT NULL,
  start BIGINT NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (workflowId, start)
) WITHOUT ROWID;
CREATE TRIGGER draft_gone AFTER DELETE ON draft
  BEGIN DELETE FROM draft_piece WHERE workflowId = old.workflowId; END;
CREATE TRIGGER draft_replaced AFTER UPDATE ON draft WHEN new.messageId <> old.messageId
  BEGIN DELETE FROM draft_piece WHERE workflowId = old.workflowId; END;
)sql";

constexpr const char* kSettings = R"sql(
CREATE TABLE access_rules (version BIGINT NOT NULL, json TEXT NOT NULL);
INSERT INTO access_rules (version, json) VALUES (0, '');
CREATE TABLE store_setting (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL);
)sql";

constexpr const char* kInstance = R"sql(
CREATE TABLE instance (id INTEGER PRIMARY KEY AUTOINCREMENT, heartbeat BIGINT NOT NULL);
)sql";

constexpr const char* kRoundQueue = R"sql(
CREATE TABLE round_queue (
  workflowId TEXT NOT NULL,
  round BIGINT NOT NULL,
  instance BIGINT NOT NULL,
  userId TEXT NOT NULL,
  input TEXT NOT NULL,
  PRIMARY KEY (workflowId, round)
) WITHOUT ROWID;
)sql";

constexpr const char* kStartKey = R"sql(
CREATE TABLE start_key (
  mandateId TEXT NOT NULL,
  createdBy TEXT NOT NULL,
  key TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  workflowId TEXT NOT NULL,
  round BIGINT NOT NULL,
  afterSeq BIGINT NOT NULL,
  expiresAt DOUBLE PRECISION NOT NULL,
  ended TEXT,
  PRIMARY KEY (mandateId, createdBy, key)
);
CREATE INDEX start_key_age ON start_key (expiresAt);
CREATE INDEX start_key_round ON start_key (workflowId, round);
)sql";

// The messages that are to be indexed, and those that are. Numbers of message_indexed are never
// used again: what the index might still hold under an old one names no message.
constexpr const char* kMessages = R"sql(
CREATE TABLE message_pending (
  id INTEGER PRIMARY KEY,
  workflowId TEXT NOT NULL,
  seq BIGINT NOT NULL
);
CREATE TABLE message_indexed (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  workflowId TEXT NOT NULL,
  seq BIGINT NOT NULL
);
CREATE INDEX message_indexed_item ON message_indexed (workflowId, seq);
CREATE TABLE message_rules (name TEXT NOT NULL);
CREATE TRIGGER message_inserted AFTER INSERT ON item WHEN new.type = 'message'
  BEGIN INSERT INTO message_pending (workflowId, seq) VALUES (new.workflowId, new.seq); END;
)sql";

}  // namespace

std::string sqliteTables() {
  std::string script = workflowTable();
  script += fmt::format(kWorkflowVersion, workflowListColumns());
  for (const char* tables : {kWorkflowIndexes, kWorkflowRemoved, kItem, kDraft, kSettings,
                             kInstance, kRoundQueue, kStartKey, kMessages}) {
    script += tables;
  }
  return script;
}

}  // namespace chatbot::store
