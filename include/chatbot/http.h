/// @file
/// The endpoints, for any HTTP server: a request and an identity in, a response or a stream out.
///
/// The host reads the request, authenticates the caller and writes the response; the library opens
/// no socket. All functions of Mount may be called from any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "chatbot/engine.h"
#include "chatbot/error.h"

namespace chatbot {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Request {
  std::string_view method;
  std::string_view target;  ///< path and query as on the request line, percent-encoded
  Headers headers;          ///< names in any case
  std::string_view body;
};

/// A stream as server-sent events (WHATWG HTML, "Server-sent events"), in bytes. One reader at a
/// time; cancel() from any thread.
class SseStream {
 public:
  /// `endFrame`: whether a frame `event: end` says how the round has ended.
  SseStream(std::unique_ptr<Stream> stream, bool endFrame);
  ~SseStream();

  enum class Result {
    data,        ///< bytes were copied
    wouldBlock,  ///< none came within the timeout
    end          ///< the stream has ended, and all its bytes were read
  };

  /// Waits at most `timeout` for bytes, then copies as many whole frames as are there and fit into
  /// `capacity`; a frame larger than that is split over calls. `written` is 0 unless data is
  /// returned.
  Result read(Timeout timeout, char* destination, std::size_t capacity, std::size_t& written);

  /// The position after the last frame that was read to its end.
  const Position& position() const noexcept { return position_; }

  /// See Stream.
  int pollable();
  void cancel() noexcept;
  Stream& events() noexcept { return *stream_; }

 private:
  // A frame's head, its item's JSON, which is shared with other readers and not copied, and its
  // tail.
  struct Frame {
    std::string head;
    std::shared_ptr<const Item> item;
    std::string_view tail;
    std::optional<Position> position;  // after it; absent where it does not move

    std::size_t size() const noexcept;
    std::size_t copy(std::size_t from, char* destination, std::size_t capacity) const noexcept;
  };

  bool hasPending() const noexcept { return sent_ < pending_.size(); }
  bool fetch(Timeout timeout);
  Frame frameOf(const StreamEvent& event);
  bool fetchMore();

  std::unique_ptr<Stream> stream_;
  bool endFrame_;
  bool ended_ = false;
  std::optional<StreamEvent> taken_;  // read, and not made a frame yet
  Frame pending_;
  std::size_t sent_ = 0;
  Position position_;
};

struct Response {
  int status = 200;
  Headers headers;
  std::string body;
  std::unique_ptr<SseStream> stream;  ///< instead of a body
};

/// For hosts that call the engine themselves and answer as the endpoints do: the status of an
/// error; its body {"detail": …}, or one with this detail.
int httpStatus(ErrorCode code) noexcept;
std::string errorBody(const Error& error);
std::string errorBody(std::string_view detail);

/// The body of a list, {"items", "pagination"}: the page that the JSON text `pagination` asks for,
/// or all of the caller's workflows for an empty text, `null` or `{}`. Throws as Engine::list does,
/// with a message that begins with "Invalid pagination parameter: " for a text that does not fit.
std::string listBody(Engine& engine, const Identity& caller, std::string_view pagination);

/// The body of a workflow with its items, {"workflow", "chatData": {"items"}}.
std::string detailBody(const Tail& detail);

struct MountOptions {
  std::string prefix = "/api/chatbot";
  std::size_t maxBodyBytes = 1024 * 1024;
  int rateLimit = 120;  ///< requests of one caller to one operation in any 60 s; 0: no limit
};

/// The options by name, as those of EngineOptions: see setOption and optionsJson there.
bool setOption(MountOptions& options, std::string_view name, std::string_view text);
std::string optionsJson(const MountOptions& options);

class Mount {
 public:
  Mount(std::shared_ptr<Engine> engine, MountOptions options = {});
  ~Mount();

  /// Answers every request, errors included; throws only std::bad_alloc.
  Response serve(const Request& request, const Identity& caller);

  /// An OpenAPI 3.1 document of the endpoints, made from the table that serves them.
  std::string openApi() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace chatbot
