#include "stream/feed.h"

#include <algorithm>
#include <new>
#include <tuple>
#include <utility>

#include "base/text.h"
#include "stream/state.h"

namespace chatbot::stream {
namespace {

// How much of the log's end is kept for readers that are a little behind; others read the store.
constexpr std::size_t kNewestItems = 256;
constexpr std::size_t kNewestBytes = 64 * 1024;

Known stateOf(const Workflow& workflow) noexcept {
  return {.lastSeq = workflow.lastSeq, .round = workflow.currentRound, .status = workflow.status};
}

}  // namespace

Feed::Feed(std::string workflowId, std::weak_ptr<Feeds> feeds)
    : workflowId_(std::move(workflowId)), feeds_(std::move(feeds)) {}

Feed::~Feed() {
  if (const std::shared_ptr<Feeds> feeds = feeds_.lock()) feeds->forget(*this);
}

void Feed::publish(const Change& change) noexcept {
  Wakes wakes;
  const Lock lock(mutex_);
  tell(change, wakes);
}

void Feed::publish(const store::Snapshot& found) noexcept {
  Wakes wakes;
  const Lock lock(mutex_);
  const Known state = stateOf(found.workflow);
  if (isOwnOpen() && isAhead(state)) return;
  if (isBefore(state, known_)) return;
  follow(found.draft, wakes);
  if (!isNews(state)) return;
  tell({.workflowId = workflowId_,
        .lastSeq = state.lastSeq,
        .round = state.round,
        .status = state.status},
       wakes);
}

bool Feed::isBehind(const Workflow& found) const noexcept {
  const Lock lock(mutex_);
  const Known state = stateOf(found);
  return isNews(state) && !(isOwnOpen() && isAhead(state));
}

void Feed::tell(const Change& change, Wakes& wakes) noexcept {
  learn({.lastSeq = change.lastSeq, .round = change.round, .status = change.status});
  if (!readers_.empty()) keepOrForget(change.items);
  const bool over = change.removed || known_.isOver();
  if (draft_ && (over || change.finishesDraft || known_.round > draft_->draft.round)) {
    draft_.reset();
  }
  for (State* reader : readers_) reader->wakeFor(change, wakes);
  if (behind_ == 0) forget();
}

void Feed::forEach(const std::function<void(State&)>& visit) {
  const Lock lock(mutex_);
  for (State* reader : readers_) visit(*reader);
}

// Items come before the end of their round and after the end of the round before: the place and the
// end tell which of two states is the later one.
bool Feed::isBefore(const Known& one, const Known& other) noexcept {
  const auto order = [](const Known& known) { return std::tuple(known.lastSeq, known.isOver()); };
  return order(one) < order(other);
}

bool Feed::isNews(const Known& found) const noexcept { return isBefore(known_, found); }

void Feed::learn(const Known& news) noexcept {
  if (isNews(news)) known_ = news;
}

// While its round runs, all that happens beside a draft is announced by this process: what the
// store has beyond that is about to be. A round that is over has none, whoever has ended it.
bool Feed::isAhead(const Known& found) const noexcept {
  const std::int64_t round = draft_ == nullptr ? 0 : draft_->draft.round;
  return found.round < round || (found.round == round && !found.isOver());
}

void Feed::learn(const Workflow& workflow) noexcept {
  const Known found = stateOf(workflow);
  if (isAhead(found)) return;
  draft_ = nullptr;
  learn(found);
}

// Without memory for them, readers find the items in the store.
void Feed::keepOrForget(std::span<const std::shared_ptr<const Item>> items) noexcept {
  try {
    keep(items);
  } catch (const std::bad_alloc&) {
    forget();
  }
}

void Feed::keep(std::span<const std::shared_ptr<const Item>> items) {
  if (items.empty()) return;
  if (!newest_.empty() && newest_.back()->seq + 1 != items.front()->seq) forget();
  for (const std::shared_ptr<const Item>& item : items) {
    newest_.push_back(item);
    newestBytes_ += item->json.size();
  }
  if (newest_.size() >= 2 * kNewestItems || newestBytes_ >= 2 * kNewestBytes) trim();
}

// Half at a time, so that the rest is seldom moved. The newest item stays, whatever its size.
void Feed::trim() {
  std::size_t dropped = 0;
  while (dropped + 1 < newest_.size() &&
         (newest_.size() - dropped > kNewestItems || newestBytes_ > kNewestBytes)) {
    newestBytes_ -= newest_[dropped]->json.size();
    ++dropped;
  }
  newest_.erase(newest_.begin(), newest_.begin() + static_cast<std::ptrdiff_t>(dropped));
}

void Feed::forget() noexcept {
  newest_ = {};
  newestBytes_ = 0;
}

const std::shared_ptr<const Item>* Feed::itemAt(std::int64_t seq) const noexcept {
  if (newest_.empty() || seq < newest_.front()->seq || seq > newest_.back()->seq) return nullptr;
  return &newest_[static_cast<std::size_t>(seq - newest_.front()->seq)];
}

void Feed::caughtUp() noexcept {
  if (--behind_ == 0) forget();
}

void Feed::enter(State& reader) { readers_.push_back(&reader); }

void Feed::leave(State& reader) noexcept {
  const auto found = std::find(readers_.begin(), readers_.end(), &reader);
  *found = readers_.back();
  readers_.pop_back();
}

std::uint64_t Feed::openDraft(store::Draft draft) {
  const Lock lock(mutex_);
  if (known_.round > draft.round || (known_.round == draft.round && known_.isOver())) return 0;
  learn({.lastSeq = draft.afterSeq, .round = draft.round, .status = WorkflowStatus::running});
  draft_ =
      std::make_unique<OpenDraft>(OpenDraft{.draft = std::move(draft), .serial = lastSerial_ + 1});
  return ++lastSerial_;
}

bool Feed::isOpen(std::uint64_t serial) const noexcept {
  return draft_ != nullptr && draft_->serial == serial;
}

bool Feed::isOwnOpen() const noexcept { return draft_ != nullptr && !draft_->isFollowed; }

// Of a draft that grows, what is new. Another one, or none, tells that it has become an item, which
// is announced behind it.
void Feed::follow(const std::optional<store::Draft>& stored, Wakes& wakes) noexcept {
  if (isOwnOpen()) return;
  try {
    const bool isSame = draft_ != nullptr && stored && stored->messageId == draft_->draft.messageId;
    if (draft_ != nullptr && !isSame) dropFollowed();
    if (!stored) return;
    if (draft_ == nullptr) {
      draft_ = std::make_unique<OpenDraft>(
          OpenDraft{.draft = *stored, .serial = lastSerial_ + 1, .isFollowed = true});
      ++lastSerial_;
      draft_->length = static_cast<std::int64_t>(base::countCodePoints(stored->text));
    } else if (stored->text.size() > draft_->draft.text.size()) {
      addToDraft(std::string_view(stored->text).substr(draft_->draft.text.size()));
    }
    for (State* reader : readers_) reader->wakeForDraft(wakes);
  } catch (const std::bad_alloc&) {
    dropFollowed();
  }
}

void Feed::dropFollowed() noexcept {
  draft_ = nullptr;
  for (State* reader : readers_) reader->look();
}

bool Feed::extendDraft(std::uint64_t serial, std::string_view text) {
  Wakes wakes;
  const Lock lock(mutex_);
  if (!isOpen(serial)) return false;
  if (draft_->isFrozen) {
    draft_->held += text;
    return true;
  }
  addToDraft(text);
  for (State* reader : readers_) reader->wakeForDraft(wakes);
  return true;
}

void Feed::addToDraft(std::string_view text) {
  draft_->draft.text += text;
  draft_->length += static_cast<std::int64_t>(base::countCodePoints(text));
}

std::optional<store::Draft> Feed::freezeDraft() {
  const Lock lock(mutex_);
  if (!isOwnOpen()) return std::nullopt;
  draft_->isFrozen = true;
  return draft_->draft;
}

void Feed::thawDraft() {
  Wakes wakes;
  const Lock lock(mutex_);
  if (draft_ == nullptr || !draft_->isFrozen) return;
  draft_->isFrozen = false;
  addToDraft(std::exchange(draft_->held, {}));
  for (State* reader : readers_) reader->wakeForDraft(wakes);
}

void Feed::setFinishing(std::uint64_t serial, bool finishing) noexcept {
  const Lock lock(mutex_);
  if (isOpen(serial)) draft_->isFinishing = finishing;
}

// Readers look at the store: while it was open, they may have been kept from what is there.
void Feed::closeDraft(std::uint64_t serial) noexcept {
  const Lock lock(mutex_);
  if (!isOpen(serial)) return;
  draft_ = nullptr;
  for (State* reader : readers_) reader->look();
}

std::optional<store::Draft> Feed::draft(std::uint64_t serial) const {
  const Lock lock(mutex_);
  if (!isOpen(serial)) return std::nullopt;
  return draft_->draft;
}

std::optional<store::Draft> Feed::draft() const {
  const Lock lock(mutex_);
  if (!isOwnOpen() || draft_->isFinishing) return std::nullopt;
  return draft_->draft;
}

std::optional<StreamHub::DraftExtent> Feed::draftExtent() const {
  const Lock lock(mutex_);
  if (!isOwnOpen()) return std::nullopt;
  return StreamHub::DraftExtent{.afterSeq = draft_->draft.afterSeq, .length = draft_->length};
}

std::shared_ptr<Feed> Feeds::feed(std::string_view workflowId) {
  std::shared_ptr<Feed> made;  // outlives the lock: if it goes, it asks for it
  const std::lock_guard lock(mutex_);
  const auto found = feeds_.find(workflowId);
  if (found != feeds_.end()) {
    if (std::shared_ptr<Feed> feed = found->second.lock()) return feed;
  }
  // The entry of one that is about to go names its text: it goes with it.
  if (found != feeds_.end()) feeds_.erase(found);
  made = std::make_shared<Feed>(std::string(workflowId), weak_from_this());
  feeds_.emplace(made->workflowId(), made);
  return made;
}

std::shared_ptr<Feed> Feeds::find(std::string_view workflowId) const {
  const std::lock_guard lock(mutex_);
  const auto found = feeds_.find(workflowId);
  return found == feeds_.end() ? nullptr : found->second.lock();
}

std::vector<std::shared_ptr<Feed>> Feeds::all() const {
  std::vector<std::shared_ptr<Feed>> feeds;  // outlives the lock: one that goes asks for it
  const std::lock_guard lock(mutex_);
  feeds.reserve(feeds_.size());
  for (const auto& [workflowId, entry] : feeds_) {
    if (std::shared_ptr<Feed> feed = entry.lock()) feeds.push_back(std::move(feed));
  }
  return feeds;
}

// A new feed may have taken the place already.
void Feeds::forget(const Feed& feed) noexcept {
  const std::lock_guard lock(mutex_);
  const auto found = feeds_.find(feed.workflowId());
  if (found != feeds_.end() && found->first.data() == feed.workflowId().data()) feeds_.erase(found);
}

}  // namespace chatbot::stream
