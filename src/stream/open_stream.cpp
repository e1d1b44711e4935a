#include "stream/open_stream.h"

#include <algorithm>
#include <utility>

#include "chatbot/error.h"

namespace chatbot::stream {

OpenStream::OpenStream(Setup setup)
    : setup_(std::move(setup)),
      log_(*setup_.feed, setup_.start),
      draft_(*setup_.feed, setup_.start),
      readiness_(services().notifier),
      deadlines_(services().timers, services().options, environment().now()) {}

void OpenStream::open() {
  const Lock guard = lock();
  setup_.feed->enter(*this);
  life_ = Life::live;
  const Instant now = environment().now();
  arm(now);
  refresh(now);
}

// The callback goes first, and without the lock: it may be running, and may ask for the lock.
void OpenStream::close() {
  readiness_.setCallback(nullptr);
  const Lock guard = lock();
  if (life_ == Life::made || life_ == Life::closed) return;
  life_ = Life::closed;
  readiness_.leaveAny();
  log_.drop();
  setup_.feed->leave(*this);
}

StreamEvent OpenStream::next(Timeout timeout) {
  const Instant givenUpAt =
      timeout < Timeout::zero() ? Instant::max() : environment().now() + timeout;
  Lock guard = lock();
  for (;;) {
    if (std::optional<StreamEvent> event = take(guard)) return *std::move(event);
    if (timeout == Timeout::zero()) return {};
    const Instant now = environment().now();
    if (now >= givenUpAt) return {};
    readiness_.wait(environment(), guard, std::min(givenUpAt, nextDeadline(now)));
  }
}

// The event that is there, if there is one. The store is read again when a portion held nothing
// but another round's items.
std::optional<StreamEvent> OpenStream::take(Lock& lock) {
  const Instant now = environment().now();
  if (deadlines_.isExpired(now)) setEnd(StreamEnd::expired);
  StreamEvent event;
  while (life_ == Life::live && !takeItem(event) && log_.mayHaveMore(now)) fetch(lock);
  if (life_ == Life::live && event.kind == StreamEvent::Kind::none) {
    if (log_.isOver()) setEnd(StreamEnd::finished);
    if (life_ == Life::live && !takeDelta(event) && deadlines_.isSilent(now)) {
      event.kind = StreamEvent::Kind::keepalive;
    }
  }
  if (life_ != Life::live) {
    life_ = Life::ended;
    event = {};
    event.kind = StreamEvent::Kind::end;
  } else if (event.kind != StreamEvent::Kind::none) {
    sent(now);
  }
  refresh(now);
  if (event.kind == StreamEvent::Kind::none) return std::nullopt;
  return event;
}

// The draft's offset belongs to an item's position too: a reader that leaves between the two goes
// on with the draft where it was.
bool OpenStream::takeItem(StreamEvent& event) {
  event.item = log_.next();
  if (event.item == nullptr) return false;
  event.kind = StreamEvent::Kind::item;
  event.position = {.seq = log_.seq(), .offset = draft_.offsetAt(log_.seq())};
  return true;
}

bool OpenStream::takeDelta(StreamEvent& event) {
  std::optional<StreamDelta> delta = draft_.next();
  if (!delta) return false;
  event.kind = StreamEvent::Kind::delta;
  event.delta = *std::move(delta);
  event.position = {.seq = log_.seq(), .offset = draft_.offset()};
  return true;
}

// A store that cannot be reached moves the deadline to the next try.
void OpenStream::fetch(Lock& lock) {
  try {
    if (!log_.fetch(lock, *services().store, setup_.scope, environment())) {
      setEnd(StreamEnd::removed);
    }
  } catch (...) {
    refresh();
    throw;
  }
  const Instant now = environment().now();
  if (log_.retryAt(now)) arm(now);
}

// A timer that is armed rings too early after this, and is then set anew: see Deadlines.
void OpenStream::sent(Instant now) noexcept {
  deadlines_.sent(now);
  if (!deadlines_.isArmed()) arm(now);
}

// True exactly where take() would give an event, or has to read the store to know.
bool OpenStream::isReady(Instant now) const noexcept {
  if (life_ == Life::ending || life_ == Life::ended) return true;
  if (backlog_ || log_.hasFetched() || log_.mayHaveMore(now) || log_.isOver()) return true;
  return draft_.hasMore() || now >= nextDeadline(now);
}

Instant OpenStream::nextDeadline(Instant now) const noexcept {
  const std::optional<Instant> retryAt = log_.retryAt(now);
  return retryAt ? std::min(deadlines_.next(), *retryAt) : deadlines_.next();
}

void OpenStream::refresh(Instant now, Wakes* later) noexcept {
  readiness_.set(isReady(now), later);
}

// The status is that of the stream's own round: a later round of the workflow leaves it alone.
void OpenStream::onChange(const Change& change, Wakes& wakes) noexcept {
  if (change.removed) setEnd(StreamEnd::removed);
  const bool ofRound = !setup_.start.round || change.round == *setup_.start.round;
  if (ofRound && !change.removed) status_ = change.status;
  if (life_ == Life::live) log_.noticeBehind();
  refresh(&wakes);
}

void OpenStream::onDraft(Wakes& wakes) noexcept {
  if (setup_.start.deltas) refresh(&wakes);
}

void OpenStream::onDoubt() noexcept {
  log_.doubt();
  refresh();
}

void OpenStream::revalidate() {
  if (!mayRead()) onEnd(StreamEnd::denied);
}

void OpenStream::finish(StreamEnd end) noexcept {
  const Lock guard = lock();
  onEnd(end);
}

void OpenStream::onEnd(StreamEnd end) noexcept {
  setEnd(end);
  refresh();
}

// The first end holds. The status is fixed with it, as the workflow may go on with another round.
void OpenStream::setEnd(StreamEnd end) noexcept {
  if (life_ != Life::live) return;
  life_ = Life::ending;
  end_ = end;
  const AnnouncedState& announced = setup_.feed->announced();
  const std::optional<std::int64_t>& round = setup_.start.round;
  const bool isFollowed = round && announced.round > *round;
  if (!isFollowed) status_ = announced.status;
  // A reader that came between the end of its round and the next one has seen no end of it.
  if (isFollowed && status_ == WorkflowStatus::running) {
    status_ = setup_.start.ended.value_or(WorkflowStatus::stopped);
  }
  log_.drop();
}

void OpenStream::setBacklog(bool backlog) noexcept {
  const Lock guard = lock();
  if (std::exchange(backlog_, backlog) != backlog) refresh();
}

// Refreshed, as deadlines pass without anybody who tells: so below for callbacks and wait sets.
int OpenStream::pollable() {
  const Lock guard = lock();
  const int descriptor = readiness_.descriptor();
  refresh();
  return descriptor;
}

void OpenStream::onReady(std::function<void()> callback) {
  const bool isSet = callback != nullptr;
  readiness_.setCallback(std::move(callback));
  const Lock guard = lock();
  refresh();
  if (readiness_.notify() || !isSet) return;
  throw Error(ErrorCode::unavailable, "The engine is shut down");
}

bool OpenStream::enter(std::shared_ptr<WaitSetCore> set, std::uint64_t token) {
  const Lock guard = lock();
  refresh();
  return readiness_.enter(std::move(set), token);
}

void OpenStream::leave(const WaitSetCore& set) noexcept {
  const Lock guard = lock();
  readiness_.leave(set);
}

StreamEnd OpenStream::end() const noexcept {
  const Lock guard = lock();
  return life_ == Life::ended ? end_ : StreamEnd::open;
}

WorkflowStatus OpenStream::status() const noexcept {
  const Lock guard = lock();
  return status_;
}

Position OpenStream::position() const noexcept {
  const Lock guard = lock();
  const Position& start = setup_.start.after;
  if (log_.seq() == start.seq && !draft_.hasBegun()) return start;
  return {.seq = log_.seq(), .offset = draft_.offset()};
}

// For the deadline that is next, in the place of another one.
void OpenStream::arm(Instant now) noexcept {
  deadlines_.arm(nextDeadline(now), [self = weak_from_this()] {
    if (const std::shared_ptr<OpenStream> stream = self.lock()) stream->ring();
  });
}

void OpenStream::ring() noexcept {
  const Lock guard = lock();
  deadlines_.rang();
  if (life_ == Life::closed) return;
  const Instant now = environment().now();
  if (now < nextDeadline(now)) arm(now);
  refresh(now);
}

}  // namespace chatbot::stream
