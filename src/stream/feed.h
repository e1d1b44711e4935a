// The meeting point of a workflow's writers and readers: what was announced of it, its newest items
// and the text that is being written, once for all readers.
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
#include "stream/newest_items.h"

namespace chatbot::stream {

// The text that is being written, and how much of it there is.
struct OpenDraft {
  store::Draft draft;
  std::int64_t length = 0;   // in code points
  std::uint64_t serial = 0;  // tells it from the feed's other drafts
  bool isFrozen = false;
  std::string held{};        // added since it was frozen
  bool isFinishing = false;  // the append of the item that it becomes is under way
  bool isPeers = false;      // written by another engine, and known as far as it is stored
};

// How much of a draft there is, without its text.
struct DraftExtent {
  std::int64_t afterSeq = 0;  // the place of the newest item when it was begun
  std::int64_t length = 0;    // in code points
};

// The state of the workflow as far as it was announced. It only goes forward.
struct AnnouncedState {
  std::int64_t lastSeq = 0;
  std::int64_t round = 0;
  WorkflowStatus status = WorkflowStatus::running;

  bool isOver() const noexcept { return status != WorkflowStatus::running; }
};

class Wakes;

// A stream, as its feed sees it. The feed calls these under its lock, on the thread that has
// committed, written text, or asked.
class Reader {
 public:
  virtual void onChange(const Change& change, Wakes& wakes) noexcept = 0;
  virtual void onDraft(Wakes& wakes) noexcept = 0;

  // The store may hold more than was announced: it is to be read before anything else.
  virtual void onDoubt() noexcept = 0;

  // Ends the stream if its caller may no longer read the workflow.
  virtual void revalidate() = 0;

  virtual void onEnd(StreamEnd end) noexcept = 0;

 protected:
  ~Reader() = default;
};

// Any thread. Its mutex guards its readers' states too, so that an item costs one lock however many
// read it: lock() is for them. No disk and no host's code is waited for under it.
class Feed {
 public:
  using Lock = std::unique_lock<std::mutex>;

  explicit Feed(std::string workflowId) : workflowId_(std::move(workflowId)) {}
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;

  const std::string& workflowId() const noexcept { return workflowId_; }

  // --- For those who change the workflow

  void publish(const Change& change) noexcept;

  // Publishes what a look at the store has found, where it is news: another engine on the database
  // may have changed the workflow, and may be writing in it.
  void publish(const store::Snapshot& found) noexcept;

  // Whether publishing it would reach any reader, drafts aside.
  bool isBehind(const Workflow& found) const noexcept;

  // Calls `visit` for each reader, under the lock.
  void forEach(const std::function<void(Reader&)>& visit);

  // --- For the writer of the draft

  // Opens a draft and answers its serial, by which its writer names it from then on: another one
  // may have taken its place. 0 where its round is over.
  std::uint64_t openDraft(store::Draft draft);

  // Each does nothing, or answers false or nothing, where the draft is not open any more.
  bool extendDraft(std::uint64_t serial, std::string_view text);
  void setFinishing(std::uint64_t serial, bool finishing) noexcept;
  void closeDraft(std::uint64_t serial) noexcept;
  std::optional<store::Draft> draft(std::uint64_t serial) const;

  // --- For the store and the engine, about the draft of this engine

  // Absent while it is being finished.
  std::optional<store::Draft> draft() const;

  // Between the two, added text is held back: readers are not shown what may not be kept.
  std::optional<store::Draft> freezeDraft();
  void thawDraft();
  std::optional<DraftExtent> draftExtent() const;

  // --- For readers, under the lock

  Lock lock() const { return Lock(mutex_); }
  void enter(Reader& reader) { readers_.push_back(&reader); }
  void leave(const Reader& reader) noexcept;
  const AnnouncedState& announced() const noexcept { return announced_; }
  const OpenDraft* openDraft() const noexcept { return draft_.get(); }

  // Takes over the state that a reader has found in the store, where it is news.
  void learn(const Workflow& workflow) noexcept;

  // The item at a place, if it is among the newest.
  const std::shared_ptr<const Item>* itemAt(std::int64_t seq) const noexcept {
    return newest_.at(seq);
  }

  // Counts the readers that have items left to read: without any, no item is kept.
  void fellBehind() noexcept { ++behind_; }
  void caughtUp() noexcept;

 private:
  // Under the lock.
  void announce(const Change& change, Wakes& wakes) noexcept;
  void learn(const AnnouncedState& found) noexcept;
  bool isNews(const AnnouncedState& found) const noexcept;
  bool isAhead(const AnnouncedState& found) const noexcept;
  bool isOpen(std::uint64_t serial) const noexcept;
  bool isOwnOpen() const noexcept;
  void showPeersDraft(const std::optional<store::Draft>& stored, Wakes& wakes) noexcept;
  void takePeersDraft(const std::optional<store::Draft>& stored);
  void dropPeersDraft() noexcept;
  void addToDraft(std::string_view text);
  void wakeForDraft(Wakes& wakes) noexcept;
  void raiseDoubt() noexcept;

  const std::string workflowId_;

  mutable std::mutex mutex_;  // guards all that follows
  std::vector<Reader*> readers_;
  std::size_t behind_ = 0;
  AnnouncedState announced_;
  std::unique_ptr<OpenDraft> draft_;  // null as a rule
  std::uint64_t lastSerial_ = 0;
  NewestItems newest_;
};

// The feeds that streams and rounds hold, by workflow. Any thread. A feed leaves it when its last
// holder goes.
class Feeds : public std::enable_shared_from_this<Feeds> {
 public:
  // Makes it where there is none.
  std::shared_ptr<Feed> feed(std::string_view workflowId);

  // Null where there is none.
  std::shared_ptr<Feed> find(std::string_view workflowId) const;

  std::vector<std::shared_ptr<Feed>> all() const;

 private:
  std::shared_ptr<Feed> make(std::string_view workflowId);
  void forget(const Feed& feed) noexcept;

  mutable std::mutex mutex_;
  // By workflow: the text is the feed's own.
  std::unordered_map<std::string_view, std::weak_ptr<Feed>> feeds_;
};

}  // namespace chatbot::stream
