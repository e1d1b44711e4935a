#include "stream/log_reader.h"

#include <utility>

#include "chatbot/error.h"

namespace chatbot::stream {
namespace {

constexpr std::chrono::milliseconds kStoreRetry{500};

}  // namespace

LogReader::ItemPointer LogReader::next() {
  while (!roundPassed_) {
    ItemPointer item = nextAtHand();
    if (item == nullptr) return nullptr;
    moveTo(item->seq);
    if (shows(*item)) return item;
  }
  return nullptr;
}

// The portion from the store comes before the feed's items. A stream that has caught up holds no
// buffer.
LogReader::ItemPointer LogReader::nextAtHand() {
  if (hasFetched()) return std::move(fetched_[given_++]);
  if (!fetched_.empty()) {
    fetched_ = {};
    given_ = 0;
  }
  const ItemPointer* item = inDoubt_ ? nullptr : feed_.itemAt(seq_ + 1);
  return item == nullptr ? nullptr : *item;
}

void LogReader::moveTo(std::int64_t seq) noexcept {
  seq_ = seq;
  if (seq_ >= feed_.announced().lastSeq && std::exchange(behind_, false)) feed_.caughtUp();
}

bool LogReader::shows(const Item& item) noexcept {
  if (!start_.round || item.round == start_.round) return true;
  roundPassed_ = item.round && *item.round > *start_.round;
  return false;
}

bool LogReader::mayHaveMore(Instant now) const noexcept {
  return !roundPassed_ && !retryAt(now) && (inDoubt_ || feed_.announced().lastSeq > seq_);
}

bool LogReader::isOver() const noexcept {
  if (roundPassed_) return true;
  const AnnouncedState& announced = feed_.announced();
  if (inDoubt_ || seq_ < announced.lastSeq || hasFetched()) return false;
  if (!start_.round || announced.round == *start_.round) return announced.isOver();
  return announced.round > *start_.round;  // the stream of a round to come waits for its items
}

// The store is read without the lock, so that nobody who wakes the stream waits for the disk.
bool LogReader::fetch(Feed::Lock& lock, Store& store, const Scope& scope,
                      Environment& environment) {
  inDoubt_ = false;
  const std::int64_t after = seq_;
  std::optional<Tail> tail;
  lock.unlock();
  try {
    tail = store.tail(scope, feed_.workflowId(), after, kPortionItems, kPortionBytes);
    lock.lock();
  } catch (const Error& fault) {
    lock.lock();
    inDoubt_ = true;
    if (fault.code() != ErrorCode::unavailable) throw;
    retryAt_ = environment.now() + kStoreRetry;
    return true;
  } catch (...) {
    lock.lock();
    inDoubt_ = true;
    throw;
  }
  retryAt_.reset();
  if (!tail) return false;
  accept(*std::move(tail));
  return true;
}

// While a draft is open, no item is shown before it was announced: the item that the draft becomes
// must not be met while its text still counts.
void LogReader::accept(Tail tail) {
  feed_.learn(tail.workflow);
  const std::int64_t announced = feed_.announced().lastSeq;
  fetched_.reserve(tail.items.size());
  for (Item& item : tail.items) {
    if (feed_.openDraft() != nullptr && item.seq > announced) break;
    fetched_.push_back(std::make_shared<const Item>(std::move(item)));
  }
}

std::optional<Instant> LogReader::retryAt(Instant now) const noexcept {
  return retryAt_ && now < *retryAt_ ? retryAt_ : std::nullopt;
}

void LogReader::noticeBehind() noexcept {
  if (behind_ || seq_ >= feed_.announced().lastSeq) return;
  behind_ = true;
  feed_.fellBehind();
}

void LogReader::drop() noexcept {
  if (std::exchange(behind_, false)) feed_.caughtUp();
  fetched_ = {};
  given_ = 0;
}

}  // namespace chatbot::stream
