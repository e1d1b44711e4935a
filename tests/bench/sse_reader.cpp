#include "sse_reader.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>

namespace chatbot::bench {
namespace {

constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::string_view kEventEnd = "\n\n";

template <typename Number>
bool findNumber(std::string_view event, std::string_view name, Number& number) {
  const std::size_t place = event.find(name);
  if (place == std::string_view::npos) return false;
  const char* const begin = event.data() + place + name.size();
  return std::from_chars(begin, event.data() + event.size(), number).ec == std::errc();
}

}  // namespace

bool SseReader::takeHead(std::string_view& bytes) {
  const std::size_t before = head_.size();
  head_ += bytes;
  const std::size_t end = head_.find(kHeadEnd);
  if (end == std::string::npos) return false;
  bytes.remove_prefix(end + kHeadEnd.size() - before);
  head_.resize(end);
  isChunked_ = head_.find("chunked") != std::string::npos;
  status_ = std::atoi(head_.c_str() + std::min(head_.size(), sizeof "HTTP/1.1"));
  head_ = std::string();
  return true;
}

// The bytes between chunks: an empty line, then the next one's size.
void SseReader::takeChunkByte(char byte) {
  if (byte == '\r') return;
  if (byte != '\n') {
    chunkLine_ += byte;
  } else if (!chunkLine_.empty()) {
    std::from_chars(chunkLine_.data(), chunkLine_.data() + chunkLine_.size(), chunkLeft_, 16);
    chunkLine_.clear();
  }
}

void SseReader::append(std::string_view bytes) {
  if (status_ == 0 && !takeHead(bytes)) return;
  if (!isChunked_) {
    body_ += bytes;
    return;
  }
  while (!bytes.empty()) {
    if (chunkLeft_ == 0) {
      takeChunkByte(bytes.front());
      bytes.remove_prefix(1);
      continue;
    }
    const std::size_t size = std::min(chunkLeft_, bytes.size());
    body_ += bytes.substr(0, size);
    bytes.remove_prefix(size);
    chunkLeft_ -= size;
  }
}

bool SseReader::nextMessage(Arrival& arrival) {
  for (;;) {
    const std::size_t end = body_.find(kEventEnd, read_);
    if (end == std::string::npos) return false;
    const std::string_view event = std::string_view(body_).substr(read_, end - read_);
    read_ = end + kEventEnd.size();
    if (event.starts_with(':')) ++tally_.comments;
    if (!findNumber(event, "\"sequenceNr\":", arrival.sequence)) continue;
    if (!findNumber(event, "\"createdAt\":", arrival.createdAt)) continue;
    count(arrival.sequence);
    return true;
  }
}

void SseReader::count(std::int64_t sequence) {
  ++tally_.events;
  if (sequence <= last_) ++tally_.repeated;
  if (last_ > 0 && sequence > last_ + 1) tally_.lost += sequence - last_ - 1;
  last_ = std::max(last_, sequence);
}

}  // namespace chatbot::bench
