#include "store/migrations.h"

#include <fmt/format.h>

#include <array>

#include "chatbot/error.h"
#include "store/message_index.h"

namespace chatbot::store {
namespace {

// Each entry brings the schema from the version that is its index to the next one. Released entries
// never change.
constexpr std::array kMigrations = {
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
    kMessageIndexSchema,
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
  createdAt DOUBLE PRECISION NOT NULL,
  ended TEXT,
  PRIMARY KEY (mandateId, createdBy, key)
);
CREATE INDEX start_key_age ON start_key (createdAt);
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

std::int64_t readVersion(Connection& connection) {
  connection.run("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)");
  std::int64_t version = 0;
  connection.run("SELECT version FROM schema_version", {}, [&](const Row& row) {
    version = row.integer(0);
    return true;
  });
  return version;
}

void writeVersion(Connection& connection, std::int64_t version) {
  connection.run("DELETE FROM schema_version");
  connection.run("INSERT INTO schema_version (version) VALUES (?)", std::array{SqlValue(version)});
}

void migrateInTransaction(Connection& connection) {
  constexpr auto kLatest = static_cast<std::int64_t>(kMigrations.size());
  const std::int64_t version = readVersion(connection);
  if (version > kLatest) {
    throw Error(ErrorCode::unsupported,
                fmt::format("the database has schema version {}, this library knows up to {}",
                            version, kLatest));
  }
  if (version == kLatest) return;
  for (auto next = version; next < kLatest; ++next) {
    connection.runScript(kMigrations[static_cast<std::size_t>(next)]);
  }
  writeVersion(connection, kLatest);
}

}  // namespace

void migrate(Connection& connection) {
  connection.run("BEGIN IMMEDIATE");
  try {
    migrateInTransaction(connection);
    connection.run("COMMIT");
  } catch (...) {
    if (connection.inTransaction()) connection.run("ROLLBACK");
    throw;
  }
}

}  // namespace chatbot::store
