#include "stream/feed.h"

#include <algorithm>
#include <new>
#include <tuple>
#include <utility>

#include "base/text.h"
#include "stream/wait_set.h"

namespace chatbot::stream {
namespace {

AnnouncedState stateOf(const Workflow& workflow) noexcept {
  return {.lastSeq = workflow.lastSeq, .round = workflow.currentRound, .status = workflow.status};
}

// Items come before the end of their round and after the end of the round before: the place and the
// end tell which of two states is the later one.
bool isBefore(const AnnouncedState& one, const AnnouncedState& other) noexcept {
  const auto order = [](const AnnouncedState& state) {
    return std::tuple(state.lastSeq, state.isOver());
  };
  return order(one) < order(other);
}

}  // namespace

// Wakes goes after the lock, so that those it wakes find the lock free; so in all that follows.
void Feed::publish(const Change& change) noexcept {
  Wakes wakes;
  const Lock lock(mutex_);
  announce(change, wakes);
}

void Feed::publish(const store::Snapshot& found) noexcept {
  Wakes wakes;
  const Lock lock(mutex_);
  const AnnouncedState state = stateOf(found.workflow);
  if (isOwnOpen() && isAhead(state)) return;
  if (isBefore(state, announced_)) return;
  showPeersDraft(found.draft, wakes);
  if (!isNews(state)) return;
  announce({.workflowId = workflowId_,
            .lastSeq = state.lastSeq,
            .round = state.round,
            .status = state.status},
           wakes);
}

bool Feed::isBehind(const Workflow& found) const noexcept {
  const Lock lock(mutex_);
  const AnnouncedState state = stateOf(found);
  return isNews(state) && !(isOwnOpen() && isAhead(state));
}

void Feed::announce(const Change& change, Wakes& wakes) noexcept {
  learn({.lastSeq = change.lastSeq, .round = change.round, .status = change.status});
  if (!readers_.empty()) newest_.add(change.items);
  const bool over = change.removed || announced_.isOver();
  if (draft_ && (over || change.finishesDraft || announced_.round > draft_->draft.round)) {
    draft_.reset();
  }
  for (Reader* reader : readers_) reader->onChange(change, wakes);
  if (behind_ == 0) newest_.clear();
}

void Feed::forEach(const std::function<void(Reader&)>& visit) {
  const Lock lock(mutex_);
  for (Reader* reader : readers_) visit(*reader);
}

bool Feed::isNews(const AnnouncedState& found) const noexcept {
  return isBefore(announced_, found);
}

void Feed::learn(const AnnouncedState& found) noexcept {
  if (isNews(found)) announced_ = found;
}

// While its round runs, all that happens beside a draft is announced by this process: what the
// store has beyond that is about to be. A round that is over has no draft, whoever has ended it.
bool Feed::isAhead(const AnnouncedState& found) const noexcept {
  const std::int64_t round = draft_ == nullptr ? 0 : draft_->draft.round;
  return found.round < round || (found.round == round && !found.isOver());
}

void Feed::learn(const Workflow& workflow) noexcept {
  const AnnouncedState found = stateOf(workflow);
  if (isAhead(found)) return;
  draft_ = nullptr;
  learn(found);
}

void Feed::caughtUp() noexcept {
  if (--behind_ == 0) newest_.clear();
}

void Feed::leave(const Reader& reader) noexcept {
  const auto found = std::find(readers_.begin(), readers_.end(), &reader);
  *found = readers_.back();
  readers_.pop_back();
}

std::uint64_t Feed::openDraft(store::Draft draft) {
  const Lock lock(mutex_);
  const bool isOver = announced_.round == draft.round && announced_.isOver();
  if (isOver || announced_.round > draft.round) return 0;
  learn(AnnouncedState{.lastSeq = draft.afterSeq, .round = draft.round});
  draft_ =
      std::make_unique<OpenDraft>(OpenDraft{.draft = std::move(draft), .serial = lastSerial_ + 1});
  return ++lastSerial_;
}

bool Feed::isOpen(std::uint64_t serial) const noexcept {
  return draft_ != nullptr && draft_->serial == serial;
}

// Whether this engine writes the draft: then its memory is right, and the store may lag behind.
bool Feed::isOwnOpen() const noexcept { return draft_ != nullptr && !draft_->isPeers; }

void Feed::showPeersDraft(const std::optional<store::Draft>& stored, Wakes& wakes) noexcept {
  if (isOwnOpen()) return;
  try {
    takePeersDraft(stored);
    if (stored) wakeForDraft(wakes);
  } catch (const std::bad_alloc&) {
    dropPeersDraft();
  }
}

// Adds what is new of a draft that has grown. Another draft, or none, says that the last one has
// become an item, which is announced behind it.
void Feed::takePeersDraft(const std::optional<store::Draft>& stored) {
  const bool isSame = draft_ != nullptr && stored && stored->messageId == draft_->draft.messageId;
  if (draft_ != nullptr && !isSame) dropPeersDraft();
  if (!stored) return;
  if (draft_ == nullptr) {
    draft_ = std::make_unique<OpenDraft>(
        OpenDraft{.draft = *stored, .serial = lastSerial_ + 1, .isPeers = true});
    ++lastSerial_;
    draft_->length = static_cast<std::int64_t>(base::countCodePoints(stored->text));
  } else if (stored->text.size() > draft_->draft.text.size()) {
    addToDraft(std::string_view(stored->text).substr(draft_->draft.text.size()));
  }
}

void Feed::dropPeersDraft() noexcept {
  draft_ = nullptr;
  raiseDoubt();
}

void Feed::wakeForDraft(Wakes& wakes) noexcept {
  for (Reader* reader : readers_) reader->onDraft(wakes);
}

void Feed::raiseDoubt() noexcept {
  for (Reader* reader : readers_) reader->onDoubt();
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
  wakeForDraft(wakes);
  return true;
}

// Held text of a frozen draft comes here as well, when it is thawed.
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
  wakeForDraft(wakes);
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
  raiseDoubt();
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

std::optional<DraftExtent> Feed::draftExtent() const {
  const Lock lock(mutex_);
  if (!isOwnOpen()) return std::nullopt;
  return DraftExtent{.afterSeq = draft_->draft.afterSeq, .length = draft_->length};
}

std::shared_ptr<Feed> Feeds::feed(std::string_view workflowId) {
  if (std::shared_ptr<Feed> known = find(workflowId)) return known;
  std::shared_ptr<Feed> made = make(workflowId);  // outlives the lock: if it goes, it asks for it
  const std::lock_guard lock(mutex_);
  const auto found = feeds_.find(workflowId);
  if (found != feeds_.end()) {
    if (std::shared_ptr<Feed> feed = found->second.lock()) return feed;
    feeds_.erase(found);  // it names the text of a feed that is about to go
  }
  feeds_.emplace(made->workflowId(), made);
  return made;
}

// With a deleter that takes it out of the registry, so that a feed need not know the registry.
std::shared_ptr<Feed> Feeds::make(std::string_view workflowId) {
  return {new Feed(std::string(workflowId)), [feeds = weak_from_this()](Feed* feed) noexcept {
            const std::unique_ptr<Feed> going(feed);
            if (const std::shared_ptr<Feeds> open = feeds.lock()) open->forget(*going);
          }};
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

// A new feed may have taken the entry already.
void Feeds::forget(const Feed& feed) noexcept {
  const std::lock_guard lock(mutex_);
  const auto found = feeds_.find(feed.workflowId());
  if (found != feeds_.end() && found->first.data() == feed.workflowId().data()) feeds_.erase(found);
}

}  // namespace chatbot::stream
