#include "chatbot/stream.h"

#include <algorithm>
#include <utility>

#include "stream/state.h"

namespace chatbot {
namespace {

// How much of the log a stream reads at a time, and so the most that it holds for its reader (one
// item may be larger).
constexpr std::size_t kFetchItems = 256;
constexpr std::size_t kFetchBytes = 64 * 1024;

}  // namespace

Stream::State::State(Setup setup)
    : setup_(std::move(setup)),
      expiresAt_(setup_.environment->now() + setup_.lifetime),
      keepaliveAt_(setup_.environment->now() + setup_.keepalive),
      fetchedSeq_(setup_.start.afterSeq) {}

Stream::State::~State() {
  if (timer_) setup_.scheduler->cancel(*timer_);
}

StreamEvent Stream::State::next(Timeout timeout) {
  Environment& environment = *setup_.environment;
  const Instant givenUpAt =
      timeout < Timeout::zero() ? Instant::max() : environment.now() + timeout;
  Lock lock(mutex_);
  for (;;) {
    if (std::optional<StreamEvent> event = take(lock)) return *std::move(event);
    if (timeout == Timeout::zero() || environment.now() >= givenUpAt) return {};
    environment.waitUntil(wake_, lock, std::min(givenUpAt, nextDeadline()));
  }
}

// The event that is there, if there is one.
std::optional<StreamEvent> Stream::State::take(Lock& lock) {
  const Instant now = setup_.environment->now();
  if (end_ == StreamEnd::open && now >= expiresAt_) end_ = StreamEnd::expired;
  // Again when a hint has come while the store was read, or another round's items were passed over.
  while (end_ == StreamEnd::open && !hasFetched() && mayHaveMore()) fetch(lock);
  if (end_ == StreamEnd::open && !hasFetched() && roundOver_) end_ = StreamEnd::finished;

  StreamEvent event;
  if (end_ != StreamEnd::open) {
    endTold_ = true;
    event.kind = StreamEvent::Kind::end;
  } else if (hasFetched()) {
    event.kind = StreamEvent::Kind::item;
    event.item = takeFetched();
    sent();
  } else if (now >= keepaliveAt_) {
    event.kind = StreamEvent::Kind::keepalive;
    sent();
  }
  refresh();
  if (event.kind == StreamEvent::Kind::none) return std::nullopt;
  return event;
}

// The store is read without the lock, so that nobody who wakes the stream waits for the disk.
void Stream::State::fetch(Lock& lock) {
  look_ = false;
  const std::int64_t after = fetchedSeq_;
  std::optional<Tail> tail;
  lock.unlock();
  try {
    tail = setup_.store->tail(setup_.scope, setup_.workflowId, after, kFetchItems, kFetchBytes);
  } catch (...) {
    lock.lock();
    look_ = true;
    refresh();
    throw;
  }
  lock.lock();
  if (tail) return accept(*std::move(tail));
  if (end_ == StreamEnd::open) end_ = StreamEnd::removed;
}

void Stream::State::accept(Tail tail) {
  const Workflow& workflow = tail.workflow;
  const std::optional<std::int64_t> round = setup_.start.round;
  if (!tail.items.empty()) fetchedSeq_ = tail.items.back().seq;
  const bool followed = round && workflow.currentRound != *round;
  bool passed = fetchedSeq_ >= workflow.lastSeq;
  for (Item& item : tail.items) {
    passed = passed || (round && item.round && *item.round > *round);
    if (!round || item.round == round) fetched_.push_back(std::move(item));
  }
  hintedSeq_ = std::max(hintedSeq_, workflow.lastSeq);
  status_ = workflow.status;
  roundOver_ = passed && (workflow.status != WorkflowStatus::running || followed);
}

// A stream that has caught up holds no buffer.
Item Stream::State::takeFetched() {
  Item item = std::move(fetched_[given_]);
  ++given_;
  if (hasFetched()) return item;
  given_ = 0;
  fetched_ = {};
  return item;
}

void Stream::State::sent() {
  keepaliveAt_ = setup_.environment->now() + setup_.keepalive;
  if (!timer_) armLocked();
}

bool Stream::State::mayHaveMore() const noexcept {
  return !roundOver_ && (look_ || hintedSeq_ > fetchedSeq_);
}

bool Stream::State::isReady() const {
  if (end_ != StreamEnd::open || backlog_ || roundOver_ || hasFetched()) return true;
  return mayHaveMore() || setup_.environment->now() >= nextDeadline();
}

Instant Stream::State::nextDeadline() const noexcept { return std::min(keepaliveAt_, expiresAt_); }

void Stream::State::refresh() {
  const bool ready = isReady();
  pollable_.set(ready);
  if (ready) wake_.notify_all();
}

void Stream::State::wakeFor(const Change& change) noexcept {
  const Lock lock(mutex_);
  if (change.removed && end_ == StreamEnd::open) end_ = StreamEnd::removed;
  hintedSeq_ = std::max(hintedSeq_, change.lastSeq);
  const std::optional<std::int64_t> round = setup_.start.round;
  const bool over = change.status != WorkflowStatus::running || (round && change.round != *round);
  look_ = look_ || over;
  refresh();
}

void Stream::State::finish(StreamEnd end) noexcept {
  const Lock lock(mutex_);
  if (end_ == StreamEnd::open) end_ = end;
  refresh();
}

void Stream::State::setBacklog(bool backlog) noexcept {
  const Lock lock(mutex_);
  backlog_ = backlog;
  refresh();
}

int Stream::State::pollable() {
  const Lock lock(mutex_);
  const int descriptor = pollable_.descriptor();
  refresh();
  return descriptor;
}

StreamEnd Stream::State::end() const noexcept {
  const Lock lock(mutex_);
  return endTold_ ? end_ : StreamEnd::open;
}

WorkflowStatus Stream::State::status() const noexcept {
  const Lock lock(mutex_);
  return status_;
}

void Stream::State::arm() {
  const Lock lock(mutex_);
  armLocked();
}

// One timer at most: an item that is sent moves the deadline, and the timer follows when it rings.
void Stream::State::armLocked() {
  timer_ = setup_.scheduler->schedule(nextDeadline(), [self = weak_from_this()] {
    if (const std::shared_ptr<State> state = self.lock()) state->onTimer();
  });
}

void Stream::State::onTimer() {
  const Lock lock(mutex_);
  timer_.reset();
  if (setup_.environment->now() < nextDeadline()) armLocked();
  refresh();
}

Stream::Stream(std::shared_ptr<State> state) : state_(std::move(state)) {}

Stream::~Stream() { state_->leaveHub(); }

StreamEvent Stream::next(Timeout timeout) { return state_->next(timeout); }

StreamEnd Stream::end() const noexcept { return state_->end(); }

WorkflowStatus Stream::status() const noexcept { return state_->status(); }

int Stream::pollable() { return state_->pollable(); }

void Stream::cancel() noexcept { state_->finish(StreamEnd::cancelled); }

void Stream::setBacklog(bool backlog) noexcept { state_->setBacklog(backlog); }

const std::string& Stream::workflowId() const noexcept { return state_->workflowId(); }

}  // namespace chatbot
