#include <algorithm>
#include <cstring>
#include <utility>

#include "chatbot/http.h"
#include "model/json_text.h"

namespace chatbot {
namespace {

// Item texts are JSON on one line: no line end in them can begin another field.
std::string itemFrame(const Item& item) {
  std::string frame = "id: ";
  appendJsonNumber(frame, item.seq);
  frame += "\ndata: ";
  frame += item.json;
  frame += "\n\n";
  return frame;
}

// Only the end of the round is told: after any other end a client comes back, and is told then.
std::string endFrame(const Stream& stream) {
  if (stream.end() != StreamEnd::finished && stream.end() != StreamEnd::removed) return {};
  const std::string_view status =
      stream.end() == StreamEnd::removed ? "deleted" : toText(stream.status());
  std::string frame = "event: end\ndata: ";
  JsonObject(frame).field("status", status).close();
  frame += "\n\n";
  return frame;
}

}  // namespace

SseStream::SseStream(std::unique_ptr<Stream> stream, bool endFrame)
    : stream_(std::move(stream)), endFrame_(endFrame) {}

SseStream::~SseStream() = default;

SseStream::Result SseStream::read(Timeout timeout, char* destination, std::size_t capacity,
                                  std::size_t& written) {
  written = 0;
  if (capacity == 0) return Result::wouldBlock;
  if (!hasPending() && !fetch(timeout)) return ended_ ? Result::end : Result::wouldBlock;
  do {
    const std::size_t left = pending_.size() - sent_;
    const bool fits = left <= capacity - written;
    if (!fits && written > 0) break;
    const std::size_t size = std::min(left, capacity - written);
    std::memcpy(destination + written, pending_.data() + sent_, size);
    written += size;
    sent_ += size;
  } while (!hasPending() && fetchMore());
  stream_->setBacklog(hasPending());
  return Result::data;
}

// Makes the next frame pending. False when there is none, now or ever.
bool SseStream::fetch(Timeout timeout) {
  if (ended_) return false;
  const StreamEvent event = stream_->next(timeout);
  pending_.clear();
  sent_ = 0;
  switch (event.kind) {
    case StreamEvent::Kind::item:
      pending_ = itemFrame(event.item);
      break;
    case StreamEvent::Kind::keepalive:
      pending_ = ": keepalive\n\n";
      break;
    case StreamEvent::Kind::end:
      ended_ = true;
      if (endFrame_) pending_ = endFrame(*stream_);
      break;
    case StreamEvent::Kind::none:
      break;
  }
  return hasPending();
}

// A fault of the store must not lose what was copied already: the next read meets it again.
bool SseStream::fetchMore() {
  try {
    return fetch(Timeout::zero());
  } catch (const std::exception&) {
    return false;
  }
}

int SseStream::pollable() { return stream_->pollable(); }

void SseStream::cancel() noexcept { stream_->cancel(); }

}  // namespace chatbot
