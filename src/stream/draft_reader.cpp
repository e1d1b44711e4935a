#include "stream/draft_reader.h"

#include <algorithm>
#include <string_view>

#include "base/text.h"

namespace chatbot::stream {
namespace {

constexpr std::size_t kPieceBytes = 16 * 1024;

}  // namespace

const OpenDraft* DraftReader::shown() const noexcept {
  const OpenDraft* const draft = feed_.openDraft();
  if (!start_.deltas || draft == nullptr) return nullptr;
  const bool isOther = start_.round && draft->draft.round != *start_.round;
  return isOther ? nullptr : draft;
}

std::optional<StreamDelta> DraftReader::next() {
  const OpenDraft* const draft = shown();
  if (draft == nullptr || isShortOf(*draft)) return std::nullopt;
  if (serial_ != draft->serial) begin(*draft);
  if (bytes_ >= draft->draft.text.size()) return std::nullopt;
  StreamDelta delta{
      .messageId = draft->draft.messageId, .offset = length_, .text = nextPiece(*draft)};
  bytes_ += delta.text.size();
  length_ += static_cast<std::int64_t>(base::countCodePoints(delta.text));
  return delta;
}

bool DraftReader::hasMore() const noexcept {
  const OpenDraft* const draft = shown();
  if (draft == nullptr) return false;
  return (serial_ == draft->serial ? length_ : startOf(*draft)) < draft->length;
}

std::optional<std::int64_t> DraftReader::offsetAt(std::int64_t seq) noexcept {
  const OpenDraft* const draft = shown();
  if (draft == nullptr || seq <= draft->draft.afterSeq) return std::nullopt;
  if (isShortOf(*draft)) return startOf(*draft);
  if (serial_ != draft->serial) begin(*draft);
  return length_;
}

std::optional<std::int64_t> DraftReader::offset() const noexcept {
  const OpenDraft* const draft = shown();
  if (draft == nullptr || draft->serial != serial_) return std::nullopt;
  return length_;
}

// A draft that was open when the reader left goes on where it was.
std::int64_t DraftReader::startOf(const OpenDraft& draft) const noexcept {
  const Position& start = start_.after;
  const bool goesOn = draft.draft.afterSeq <= start.seq && start.offset;
  if (!goesOn) return 0;
  return draft.isPeers ? *start.offset : std::min(*start.offset, draft.length);
}

// Whether another engine has shown more of the draft than it has stored: the reader has that.
bool DraftReader::isShortOf(const OpenDraft& draft) const noexcept {
  return serial_ != draft.serial && startOf(draft) > draft.length;
}

void DraftReader::begin(const OpenDraft& draft) noexcept {
  serial_ = draft.serial;
  length_ = startOf(draft);
  bytes_ = base::bytesOfCodePoints(draft.draft.text, static_cast<std::size_t>(length_));
}

std::string DraftReader::nextPiece(const OpenDraft& draft) const {
  const std::string_view rest = std::string_view(draft.draft.text).substr(bytes_);
  const std::string_view most = rest.substr(0, kPieceBytes);
  return std::string(most.substr(0, base::bytesOfWhole(most)));
}

}  // namespace chatbot::stream
