// A store that fails when it is told to, and is the real one otherwise.
#pragma once

#include <atomic>
#include <memory>
#include <utility>

#include "chatbot/error.h"
#include "store/engine_store.h"

namespace chatbot::test {

class FlakyStore final : public store::EngineStore {
 public:
  explicit FlakyStore(std::shared_ptr<store::EngineStore> real) : real_(std::move(real)) {}

  void onChange(std::function<void(const Change&)> listener) override {
    real_->onChange(std::move(listener));
  }
  void draftsFrom(DraftSource source) override { real_->draftsFrom(std::move(source)); }
  void onPeerChange(std::function<void(std::string_view)> listener) override {
    real_->onPeerChange(std::move(listener));
  }
  bool hearsPeers() const noexcept override { return real_->hearsPeers(); }
  bool isShared() const noexcept override { return real_->isShared(); }
  std::vector<Workflow> findAll(const Scope& scope, std::span<const std::string> ids) override {
    return working().findAll(scope, ids);
  }
  std::optional<store::Snapshot> snapshot(const Scope& scope, std::string_view id) override {
    return working().snapshot(scope, id);
  }
  std::optional<Workflow> find(const Scope& scope, std::string_view id) override {
    return working().find(scope, id);
  }
  WorkflowPage list(const Scope& scope, std::string_view mode, const PageQuery& query) override {
    return working().list(scope, mode, query);
  }
  std::vector<Workflow> listAll(const Scope& scope, std::string_view mode,
                                const PageQuery& query) override {
    return working().listAll(scope, mode, query);
  }
  std::optional<Tail> tail(const Scope& scope, std::string_view id, std::int64_t afterSeq,
                           std::size_t limit, std::size_t maxBytes) override {
    std::optional<Tail> tail = working().tail(scope, id, afterSeq, limit, maxBytes);
    if (const std::function<void()> hook = afterTail) hook();
    return tail;
  }
  std::vector<Item> messagesBefore(const Scope& scope, std::string_view id, std::int64_t round,
                                   const MessageLimits& limits) override {
    return working().messagesBefore(scope, id, round, limits);
  }
  std::optional<std::int64_t> append(const Scope& scope, const RoundKey& round,
                                     std::span<const ItemContent> items) override {
    return working().append(scope, round, items);
  }
  std::optional<std::int64_t> finishDraft(const Scope& scope, const RoundKey& round,
                                          std::span<const ItemContent> items) override {
    return working().finishDraft(scope, round, items);
  }
  void saveDrafts(const Scope& scope, std::span<const std::string> workflowIds) override {
    working().saveDrafts(scope, workflowIds);
  }
  bool endRound(const Scope& scope, const RoundKey& round, WorkflowStatus status,
                std::span<const ItemContent> items) override {
    return working().endRound(scope, round, status, items);
  }
  WorkflowChange stop(const Scope& scope, const RoundKey& round) override {
    return working().stop(scope, round);
  }
  Start start(const Scope& scope, const StartRequest& request) override {
    return working().start(scope, request);
  }
  std::optional<Start> startedBefore(const Scope& scope, const Identity& caller,
                                     const StartKey& key) override {
    return working().startedBefore(scope, caller, key);
  }
  bool hasQueued(const Scope& scope) override { return working().hasQueued(scope); }
  std::vector<store::ReadyStart> readyStarts(const Scope& scope) override {
    return working().readyStarts(scope);
  }
  std::optional<store::DequeuedStart> beginQueued(const Scope& scope,
                                                  std::string_view id) override {
    return working().beginQueued(scope, id);
  }
  std::vector<RoundKey> reclaim(const Scope& scope, std::span<const ItemContent> items) override {
    return working().reclaim(scope, items);
  }
  bool hasPeers() override { return working().hasPeers(); }
  void renewLease() override { working().renewLease(); }
  std::optional<Workflow> rename(const Scope& scope, std::string_view id,
                                 std::string_view name) override {
    return working().rename(scope, id, name);
  }
  bool renameInRound(const Scope& scope, const RoundKey& round, std::string_view name) override {
    return working().renameInRound(scope, round, name);
  }
  bool remove(const Scope& scope, std::string_view id) override {
    return working().remove(scope, id);
  }
  std::vector<RoundKey> runningRounds(const Scope& scope) override {
    return working().runningRounds(scope);
  }
  std::vector<RoundKey> ownRounds(const Scope& scope) override {
    return working().ownRounds(scope);
  }
  void import(const Scope& scope, std::span<const Import> workflows) override {
    working().import(scope, workflows);
  }
  std::size_t indexMessages(std::size_t limit) override { return working().indexMessages(limit); }
  bool sweepRemoved(std::size_t limit) override { return working().sweepRemoved(limit); }
  bool sweepStartKeys(std::size_t limit) override { return working().sweepStartKeys(limit); }
  bool maintain(std::size_t limit) override { return working().maintain(limit); }
  std::optional<store::StoredRules> rulesOtherThan(std::int64_t version) override {
    return working().rulesOtherThan(version);
  }
  std::int64_t saveRules(std::string_view json) override { return working().saveRules(json); }

  std::atomic<bool> failing = false;
  std::atomic<int> failures = 0;    // calls that have failed
  std::function<void()> afterTail;  // called behind each look at a tail

 private:
  store::EngineStore& working() {
    if (!failing) return *real_;
    ++failures;
    throw Error(ErrorCode::unavailable, "The store fails for a moment");
  }

  std::shared_ptr<store::EngineStore> real_;
};

}  // namespace chatbot::test
