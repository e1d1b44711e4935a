// One stream's way through the text that is being written.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "chatbot/stream.h"
#include "stream/feed.h"

namespace chatbot::stream {

// The text stays in the feed, once for all readers; this holds how much of it was given. Guarded by
// the feed's lock.
class DraftReader {
 public:
  DraftReader(const Feed& feed, const StreamStart& start) : feed_(feed), start_(start) {}

  // Text that was not given yet, 16 KiB at most at a time; the rest follows. Nothing where there is
  // none, or the stream shows no deltas.
  std::optional<StreamDelta> next();

  // Whether next() would give text.
  bool hasMore() const noexcept;

  // The offset of a reader that was given the items up to `seq`, once it has read up to where the
  // draft began; nothing before that, and where no draft is shown.
  std::optional<std::int64_t> offsetAt(std::int64_t seq) noexcept;

  // The offset after the text that was given last; nothing where that draft is not open any more.
  std::optional<std::int64_t> offset() const noexcept;

  bool hasBegun() const noexcept { return serial_ != 0; }

 private:
  const OpenDraft* shown() const noexcept;
  std::int64_t startOf(const OpenDraft& draft) const noexcept;
  bool isShortOf(const OpenDraft& draft) const noexcept;
  void begin(const OpenDraft& draft) noexcept;
  std::string nextPiece(const OpenDraft& draft) const;

  const Feed& feed_;
  const StreamStart& start_;
  std::uint64_t serial_ = 0;  // the draft that was shown last
  std::size_t bytes_ = 0;     // how much of it was given
  std::int64_t length_ = 0;   // the same in code points
};

}  // namespace chatbot::stream
