#include "run/round.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/text.h"
#include "chatbot/error.h"
#include "model/name.h"

namespace chatbot::run {
namespace {

bool isAnswer(const ItemContent& item) {
  const auto* const message = std::get_if<Message>(&item);
  return message != nullptr && message->role == "assistant" && message->id.empty();
}

}  // namespace

Round::Round(std::shared_ptr<Rounds> rounds, Rounds::Slot slot, Scope scope, TurnInput input)
    : rounds_(std::move(rounds)),
      slot_(std::move(slot)),
      ticket_(slot_ == nullptr ? RoundLimits::kNoTicket : slot_->ticket),
      scope_(std::move(scope)),
      input_(std::move(input)),
      lastSeq_(input_.messageSeq) {}

Round::~Round() {
  closeDraft();
  rounds_->remove(*this);
}

bool Round::append(std::span<const ItemContent> items) {
  if (ended_ || cancelled_) return false;
  if (draftSerial_ == 0) return appendAs(items, false);
  const auto becomes = std::find_if(items.begin(), items.end(), isAnswer);
  if (becomes == items.end()) return appendAs(items, false);
  return finishDraft(items, static_cast<std::size_t>(becomes - items.begin()));
}

bool Round::appendAs(std::span<const ItemContent> items, bool finishesDraft) {
  store::EngineStore& store = rounds_->store();
  const std::optional<std::int64_t> lastSeq =
      finishesDraft ? store.finishDraft(scope_, key(), items) : store.append(scope_, key(), items);
  lastSeq_ = lastSeq.value_or(lastSeq_);
  return lastSeq.has_value();
}

// The draft stays open where the append fails, so that it may be tried again.
bool Round::finishDraft(std::span<const ItemContent> items, std::size_t message) {
  std::vector<ItemContent> finished(items.begin(), items.end());
  if (const std::optional<store::Draft> draft = feed_->draft(draftSerial_)) {
    auto& answer = std::get<Message>(finished[message]);
    answer.id = draft->messageId;
    if (answer.message.empty()) answer.message = draft->text + base::toUtf8(cutOff_);
  }
  feed_->setFinishing(draftSerial_, true);
  try {
    const bool appended = appendAs(finished, true);
    closeDraft();
    return appended;
  } catch (...) {
    feed_->setFinishing(draftSerial_, false);
    throw;
  }
}

bool Round::delta(std::string_view text) {
  if (ended_ || cancelled_) return false;
  if (draftSerial_ == 0 && !openDraft()) return false;
  std::string arrived = cutOff_;
  arrived += text;
  const std::size_t whole = base::bytesOfWhole(arrived);
  const std::string added = base::toUtf8(std::string_view(arrived).substr(0, whole));
  if (!feed_->extendDraft(draftSerial_, added)) return false;
  cutOff_ = arrived.substr(whole);
  rounds_->saveSoon(shared_from_this());
  return true;
}

void Round::closeDraft() noexcept {
  if (draftSerial_ != 0) feed_->closeDraft(draftSerial_);
  draftSerial_ = 0;
  cutOff_.clear();
}

bool Round::openDraft() {
  if (feed_ == nullptr) feed_ = rounds_->feed(input_.workflowId);
  draftSerial_ = feed_->openDraft({.workflowId = input_.workflowId,
                                   .round = input_.round,
                                   .messageId = newId(rounds_->environment()),
                                   .parentMessageId = input_.messageId,
                                   .afterSeq = lastSeq_,
                                   .text = {}});
  return draftSerial_ != 0;
}

bool Round::rename(std::string_view name) {
  model::checkName(name);
  if (ended_ || cancelled_) return false;
  return rounds_->store().renameInRound(scope_, key(), name);
}

bool Round::end(WorkflowStatus status, std::span<const ItemContent> items) {
  if (ended_) throw Error(ErrorCode::misuse, "the turn is finished already");
  if (draftSerial_ != 0 && !cutOff_.empty()) {
    feed_->extendDraft(draftSerial_, base::toUtf8(std::exchange(cutOff_, {})));
  }
  const bool running = !cancelled_ && rounds_->store().endRound(scope_, key(), status, items);
  ended_ = true;
  closeDraft();
  rounds_->remove(*this);
  givePlaceBack();
  return running;
}

void Round::givePlaceBack() noexcept {
  Rounds::Slot freed;  // without the lock
  const std::lock_guard lock(mutex_);
  freed = std::move(slot_);
}

void Round::abandon(const std::string& safeText) noexcept {
  if (ended_ || cancelled_) return;
  try {
    end(WorkflowStatus::error, std::array<ItemContent, 1>{failureLog(safeText)});
  } catch (...) {
    draftSerial_ = 0;  // it stays open, so that its end keeps its text
    rounds_->endLater({scope_, key()}, safeText, feed_);
  }
}

void Round::cancel() noexcept {
  std::unique_lock lock(mutex_);
  if (cancelled_.exchange(true)) return;
  pollable_.set(true);
  const Rounds::Slot freed = std::move(slot_);
  callBack(lock);
  lock.unlock();
}

// Without the lock: the callback may take back itself.
void Round::callBack(std::unique_lock<std::mutex>& lock) {
  if (!callback_) return;
  std::function<void()> callback = std::exchange(callback_, nullptr);
  callingBack_ = std::this_thread::get_id();
  lock.unlock();
  callback();
  callback = nullptr;  // with what it holds: that may lead back here
  lock.lock();
  callingBack_ = {};
  calledBack_.notify_all();
}

int Round::cancelPollable() {
  const std::lock_guard lock(mutex_);
  return pollable_.descriptor();
}

void Round::onCancel(std::function<void()> callback) noexcept {
  std::function<void()> replaced;  // destroyed without the lock
  std::unique_lock lock(mutex_);
  const auto idle = [this] {
    return callingBack_ == std::thread::id() || callingBack_ == std::this_thread::get_id();
  };
  calledBack_.wait(lock, idle);
  replaced = std::exchange(callback_, std::move(callback));
  lock.unlock();
}

}  // namespace chatbot::run
