// A turn inside: what a responder does with its round, and the draft that it writes.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "chatbot/environment.h"
#include "chatbot/run.h"
#include "run/draft_saver.h"
#include "run/recovery.h"
#include "run/round_registry.h"
#include "store/engine_store.h"
#include "stream/feed.h"
#include "stream/hub.h"

namespace chatbot::run {

// The parts of an engine that its turns use. Shared with them, for a turn may outlive its engine.
// None of the parts holds a turn.
struct TurnServices {
  const std::shared_ptr<store::EngineStore> store;
  const std::shared_ptr<stream::Hub> streams;
  const std::shared_ptr<Environment> environment;
  const std::shared_ptr<DraftSaver> drafts;
  const RoundEnd end;
  RoundRegistry registry;
};

}  // namespace chatbot::run

// One call at a time, as Turn says; what concerns a cancel is the round's, and for any thread.
struct chatbot::Turn::Impl {
 public:
  Impl(std::shared_ptr<run::TurnServices> services, std::shared_ptr<run::Round> round,
       TurnInput input);
  ~Impl();
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  const TurnInput& input() const noexcept { return input_; }
  run::Round& round() const noexcept { return *round_; }

  std::vector<Item> history(const MessageLimits& limits) const;
  bool append(std::span<const ItemContent> items);
  bool delta(std::string_view text);
  bool rename(std::string_view name);

  // Once: a second call throws Error (misuse), unless the first one has thrown.
  bool end(WorkflowStatus status, std::span<const ItemContent> items);

  // For a turn that is dropped: ends the round as failed unless it is over.
  void abandon(const std::string& safeText) noexcept;

 private:
  bool isOver() const noexcept { return ended_ || round_->isCancelled(); }
  bool openDraft();
  void closeDraft() noexcept;
  bool finishDraft(std::span<const ItemContent> items, std::size_t message);
  bool keepLast(std::optional<std::int64_t> lastSeq) noexcept;

  const std::shared_ptr<run::TurnServices> services_;
  const std::shared_ptr<run::Round> round_;
  const TurnInput input_;
  bool ended_ = false;
  std::int64_t lastSeq_;  // the place of the newest item that this turn has appended

  std::shared_ptr<stream::Feed> feed_;             // from the first delta on
  std::uint64_t draftSerial_ = 0;                  // of the open draft; 0: none
  std::shared_ptr<run::DraftSaver::Entry> saved_;  // while a draft is open
  std::string cutOff_;  // the start of a code point whose end is still to come
};
