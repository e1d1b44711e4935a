#include "database/sqlite/dialect.h"

#include <array>

#include "database/sqlite/word_index.h"

namespace chatbot::database {
namespace {

// Beside the tables `workflow` and `item`. Released entries of the schema never change. Queues the
// messages that are there already. Numbers of message_indexed are never used again: what the index
// might still hold under an old one names no message.
constexpr const char* kMessageIndex = R"sql(
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
CREATE TRIGGER message_inserted AFTER INSERT ON item WHEN new.type = 'message'
  BEGIN INSERT INTO message_pending (workflowId, seq) VALUES (new.workflowId, new.seq); END;
CREATE INDEX message_indexed_item ON message_indexed (workflowId, seq);
CREATE TABLE message_rules (
  name TEXT NOT NULL
);
CREATE VIRTUAL TABLE message_text
  USING fts5(text, owner, content = '', tokenize = 'ascii');
INSERT INTO message_pending (workflowId, seq) SELECT workflowId, seq FROM item
  WHERE type = 'message' AND workflowId IN (SELECT id FROM workflow);

CREATE TABLE workflow_removed (
  id TEXT NOT NULL PRIMARY KEY,
  mandateId TEXT NOT NULL,
  createdBy TEXT NOT NULL
) WITHOUT ROWID;
CREATE TRIGGER workflow_gone AFTER DELETE ON workflow
  BEGIN INSERT OR REPLACE INTO workflow_removed VALUES (old.id, old.mandateId, old.createdBy); END;
INSERT INTO workflow_removed SELECT DISTINCT workflowId, '', '' FROM item
  WHERE workflowId NOT IN (SELECT id FROM workflow);
)sql";

// Each entry brings the schema from the version that is its index to the next one. Released entries
// never change.
constexpr std::array<const char*, 6> kMigrations = {
    R"sql(
CREATE TABLE workflow (
  id TEXT NOT NULL PRIMARY KEY,
  mandateId TEXT NOT NULL,
  name TEXT NOT NULL,
  status TEXT NOT NULL,
  workflowMode TEXT NOT NULL,
  currentRound BIGINT NOT NULL,
  currentTask BIGINT NOT NULL,
  currentAction BIGINT NOT NULL,
  totalTasks BIGINT NOT NULL,
  totalActions BIGINT NOT NULL,
  maxSteps BIGINT,
  startedAt DOUBLE PRECISION NOT NULL,
  lastActivity DOUBLE PRECISION NOT NULL,
  createdBy TEXT NOT NULL,
  createdAt DOUBLE PRECISION NOT NULL,
  lastSeq BIGINT NOT NULL
);
CREATE INDEX workflow_my ON workflow (mandateId, createdBy, workflowMode, lastActivity DESC, id);
CREATE INDEX workflow_group ON workflow (mandateId, workflowMode, lastActivity DESC, id);
CREATE INDEX workflow_all ON workflow (workflowMode, lastActivity DESC, id);
CREATE INDEX workflow_running ON workflow (id) WHERE status = 'running';

CREATE TABLE item (
  workflowId TEXT NOT NULL,
  seq BIGINT NOT NULL,
  type TEXT NOT NULL,
  round BIGINT,
  json TEXT NOT NULL,
  PRIMARY KEY (workflowId, seq)
) WITHOUT ROWID;
)sql",
    R"sql(
CREATE TABLE draft (
  workflowId TEXT NOT NULL PRIMARY KEY,
  round BIGINT NOT NULL,
  messageId TEXT NOT NULL,
  afterSeq BIGINT NOT NULL,
  text TEXT NOT NULL
);
)sql",
    R"sql(
DROP INDEX workflow_my;
DROP INDEX workflow_group;
DROP INDEX workflow_all;
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

CREATE TABLE workflow_version (version BIGINT NOT NULL);
INSERT INTO workflow_version (version) VALUES (0);
CREATE TRIGGER workflow_inserted AFTER INSERT ON workflow
  BEGIN UPDATE workflow_version SET version = version + 1; END;
CREATE TRIGGER workflow_deleted AFTER DELETE ON workflow
  BEGIN UPDATE workflow_version SET version = version + 1; END;
CREATE TRIGGER workflow_updated AFTER UPDATE OF
  id, mandateId, name, status, workflowMode, currentRound, currentTask, currentAction, totalTasks,
  totalActions, maxSteps, startedAt, createdBy, createdAt ON workflow
  BEGIN UPDATE workflow_version SET version = version + 1; END;

CREATE TABLE access_rules (version BIGINT NOT NULL, json TEXT NOT NULL);
INSERT INTO access_rules (version, json) VALUES (0, '');

CREATE TABLE store_setting (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL);
)sql",
    kMessageIndex,
    R"sql(
CREATE TABLE runner (id INTEGER PRIMARY KEY AUTOINCREMENT, beat BIGINT NOT NULL);
ALTER TABLE workflow ADD COLUMN runner BIGINT NOT NULL DEFAULT 0;
DROP INDEX workflow_running;
CREATE INDEX workflow_running ON workflow (runner, id) WHERE status = 'running';

CREATE TABLE round_queue (
  workflowId TEXT NOT NULL,
  round BIGINT NOT NULL,
  runner BIGINT NOT NULL,
  userId TEXT NOT NULL,
  input TEXT NOT NULL,
  PRIMARY KEY (workflowId, round)
) WITHOUT ROWID;

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

ALTER TABLE draft ADD COLUMN parentMessageId TEXT NOT NULL DEFAULT '';
)sql",
    // A draft's text in the pieces in which it came: storing it costs what is new of it.
    R"sql(
CREATE TABLE draft_piece (
  workflowId TEXT NOT NULL,
  start BIGINT NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (workflowId, start)
) WITHOUT ROWID;
INSERT INTO draft_piece SELECT workflowId, 0, text FROM draft;
ALTER TABLE draft ADD COLUMN bytes BIGINT NOT NULL DEFAULT 0;
UPDATE draft SET bytes = length(CAST(text AS BLOB));
ALTER TABLE draft DROP COLUMN text;
CREATE TRIGGER draft_gone AFTER DELETE ON draft
  BEGIN DELETE FROM draft_piece WHERE workflowId = old.workflowId; END;
CREATE TRIGGER draft_replaced AFTER UPDATE ON draft WHEN new.messageId <> old.messageId
  BEGIN DELETE FROM draft_piece WHERE workflowId = old.workflowId; END;
)sql",
};

class SqliteDialect final : public Dialect {
 public:
  std::span<const char* const> migrations() const noexcept override { return kMigrations; }
  std::string_view findVersion() const noexcept override {
    return "SELECT 1 FROM sqlite_master WHERE name = 'schema_version'";
  }
  std::string_view forUpdate() const noexcept override { return ""; }
  std::string_view skipLocked() const noexcept override { return ""; }
  bool countsChanges() const noexcept override { return true; }
  bool hasCheapSavepoints() const noexcept override { return true; }
  bool storesFolded() const noexcept override { return false; }
  const WordIndex& words() const noexcept override { return sqliteWordIndex(); }
};

}  // namespace

const Dialect& sqliteDialect() noexcept {
  static const SqliteDialect dialect;
  return dialect;
}

}  // namespace chatbot::database
