// Stores the text that is being written, soon after it was written.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/scheduler.h"
#include "chatbot/environment.h"
#include "store/engine_store.h"

namespace chatbot::run {

// Any thread; a timer saves, all drafts in one transaction. Its mutex is held for
// bookkeeping only.
class DraftSaver : public std::enable_shared_from_this<DraftSaver> {
 public:
  // An open draft, held by its turn: once it is gone, there is nothing to save.
  class Entry {
   public:
    explicit Entry(std::string workflowId) : workflowId_(std::move(workflowId)) {}

   private:
    friend class DraftSaver;
    const std::string workflowId_;
    std::atomic<bool> isDue_ = false;  // from saveSoon() until its text is read for the store
  };

  // `interval` is how long text may be unsaved.
  DraftSaver(std::shared_ptr<store::EngineStore> store, std::shared_ptr<base::Timers> timers,
             std::shared_ptr<Environment> environment, std::chrono::milliseconds interval);

  // After each addition to the text. Costs one atomic exchange while a save is due.
  void saveSoon(const std::shared_ptr<Entry>& entry);

 private:
  using Drafts = std::vector<std::weak_ptr<Entry>>;

  void save() noexcept;
  bool trySave(const Drafts& drafts) noexcept;
  void saveAgain(Drafts drafts) noexcept;

  const std::shared_ptr<store::EngineStore> store_;
  const std::shared_ptr<base::Timers> timers_;
  const std::shared_ptr<Environment> environment_;
  const std::chrono::milliseconds interval_;

  std::mutex mutex_;
  Drafts due_;  // guarded by mutex_; a timer is set while there are any
};

}  // namespace chatbot::run
