#include "run/draft_saver.h"

#include <exception>
#include <utility>

namespace chatbot::run {

DraftSaver::DraftSaver(std::shared_ptr<store::EngineStore> store,
                       std::shared_ptr<base::Timers> timers,
                       std::shared_ptr<Environment> environment, std::chrono::milliseconds interval)
    : store_(std::move(store)),
      timers_(std::move(timers)),
      environment_(std::move(environment)),
      interval_(interval) {}

void DraftSaver::saveSoon(const std::shared_ptr<Entry>& entry) {
  if (entry->isDue_.exchange(true)) return;
  try {
    const std::lock_guard lock(mutex_);
    due_.push_back(entry);
    if (due_.size() > 1) return;  // the first has set the timer for all
    timers_->schedule(environment_->now() + interval_, [weak = weak_from_this()] {
      if (const std::shared_ptr<DraftSaver> saver = weak.lock()) saver->save();
    });
  } catch (...) {
    entry->isDue_ = false;
    throw;
  }
}

void DraftSaver::save() noexcept {
  Drafts drafts;
  {
    const std::lock_guard lock(mutex_);
    drafts.swap(due_);
  }
  if (!trySave(drafts)) saveAgain(std::move(drafts));
}

// Text that is added from the moment on when a draft is not due any more is saved the next time.
bool DraftSaver::trySave(const Drafts& drafts) noexcept {
  try {
    std::vector<std::string> workflowIds;
    for (const std::weak_ptr<Entry>& draft : drafts) {
      const std::shared_ptr<Entry> entry = draft.lock();
      if (entry == nullptr) continue;
      entry->isDue_ = false;
      workflowIds.push_back(entry->workflowId_);
    }
    if (!workflowIds.empty()) store_->saveDrafts(Scope::system(), workflowIds);
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

void DraftSaver::saveAgain(Drafts drafts) noexcept {
  try {
    base::retryLater(*timers_, *environment_,
                     [weak = weak_from_this(), drafts = std::move(drafts)] {
                       const std::shared_ptr<DraftSaver> saver = weak.lock();
                       return saver == nullptr || saver->trySave(drafts);
                     });
  } catch (const std::exception&) {
    // Without memory: the drafts' next text asks again.
  }
}

}  // namespace chatbot::run
