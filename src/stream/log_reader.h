// One stream's way through a workflow's log.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "chatbot/stream.h"
#include "stream/feed.h"

namespace chatbot::stream {

// Takes items from the feed while the reader keeps up, and else from the store, a portion at a
// time: so a reader holds a place and at most one portion, whatever it has missed. Guarded by the
// feed's lock, which fetch() gives up while it reads the store.
class LogReader {
 public:
  using ItemPointer = std::shared_ptr<const Item>;

  // How much of the log is read from the store at a time, and so the most that a stream holds for
  // its reader (one item may be larger).
  static constexpr std::size_t kPortionItems = 64;
  static constexpr std::size_t kPortionBytes = 16 * 1024;

  LogReader(Feed& feed, const StreamStart& start)
      : feed_(feed), start_(start), seq_(start.after.seq) {}

  // The place of the newest item that was given, or passed over as another round's.
  std::int64_t seq() const noexcept { return seq_; }

  // The next item of what the stream shows; null where none is at hand.
  ItemPointer next();

  // Whether an item is at hand, or may be after fetch().
  bool hasFetched() const noexcept { return given_ < fetched_.size(); }
  bool mayHaveMore(Instant now) const noexcept;

  // Whether all items were given, and there will be no other.
  bool isOver() const noexcept;

  // Reads a portion from the store. False where the workflow is gone. A store that cannot be
  // reached is left alone for half a second, in which the stream has nothing to read; throws Error
  // for another fault, and may be called again.
  bool fetch(Feed::Lock& lock, Store& store, const Scope& scope, Environment& environment);

  // When an unreachable store is to be read again; nothing while it can be reached.
  std::optional<Instant> retryAt(Instant now) const noexcept;

  // The store may hold more than was announced.
  void doubt() noexcept { inDoubt_ = true; }

  // Notices that the feed has more than was given, while somebody will read it.
  void noticeBehind() noexcept;

  // Nobody reads on: lets go of what the feed and this hold for the reader.
  void drop() noexcept;

 private:
  ItemPointer nextAtHand();
  void moveTo(std::int64_t seq) noexcept;
  bool shows(const Item& item) noexcept;
  void accept(Tail tail);

  Feed& feed_;
  const StreamStart& start_;
  std::vector<ItemPointer> fetched_;  // those from given_ on are still to give
  std::size_t given_ = 0;
  std::int64_t seq_;
  std::optional<Instant> retryAt_;
  bool inDoubt_ = true;       // the store is to be read before anything else
  bool behind_ = false;       // counted by the feed
  bool roundPassed_ = false;  // an item of a later round was met
};

}  // namespace chatbot::stream
