#include "run/turn.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/text.h"
#include "chatbot/error.h"
#include "model/name.h"

namespace chatbot {
namespace {

bool isAnswer(const ItemContent& item) {
  const auto* const message = std::get_if<Message>(&item);
  return message != nullptr && message->role == "assistant" && message->id.empty();
}

}  // namespace

Turn::Impl::Impl(std::shared_ptr<run::TurnServices> services, std::shared_ptr<run::Round> round,
                 TurnInput input)
    : services_(std::move(services)),
      round_(std::move(round)),
      input_(std::move(input)),
      lastSeq_(input_.messageSeq) {}

Turn::Impl::~Impl() {
  closeDraft();
  services_->registry.remove(*round_);
}

std::vector<Item> Turn::Impl::history(const MessageLimits& limits) const {
  return services_->store->messagesBefore(round_->scope(), input_.workflowId, input_.round, limits);
}

bool Turn::Impl::append(std::span<const ItemContent> items) {
  if (isOver()) return false;
  const auto becomes =
      draftSerial_ == 0 ? items.end() : std::find_if(items.begin(), items.end(), isAnswer);
  if (becomes != items.end()) {
    return finishDraft(items, static_cast<std::size_t>(becomes - items.begin()));
  }
  return keepLast(services_->store->append(round_->scope(), round_->key(), items));
}

bool Turn::Impl::keepLast(std::optional<std::int64_t> lastSeq) noexcept {
  lastSeq_ = lastSeq.value_or(lastSeq_);
  return lastSeq.has_value();
}

// The draft stays open where the append fails, so that it may be tried again.
bool Turn::Impl::finishDraft(std::span<const ItemContent> items, std::size_t message) {
  std::vector<ItemContent> finished(items.begin(), items.end());
  if (const std::optional<store::Draft> draft = feed_->draft(draftSerial_)) {
    auto& answer = std::get<Message>(finished[message]);
    answer.id = draft->messageId;
    if (answer.message.empty()) answer.message = draft->text + base::toUtf8(cutOff_);
  }
  feed_->setFinishing(draftSerial_, true);
  try {
    const bool appended =
        keepLast(services_->store->finishDraft(round_->scope(), round_->key(), finished));
    closeDraft();
    return appended;
  } catch (...) {
    feed_->setFinishing(draftSerial_, false);
    throw;
  }
}

bool Turn::Impl::delta(std::string_view text) {
  if (isOver()) return false;
  if (draftSerial_ == 0 && !openDraft()) return false;
  std::string arrived = cutOff_;
  arrived += text;
  const std::size_t whole = base::bytesOfWhole(arrived);
  const std::string added = base::toUtf8(std::string_view(arrived).substr(0, whole));
  if (!feed_->extendDraft(draftSerial_, added)) return false;
  cutOff_ = arrived.substr(whole);
  services_->drafts->saveSoon(saved_);
  return true;
}

bool Turn::Impl::openDraft() {
  if (feed_ == nullptr) feed_ = services_->streams->feed(input_.workflowId);
  saved_ = std::make_shared<run::DraftSaver::Entry>(input_.workflowId);
  draftSerial_ = feed_->openDraft({.workflowId = input_.workflowId,
                                   .round = input_.round,
                                   .messageId = newId(*services_->environment),
                                   .parentMessageId = input_.messageId,
                                   .afterSeq = lastSeq_,
                                   .text = {}});
  return draftSerial_ != 0;
}

void Turn::Impl::closeDraft() noexcept {
  if (draftSerial_ != 0) feed_->closeDraft(draftSerial_);
  draftSerial_ = 0;
  saved_ = nullptr;
  cutOff_.clear();
}

bool Turn::Impl::rename(std::string_view name) {
  const std::string checked = model::checkedName(name);
  return !isOver() && services_->store->renameInRound(round_->scope(), round_->key(), checked);
}

bool Turn::Impl::end(WorkflowStatus status, std::span<const ItemContent> items) {
  if (ended_) throw Error(ErrorCode::misuse, "the turn is finished already");
  if (draftSerial_ != 0 && !cutOff_.empty()) {
    feed_->extendDraft(draftSerial_, base::toUtf8(std::exchange(cutOff_, {})));
  }
  const bool running = !round_->isCancelled() &&
                       services_->store->endRound(round_->scope(), round_->key(), status, items);
  ended_ = true;
  closeDraft();
  services_->registry.remove(*round_);
  round_->giveSlotBack();
  return running;
}

// Where the store cannot take the end now, the draft stays open until it can: the end keeps its
// text.
void Turn::Impl::abandon(const std::string& safeText) noexcept {
  if (isOver()) return;
  try {
    end(WorkflowStatus::error, std::array<ItemContent, 1>{run::failureLog(safeText)});
  } catch (...) {
    draftSerial_ = 0;
    services_->end.tryLater(round_->scope(), round_->key(), safeText, feed_);
  }
}

Turn::Turn(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Turn::Turn(Turn&&) noexcept = default;

Turn& Turn::operator=(Turn&& other) noexcept {
  if (this == &other) return *this;
  giveUp("The responder ended without an answer");
  impl_ = std::move(other.impl_);
  return *this;
}

Turn::~Turn() { giveUp("The responder ended without an answer"); }

void Turn::giveUp(const std::string& safeText) noexcept {
  if (impl_ == nullptr) return;
  impl_->round().onCancel(nullptr);
  impl_->abandon(safeText);
  impl_ = nullptr;
}

const TurnInput& Turn::input() const noexcept { return impl_->input(); }

std::vector<Item> Turn::history(const MessageLimits& limits) const {
  return impl_->history(limits);
}

bool Turn::delta(std::string_view text) { return impl_->delta(text); }

bool Turn::append(const ItemContent& item) { return append(std::span(&item, 1)); }

bool Turn::append(std::span<const ItemContent> items) { return impl_->append(items); }

bool Turn::rename(std::string_view name) { return impl_->rename(name); }

bool Turn::complete() { return impl_->end(WorkflowStatus::completed, {}); }

bool Turn::fail(std::string_view safeText) {
  return impl_->end(WorkflowStatus::error, std::array<ItemContent, 1>{run::failureLog(safeText)});
}

bool Turn::cancelled() const noexcept { return impl_->round().isCancelled(); }

int Turn::cancelPollable() { return impl_->round().cancelPollable(); }

void Turn::onCancel(std::function<void()> callback) {
  impl_->round().onCancel(std::move(callback));
}

}  // namespace chatbot
