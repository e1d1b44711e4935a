// One event-stream response, read as its bytes come.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace chatbot::bench {

// What has been read of a stream. Messages are told apart by the "sequenceNr" in their data.
struct Tally {
  std::int64_t events = 0;
  std::int64_t comments = 0;
  std::int64_t lost = 0;
  std::int64_t repeated = 0;
};

// A message of the stream, while it is looked at.
struct Arrival {
  std::int64_t sequence = 0;
  double createdAt = 0;  // seconds since the epoch
};

class SseReader {
 public:
  // Takes bytes of the response, chunked or not, and calls `arrived` for each message.
  template <typename Arrived>
  void take(std::string_view bytes, Arrived arrived) {
    append(bytes);
    Arrival arrival;
    while (nextMessage(arrival)) arrived(arrival);
    body_.erase(0, read_);
    read_ = 0;
    if (body_.empty()) body_.shrink_to_fit();
  }

  // The response's status; 0 before its head was read.
  int status() const { return status_; }

  const Tally& tally() const { return tally_; }

 private:
  void append(std::string_view bytes);
  bool takeHead(std::string_view& bytes);
  void takeChunkByte(char byte);
  bool nextMessage(Arrival& arrival);
  void count(std::int64_t sequence);

  std::string head_;
  std::string body_;  // events that are not whole yet
  std::size_t read_ = 0;
  std::string chunkLine_;
  std::size_t chunkLeft_ = 0;
  std::int64_t last_ = 0;
  Tally tally_;
  int status_ = 0;
  bool isChunked_ = false;
};

}  // namespace chatbot::bench
