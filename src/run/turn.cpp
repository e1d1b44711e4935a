#include <array>
#include <limits>
#include <utility>

#include "chatbot/run.h"
#include "run/round.h"

namespace chatbot {

Turn::Turn(std::shared_ptr<run::Round> round) : round_(std::move(round)) {}

Turn& Turn::operator=(Turn&& other) noexcept {
  if (this == &other) return *this;
  drop();
  round_ = std::move(other.round_);
  return *this;
}

Turn::~Turn() { drop(); }

void Turn::drop() noexcept {
  if (round_ == nullptr) return;
  giveUp("The responder ended without an answer");
}

void Turn::giveUp(const std::string& safeText) noexcept {
  round_->onCancel(nullptr);
  round_->abandon(safeText);
  round_ = nullptr;
}

const TurnInput& Turn::input() const noexcept { return round_->input(); }

std::vector<Item> Turn::history(const MessageLimits& limits) const {
  const TurnInput& input = round_->input();
  return round_->rounds().store().messagesBefore(round_->scope(), input.workflowId, input.round,
                                                 limits);
}

bool Turn::delta(std::string_view text) { return round_->delta(text); }

bool Turn::append(const ItemContent& item) { return append(std::span(&item, 1)); }

bool Turn::append(std::span<const ItemContent> items) { return round_->append(items); }

bool Turn::rename(std::string_view name) { return round_->rename(name); }

bool Turn::complete() { return round_->end(WorkflowStatus::completed, {}); }

bool Turn::fail(std::string_view safeText) {
  return round_->end(WorkflowStatus::error, std::array<ItemContent, 1>{run::failureLog(safeText)});
}

bool Turn::cancelled() const noexcept { return round_->cancelled(); }

int Turn::cancelPollable() { return round_->cancelPollable(); }

void Turn::onCancel(std::function<void()> callback) { round_->onCancel(std::move(callback)); }

}  // namespace chatbot
