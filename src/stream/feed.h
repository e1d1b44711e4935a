// Where the readers of one workflow meet what is appended to it: its newest items and the text that
// is being written, once for all of them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "chatbot/stream.h"
#include "store/engine_store.h"

namespace chatbot::stream {

// The text that is being written, and how much of it there is.
struct OpenDraft {
  store::Draft draft;
  std::int64_t length = 0;   // in code points
  std::uint64_t serial = 0;  // tells it from the feed's other drafts
  bool isFrozen = false;
  std::string held{};        // added since it was frozen
  bool isFinishing = false;  // the append of what it has become is under way
  bool isFollowed = false;   // written by another engine, and known as far as it is stored
};

// The state of the workflow as far as it was announced. It only goes forward.
struct Known {
  std::int64_t lastSeq = 0;
  std::int64_t round = 0;
  WorkflowStatus status = WorkflowStatus::running;

  bool isOver() const noexcept { return status != WorkflowStatus::running; }
};

class Feeds;
class Wakes;

// Any thread. Its mutex guards its streams too: lock() is for them.
class Feed {
 public:
  using Lock = std::unique_lock<std::mutex>;

  Feed(std::string workflowId, std::weak_ptr<Feeds> feeds);
  ~Feed();
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;

  const std::string& workflowId() const noexcept { return workflowId_; }

  void publish(const Change& change) noexcept;

  // Publishes what a look at the store has found, where it is news: another engine on the database
  // may have changed the workflow, and may be writing in it.
  void publish(const store::Snapshot& found) noexcept;

  // Whether publishing it would tell anybody anything, drafts aside.
  bool isBehind(const Workflow& found) const noexcept;

  // Calls `visit` for each stream, under the lock.
  void forEach(const std::function<void(State&)>& visit);

  // Opens a draft and answers its serial, by which its writer names it from then on: another one
  // may have taken its place. 0 where its round is over.
  std::uint64_t openDraft(store::Draft draft);

  // Each does nothing, or answers false or nothing, where the draft is not open any more.
  bool extendDraft(std::uint64_t serial, std::string_view text);
  void setFinishing(std::uint64_t serial, bool finishing) noexcept;
  void closeDraft(std::uint64_t serial) noexcept;
  std::optional<store::Draft> draft(std::uint64_t serial) const;

  // Of this engine's draft. Nothing while it is being finished.
  std::optional<store::Draft> draft() const;

  // Between the two, what is added is held back: readers are not shown what may not be kept.
  std::optional<store::Draft> freezeDraft();
  void thawDraft();
  std::optional<StreamHub::DraftExtent> draftExtent() const;

  // For streams, under the lock.

  Lock lock() const { return Lock(mutex_); }
  void enter(State& reader);
  void leave(State& reader) noexcept;
  const Known& known() const noexcept { return known_; }
  const OpenDraft* openDraft() const noexcept { return draft_.get(); }

  // What a look at the store has found.
  void learn(const Workflow& workflow) noexcept;

  // The item at a place, if it is among the newest.
  const std::shared_ptr<const Item>* itemAt(std::int64_t seq) const noexcept;

  // Counts the streams that have items left to read: without any, none is kept.
  void fellBehind() noexcept { ++behind_; }
  void caughtUp() noexcept;

 private:
  bool isAhead(const Known& found) const noexcept;
  static bool isBefore(const Known& one, const Known& other) noexcept;
  bool isNews(const Known& found) const noexcept;
  void learn(const Known& news) noexcept;
  void tell(const Change& change, Wakes& wakes) noexcept;
  bool isOpen(std::uint64_t serial) const noexcept;
  bool isOwnOpen() const noexcept;
  void follow(const std::optional<store::Draft>& stored, Wakes& wakes) noexcept;
  void dropFollowed() noexcept;
  void addToDraft(std::string_view text);
  void keepOrForget(std::span<const std::shared_ptr<const Item>> items) noexcept;
  void keep(std::span<const std::shared_ptr<const Item>> items);
  void trim();
  void forget() noexcept;

  const std::string workflowId_;
  const std::weak_ptr<Feeds> feeds_;

  mutable std::mutex mutex_;
  std::vector<State*> readers_;
  std::size_t behind_ = 0;
  Known known_;
  std::unique_ptr<OpenDraft> draft_;  // null as a rule
  std::uint64_t lastSerial_ = 0;
  std::vector<std::shared_ptr<const Item>> newest_;  // without gaps
  std::size_t newestBytes_ = 0;
};

// The feeds that streams and rounds hold, by workflow. Any thread.
class Feeds : public std::enable_shared_from_this<Feeds> {
 public:
  // Makes it where there is none.
  std::shared_ptr<Feed> feed(std::string_view workflowId);

  // Null where there is none.
  std::shared_ptr<Feed> find(std::string_view workflowId) const;

  std::vector<std::shared_ptr<Feed>> all() const;

 private:
  friend class Feed;
  void forget(const Feed& feed) noexcept;

  mutable std::mutex mutex_;
  // By workflow: the text is the feed's own.
  std::unordered_map<std::string_view, std::weak_ptr<Feed>> feeds_;
};

}  // namespace chatbot::stream
