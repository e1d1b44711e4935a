// How rounds begin, go on and end, each within the transaction of its caller; and workflows that
// come with their rounds.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "chatbot/environment.h"
#include "chatbot/store.h"
#include "store/connections.h"
#include "store/engine_store.h"
#include "store/membership.h"
#include "store/scoped.h"

namespace chatbot::store {

// Used by the thread that writes, in one transaction at a time; thaw() by any thread.
class RoundWriter {
 public:
  RoundWriter(std::shared_ptr<Environment> environment, Membership& membership)
      : environment_(std::move(environment)), membership_(membership) {}

  void draftsFrom(EngineStore::DraftSource source) { drafts_ = std::move(source); }

  // A round begins with its first item. create() gives the workflow what it lacks and throws Error
  // (forbidden) for a row that the scope does not allow; begin() answers nothing for a workflow
  // that is not in scope, is running, or for which a start waits.
  Workflow create(Transaction& transaction, Workflow workflow, const ItemContent& first);
  std::optional<Workflow> begin(Transaction& transaction, std::string_view id,
                                const ItemContent& first);

  // Returns the place of the last item; nothing where the round is over.
  std::optional<std::int64_t> append(Transaction& transaction, const RoundKey& round,
                                     std::span<const ItemContent> items, bool finishesDraft);

  // False where the round is over already.
  bool end(Transaction& transaction, const RoundKey& round, WorkflowStatus status,
           std::span<const ItemContent> items);

  void saveDrafts(Transaction& transaction, std::span<const std::string> workflowIds);

  // Undoes the freeze of an end whose transaction was undone.
  void thaw(std::string_view workflowId) const { draftInMemory(workflowId, DraftAccess::thaw); }

 private:
  std::optional<Draft> draftInMemory(std::string_view workflowId, DraftAccess access) const;
  std::optional<Message> unfinished(ScopedConnection& rows, const RoundKey& round,
                                    WorkflowStatus status) const;

  double now();

  const std::shared_ptr<Environment> environment_;
  Membership& membership_;
  double newest_ = 0;  // time that now() has given; of the writer's transactions, one at a time
  EngineStore::DraftSource drafts_;
};

// In the transaction of its caller. Throws Error (forbidden) where the scope does not allow it.
void importWorkflow(ScopedConnection& rows, const Import& entry, Environment& environment);

}  // namespace chatbot::store
