#include "stream/state.h"

#include <algorithm>
#include <new>
#include <utility>

#include "base/text.h"
#include "chatbot/error.h"

namespace chatbot::stream {
namespace {

// How much of the log a stream reads from the store at a time, and so the most that it holds for
// its reader (one item may be larger).
constexpr std::size_t kFetchItems = 64;
constexpr std::size_t kFetchBytes = 16 * 1024;

}  // namespace

State::State(Setup setup)
    : setup_(std::move(setup)),
      expiresAt_(services().environment->now() + services().options.lifetime),
      keepaliveAt_(services().environment->now() + services().options.keepalive),
      seq_(setup_.start.after.seq) {}

State::~State() {
  if (timer_) services().timers.cancel(*timer_);
}

void State::open() {
  const Lock lock = feed().lock();
  setup_.feed->enter(*this);
  open_ = true;
  arm();
  refresh();
}

void State::close() {
  services().notifier.set(notice_, nullptr);
  const Lock lock = feed().lock();
  if (!std::exchange(open_, false)) return;
  entry_.leave();
  if (std::exchange(behind_, false)) setup_.feed->caughtUp();
  setup_.feed->leave(*this);
}

StreamEvent State::next(Timeout timeout) {
  Environment& environment = *services().environment;
  const Instant givenUpAt =
      timeout < Timeout::zero() ? Instant::max() : environment.now() + timeout;
  Lock lock = feed().lock();
  for (;;) {
    if (std::optional<StreamEvent> event = take(lock)) return *std::move(event);
    if (timeout == Timeout::zero() || environment.now() >= givenUpAt) return {};
    environment.waitUntil(wake_, lock, std::min(givenUpAt, nextDeadline()));
  }
}

// The event that is there, if there is one.
std::optional<StreamEvent> State::take(Lock& lock) {
  const Instant now = services().environment->now();
  if (now >= expiresAt_) setEnd(StreamEnd::expired);
  StreamEvent event;
  // Again when the store was read, or another round's items were passed over.
  while (end_ == StreamEnd::open && !takeItem(event) && mayHaveMore()) fetch(lock);
  if (end_ == StreamEnd::open && event.kind == StreamEvent::Kind::none) {
    if (isOver()) setEnd(StreamEnd::finished);
    if (end_ == StreamEnd::open && !takeDelta(event) && now >= keepaliveAt_) {
      event.kind = StreamEvent::Kind::keepalive;
    }
  }
  if (end_ != StreamEnd::open) {
    endTold_ = true;
    event = {};
    event.kind = StreamEvent::Kind::end;
  } else if (event.kind != StreamEvent::Kind::none) {
    sent(now);
  }
  refresh(now);
  if (event.kind == StreamEvent::Kind::none) return std::nullopt;
  return event;
}

bool State::takeItem(StreamEvent& event) {
  while (!roundPassed_) {
    ItemPointer item = nextItem();
    if (item == nullptr) return false;
    moveTo(item->seq);
    if (!shows(*item)) continue;
    event.kind = StreamEvent::Kind::item;
    event.item = std::move(item);
    event.position = {.seq = seq_, .offset = draftOffset()};
    return true;
  }
  return false;
}

// What was read from the store, or else what the feed has. A stream that has caught up holds no
// buffer.
State::ItemPointer State::nextItem() {
  if (given_ < fetched_.size()) return std::move(fetched_[given_++]);
  if (!fetched_.empty()) {
    fetched_ = {};
    given_ = 0;
  }
  const ItemPointer* item = look_ ? nullptr : feed().itemAt(seq_ + 1);
  return item == nullptr ? nullptr : *item;
}

void State::moveTo(std::int64_t seq) noexcept {
  seq_ = seq;
  if (seq_ >= feed().known().lastSeq && std::exchange(behind_, false)) setup_.feed->caughtUp();
}

bool State::shows(const Item& item) noexcept {
  if (!setup_.start.round || item.round == setup_.start.round) return true;
  roundPassed_ = item.round && *item.round > *setup_.start.round;
  return false;
}

// The store is read without the lock, so that nobody who wakes the stream waits for the disk.
void State::fetch(Lock& lock) {
  look_ = false;
  const std::int64_t after = seq_;
  std::optional<Tail> tail;
  lock.unlock();
  try {
    tail = services().store->tail(setup_.scope, workflowId(), after, kFetchItems, kFetchBytes);
  } catch (const Error& fault) {
    lock.lock();
    look_ = true;
    if (fault.code() == ErrorCode::unavailable) return waitForStore();
    refresh();
    throw;
  } catch (...) {
    lock.lock();
    look_ = true;
    refresh();
    throw;
  }
  lock.lock();
  storeRetryAt_.reset();
  if (tail) return accept(*std::move(tail));
  setEnd(StreamEnd::removed);
}

// Meanwhile the stream goes on as one that has nothing to read.
void State::waitForStore() {
  constexpr std::chrono::milliseconds kStoreRetry{500};
  storeRetryAt_ = services().environment->now() + kStoreRetry;
  if (timer_) services().timers.cancel(*std::exchange(timer_, {}));
  arm();
}

bool State::waitsForStore() const noexcept {
  return storeRetryAt_ && services().environment->now() < *storeRetryAt_;
}

// While a draft is open, nothing is shown before it was announced: the item that the draft becomes
// must not be met while its text still counts.
void State::accept(Tail tail) {
  setup_.feed->learn(tail.workflow);
  const std::int64_t announced = feed().known().lastSeq;
  fetched_.reserve(tail.items.size());
  for (Item& item : tail.items) {
    if (feed().openDraft() != nullptr && item.seq > announced) break;
    fetched_.push_back(std::make_shared<const Item>(std::move(item)));
  }
}

const OpenDraft* State::shownDraft() const noexcept {
  const OpenDraft* const draft = feed().openDraft();
  if (!setup_.start.deltas || draft == nullptr) return nullptr;
  const bool isOther = setup_.start.round && draft->draft.round != *setup_.start.round;
  return isOther ? nullptr : draft;
}

// The reader's place in the open draft, once it has read up to where the draft began.
std::optional<std::int64_t> State::draftOffset() noexcept {
  const OpenDraft* const draft = shownDraft();
  if (draft == nullptr || seq_ <= draft->draft.afterSeq) return std::nullopt;
  if (isShortOf(*draft)) return startOf(*draft);
  if (draftSerial_ != draft->serial) startDraft(*draft);
  return draftLength_;
}

// A draft that was open when the reader left goes on where it was.
std::int64_t State::startOf(const OpenDraft& draft) const noexcept {
  const Position& start = setup_.start.after;
  const bool goesOn = draft.draft.afterSeq <= start.seq && start.offset;
  if (!goesOn) return 0;
  return draft.isFollowed ? *start.offset : std::min(*start.offset, draft.length);
}

// Whether another engine has shown more of the draft than it has stored: the reader has that.
bool State::isShortOf(const OpenDraft& draft) const noexcept {
  return draftSerial_ != draft.serial && startOf(draft) > draft.length;
}

void State::startDraft(const OpenDraft& draft) noexcept {
  draftSerial_ = draft.serial;
  draftLength_ = startOf(draft);
  draftBytes_ = base::bytesOfCodePoints(draft.draft.text, static_cast<std::size_t>(draftLength_));
}

// As much as a reader may cost; the rest follows.
std::string State::nextPiece(const OpenDraft& draft) const {
  const std::string_view rest = std::string_view(draft.draft.text).substr(draftBytes_);
  const std::string_view most = rest.substr(0, kFetchBytes);
  return std::string(most.substr(0, base::bytesOfWhole(most)));
}

bool State::takeDelta(StreamEvent& event) {
  const OpenDraft* const draft = shownDraft();
  if (draft == nullptr || isShortOf(*draft)) return false;
  if (draftSerial_ != draft->serial) startDraft(*draft);
  if (draftBytes_ >= draft->draft.text.size()) return false;
  event.kind = StreamEvent::Kind::delta;
  event.delta = {
      .messageId = draft->draft.messageId, .offset = draftLength_, .text = nextPiece(*draft)};
  draftBytes_ += event.delta.text.size();
  draftLength_ += static_cast<std::int64_t>(base::countCodePoints(event.delta.text));
  event.position = {.seq = seq_, .offset = draftLength_};
  return true;
}

void State::sent(Instant now) {
  keepaliveAt_ = now + services().options.keepalive;
  if (timer_) return;
  try {
    arm();
  } catch (const std::bad_alloc&) {
    // The event is on its way to its reader; the next one arms it.
  }
}

bool State::mayHaveMore() const noexcept {
  return !roundPassed_ && !waitsForStore() && (look_ || feed().known().lastSeq > seq_);
}

bool State::isOver() const noexcept {
  if (roundPassed_) return true;
  const Known& known = feed().known();
  if (look_ || seq_ < known.lastSeq || given_ < fetched_.size()) return false;
  if (!setup_.start.round || known.round == *setup_.start.round) return known.isOver();
  return known.round > *setup_.start.round;  // one of an earlier round waits for its own
}

bool State::hasDelta() const noexcept {
  const OpenDraft* const draft = shownDraft();
  if (draft == nullptr) return false;
  return (draftSerial_ == draft->serial ? draftLength_ : startOf(*draft)) < draft->length;
}

bool State::isReady(Instant now) const noexcept {
  if (end_ != StreamEnd::open || backlog_ || given_ < fetched_.size()) return true;
  return mayHaveMore() || isOver() || hasDelta() || now >= nextDeadline();
}

Instant State::nextDeadline() const noexcept {
  const Instant deadline = std::min(keepaliveAt_, expiresAt_);
  return waitsForStore() ? std::min(deadline, *storeRetryAt_) : deadline;
}

void State::refresh(Instant now, Wakes* later) noexcept {
  const bool ready = isReady(now);
  if (ready) wake_.notify_all();
  if (ready == wasReady_) return;
  wasReady_ = ready;
  pollable_.set(ready);
  entry_.set(ready, later);
  if (ready) (void)services().notifier.raise(notice_);
}

void State::wakeFor(const Change& change, Wakes& wakes) noexcept {
  if (change.removed) setEnd(StreamEnd::removed);
  const bool ofRound = !setup_.start.round || change.round == *setup_.start.round;
  if (ofRound && !change.removed) status_ = change.status;
  if (!behind_ && seq_ < feed().known().lastSeq && end_ == StreamEnd::open) {
    behind_ = true;
    setup_.feed->fellBehind();
  }
  refresh(&wakes);
}

void State::wakeForDraft(Wakes& wakes) noexcept {
  if (setup_.start.deltas) refresh(&wakes);
}

void State::look() noexcept {
  look_ = true;
  refresh();
}

void State::finish(StreamEnd end) noexcept {
  const Lock lock = feed().lock();
  finishUnderLock(end);
}

void State::finishUnderLock(StreamEnd end) noexcept {
  setEnd(end);
  refresh();
}

void State::setEnd(StreamEnd end) noexcept {
  if (end_ != StreamEnd::open) return;
  end_ = end;
  const Known& known = feed().known();
  const bool followed = setup_.start.round && known.round > *setup_.start.round;
  if (!followed) status_ = known.status;
  // Who did not see how its round ended, and was not told, came between the end and the next round.
  if (followed && status_ == WorkflowStatus::running) {
    status_ = setup_.start.ended.value_or(WorkflowStatus::stopped);
  }
  if (std::exchange(behind_, false)) setup_.feed->caughtUp();
  fetched_ = {};
  given_ = 0;
}

void State::setBacklog(bool backlog) noexcept {
  const Lock lock = feed().lock();
  if (backlog == backlog_) return;
  backlog_ = backlog;
  refresh();
}

int State::pollable() {
  const Lock lock = feed().lock();
  const int descriptor = pollable_.descriptor();
  refresh();
  return descriptor;
}

void State::onReady(std::function<void()> callback) {
  const bool isSet = callback != nullptr;
  services().notifier.set(notice_, std::move(callback));
  const Lock lock = feed().lock();
  refresh();
  if (!wasReady_ || services().notifier.raise(notice_)) return;
  if (isSet) throw Error(ErrorCode::unavailable, "The engine is shut down");
}

bool State::enter(std::shared_ptr<WaitSetCore> set, std::uint64_t token) {
  const Lock lock = feed().lock();
  refresh();
  return entry_.enter(std::move(set), token, wasReady_);
}

void State::leave(const WaitSetCore& set) noexcept {
  const Lock lock = feed().lock();
  if (entry_.isIn(set)) entry_.leave();
}

StreamEnd State::end() const noexcept {
  const Lock lock = feed().lock();
  return endTold_ ? end_ : StreamEnd::open;
}

WorkflowStatus State::status() const noexcept {
  const Lock lock = feed().lock();
  return status_;
}

Position State::position() const noexcept {
  const Lock lock = feed().lock();
  if (seq_ == setup_.start.after.seq && draftSerial_ == 0) return setup_.start.after;
  const OpenDraft* const draft = shownDraft();
  const bool inDraft = draft != nullptr && draft->serial == draftSerial_;
  return {.seq = seq_, .offset = inDraft ? std::optional(draftLength_) : std::nullopt};
}

// One timer at most: an item that is sent moves the deadline, and the timer follows when it rings.
// Without memory for it, the next event that is sent sets it.
void State::arm() noexcept {
  try {
    timer_ = services().timers.schedule(services().tickAfter(nextDeadline()),
                                           [self = weak_from_this()] {
                                             const std::shared_ptr<State> state = self.lock();
                                             if (state != nullptr) state->onTimer();
                                           });
  } catch (const std::bad_alloc&) {
    timer_.reset();
  }
}

void State::onTimer() {
  const Lock lock = feed().lock();
  timer_.reset();
  if (!open_) return;
  if (services().environment->now() < nextDeadline()) arm();
  refresh();
}

}  // namespace chatbot::stream
