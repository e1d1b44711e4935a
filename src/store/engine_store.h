// The store as the engine sees it, beyond the public face: the drafts in memory, starts that wait,
// the other engines on the database, and maintenance in parts.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "chatbot/store.h"

namespace chatbot::store {

// The text of a message that is still being written. A workflow has at most one.
struct Draft {
  std::string workflowId;
  std::int64_t round = 0;
  std::string messageId;
  std::string parentMessageId{};  // the id of the user's message that it answers
  std::int64_t afterSeq = 0;      // the place of the newest item when it was begun
  std::string text;
};

// How the store asks for a draft in memory.
enum class DraftAccess {
  look,    // as it is; nothing while an append that finishes it is under way
  freeze,  // as it is, for the end of its round: what is added from now on is held back
  thaw,    // the round goes on after all: what was held back is added; answers nothing
};

// A workflow and the text that is being written in it, as of one moment.
struct Snapshot {
  Workflow workflow;
  std::optional<Draft> draft;  // as it was stored last
};

// The first start that waits for a workflow of which no round is running any more.
struct ReadyStart {
  std::string workflowId;
  Identity caller;  // the user that has asked for it, without roles, in the workflow's mandate
};

// A start that has waited and whose round has now begun: what was asked, and what came of it.
struct DequeuedStart {
  StartRequest request;  // its caller as in ReadyStart
  Start start;
};

// The access rules that all engines on a database share.
struct StoredRules {
  std::int64_t version = 0;  // a random name without an order; 0: none were saved
  std::string json;          // as RuleSet::fromJson reads it; empty where none were saved
};

// Threads and errors as Store has them. The implementation of Store::open is one, too.
class EngineStore : public Store {
 public:
  static std::shared_ptr<EngineStore> open(const StoreOptions& options,
                                           std::shared_ptr<Environment> environment,
                                           LogFunction log = {});

  // --- Drafts

  // Sets where the drafts are that are being written in this process, before the first write. It is
  // asked on the thread that writes, within the transactions that save and end them, and must not
  // call the store.
  using DraftSource =
      std::function<std::optional<Draft>(std::string_view workflowId, DraftAccess access)>;
  virtual void draftsFrom(DraftSource source) = 0;

  // Stores the drafts of these workflows as they are, all in one transaction; those whose round is
  // over are left out. The stored text is what remains when the process dies.
  virtual void saveDrafts(const Scope& scope, std::span<const std::string> workflowIds) = 0;

  // As append(), where one of the items is the message that the workflow's draft has become.
  virtual std::optional<std::int64_t> finishDraft(const Scope& scope, const RoundKey& round,
                                                  std::span<const ItemContent> items) = 0;

  // --- Reads

  // The workflows among `ids` that are in scope, in any order; a few statements for many ids.
  virtual std::vector<Workflow> findAll(const Scope& scope, std::span<const std::string> ids) = 0;

  virtual std::optional<Snapshot> snapshot(const Scope& scope, std::string_view id) = 0;

  // The running rounds that this instance has begun.
  virtual std::vector<RoundKey> ownRounds(const Scope& scope) = 0;

  // --- Rounds and starts that wait

  // Renames the workflow of a running round. False where the round is over.
  virtual bool renameInRound(const Scope& scope, const RoundKey& round, std::string_view name) = 0;

  // The start that `key` of this caller has made before, as start() would answer it.
  virtual std::optional<Start> startedBefore(const Scope& scope, const Identity& caller,
                                             const StartKey& key) = 0;

  // A start that waits is begun by the instance that has taken it in or, where that one is dead, by
  // the one that has reclaimed it. hasQueued: whether any waits for this instance. readyStarts:
  // those that may begin. beginQueued: begins the first that waits for the workflow; nothing where
  // its round is running, or the start is another instance's.
  virtual bool hasQueued(const Scope& scope) = 0;
  virtual std::vector<ReadyStart> readyStarts(const Scope& scope) = 0;
  virtual std::optional<DequeuedStart> beginQueued(const Scope& scope, std::string_view id) = 0;

  // --- Peers: other stores on the same database

  // Sets the listener for the changes of peers, where the database announces them (PostgreSQL). It
  // is called with the workflow's id on a thread of the store's own, soon after a change, once for
  // several; with an empty id where any workflow may have changed, as after a time in which nothing
  // could be heard. A hint: one may be lost. It must not throw. An empty listener takes it back and
  // waits for a call that is under way.
  virtual void onPeerChange(std::function<void(std::string_view workflowId)> listener) = 0;

  // Whether the database announces the changes of peers at this time, so that the engine need not
  // look for them often.
  virtual bool hearsPeers() const noexcept = 0;

  // Whether peers on other machines may have the database open (PostgreSQL). Then a store renews
  // its lease even while it runs no round.
  virtual bool isShared() const noexcept = 0;

  // Whether peers have the database open, or have left it without a word: then it may change
  // without a call of onChange.
  virtual bool hasPeers() = 0;

  // Says that this instance lives. To be called several times within each StoreOptions::lease while
  // it runs rounds or starts wait in it; it writes at most four times a lease.
  virtual void renewLease() = 0;

  // Takes over from dead instances: ends their rounds as failed with `items`, keeping the drafts
  // that they have stored, and adopts the starts that wait there. Returns the ended rounds. To be
  // called after open, and several times within a lease.
  virtual std::vector<RoundKey> reclaim(const Scope& scope, std::span<const ItemContent> items) = 0;

  // --- Rules

  // The access rules, if they have another version than the one given; 0: none were saved.
  virtual std::optional<StoredRules> rulesOtherThan(std::int64_t version) = 0;

  // Replaces them, and returns their version, which none has had before.
  virtual std::int64_t saveRules(std::string_view json) = 0;

  // --- The parts of maintain()

  // Returns how many messages were indexed: 0 when the index is up to date.
  virtual std::size_t indexMessages(std::size_t limit) = 0;

  // Deletes items of removed workflows. Returns whether there may be more.
  virtual bool sweepRemoved(std::size_t limit) = 0;

  // Deletes start keys whose life is over. Returns whether there may be more.
  virtual bool sweepStartKeys(std::size_t limit) = 0;
};

}  // namespace chatbot::store
