// Handles that free themselves, and an engine to try things on.
#pragma once

#include <doctest/doctest.h>
#include <poll.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "chatbot.h"

namespace capi_test {

using Json = nlohmann::json;

// Long enough for the slowest machine; reached only where a test fails.
inline constexpr int kSoonMs = 20'000;

template <auto Free>
struct Freed {
  template <typename T>
  void operator()(T* handle) const noexcept {
    Free(handle);
  }
};

template <typename T, auto Free>
using Handle = std::unique_ptr<T, Freed<Free>>;

using Options = Handle<chatbot_options, chatbot_options_free>;
using Identity = Handle<chatbot_identity, chatbot_identity_free>;
using Engine = Handle<chatbot_engine, chatbot_engine_free>;
using Bytes = Handle<chatbot_bytes, chatbot_bytes_free>;
using Error = Handle<chatbot_error, chatbot_error_free>;
using Response = Handle<chatbot_response, chatbot_response_free>;
using Stream = Handle<chatbot_stream, chatbot_stream_free>;
using Turn = Handle<chatbot_turn, chatbot_turn_free>;
using WaitSet = Handle<chatbot_waitset, chatbot_waitset_free>;

// Lets a call write into a handle:  chatbot_stop(…, Out(bytes), Out(error)).
template <typename Owner>
class Out {
 public:
  explicit Out(Owner& owner) : owner_(owner) {}
  ~Out() { owner_.reset(raw_); }
  Out(const Out&) = delete;
  Out& operator=(const Out&) = delete;
  operator typename Owner::pointer *() { return &raw_; }  // NOLINT: it stands for the pointer

 private:
  Owner& owner_;
  typename Owner::pointer raw_ = nullptr;
};

inline std::string text(const Bytes& bytes) {
  return {chatbot_bytes_data(bytes.get()), chatbot_bytes_size(bytes.get())};
}

inline Json json(const Bytes& bytes) { return Json::parse(text(bytes)); }

inline bool isReadable(intptr_t handle, int timeoutMs = 0) {
  pollfd entry{static_cast<int>(handle), POLLIN, 0};
  return poll(&entry, 1, timeoutMs) == 1;
}

// A new folder, gone with all that is in it at the end.
class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "chatbot-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string file(std::string_view name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

inline Identity identity(const std::string& user = "ada", const std::string& role = "user") {
  const Json caller = {{"userId", user}, {"mandateId", "acme"}, {"roles", {role}}};
  const std::string written = caller.dump();
  Identity made;
  REQUIRE(chatbot_identity_new(written.data(), written.size(), Out(made), nullptr) == CHATBOT_OK);
  return made;
}

using Settings = std::initializer_list<std::pair<const char*, std::string_view>>;

inline Options options(const Folder& folder, Settings settings) {
  Options made(chatbot_options_new());
  const std::string path = folder.file("chat.sqlite");
  REQUIRE(chatbot_options_set(made.get(), "store", path.data(), path.size(), nullptr) ==
          CHATBOT_OK);
  for (const auto& [name, value] : settings) {
    REQUIRE(chatbot_options_set(made.get(), name, value.data(), value.size(), nullptr) ==
            CHATBOT_OK);
  }
  return made;
}

inline Engine open(const Options& options) {
  Engine engine;
  Error error;
  const chatbot_status status = chatbot_engine_open(options.get(), Out(engine), Out(error));
  REQUIRE_MESSAGE(status == CHATBOT_OK, chatbot_error_message(error.get()));
  return engine;
}

struct Started {
  std::string id;
  Json workflow;
  Stream stream;
};

// An engine on a database of its own, whose turns the test answers, and a caller.
struct Bench {
  explicit Bench(Settings settings = {{"responder", "host"}, {"rateLimit", "0"}})
      : engine(open(options(folder, settings))) {}

  Started start(const std::string& prompt = "Hello", const std::string& id = {}) const {
    Json input = {{"prompt", prompt}};
    if (!id.empty()) input["workflowId"] = id;
    const std::string body = input.dump();
    Started started;
    Bytes workflow;
    Error error;
    const chatbot_status status =
        chatbot_start(engine.get(), caller.get(), body.data(), body.size(), nullptr, 0, 0,
                      Out(workflow), Out(started.stream), Out(error));
    REQUIRE_MESSAGE(status == CHATBOT_OK, chatbot_error_message(error.get()));
    started.workflow = json(workflow);
    started.id = started.workflow["id"];
    return started;
  }

  Turn take() const {
    Turn turn;
    REQUIRE(chatbot_turn_take(engine.get(), kSoonMs, Out(turn), nullptr) == CHATBOT_OK);
    return turn;
  }

  chatbot_status stop(const std::string& id) const {
    Bytes workflow;
    return chatbot_stop(engine.get(), caller.get(), id.data(), id.size(), Out(workflow), nullptr);
  }

  Response serve(std::string_view method, std::string_view target, std::string_view body = {},
                 std::string_view headers = {}) const {
    Response response;
    Error error;
    const chatbot_status status = chatbot_serve(
        engine.get(), caller.get(), method.data(), method.size(), target.data(), target.size(),
        headers.data(), headers.size(), body.data(), body.size(), Out(response), Out(error));
    REQUIRE_MESSAGE(status == CHATBOT_OK, chatbot_error_message(error.get()));
    return response;
  }

  Folder folder;
  Identity caller = identity();
  Engine engine;
};

inline chatbot_status append(const Turn& turn, const std::string& message) {
  const Json item = {{"type", "message"}, {"item", {{"message", message}}}};
  const std::string written = item.dump();
  return chatbot_turn_append(turn.get(), written.data(), written.size(), nullptr);
}

inline chatbot_status finish(const Turn& turn) {
  return chatbot_turn_finish(turn.get(), nullptr, 0, nullptr);
}

struct Next {
  chatbot_status status = CHATBOT_OK;
  std::int32_t kind = 0;
  Json item;
  std::int64_t place = 0;
};

inline Next next(const Stream& stream, std::int64_t timeoutMs = kSoonMs) {
  Next result;
  Bytes item;
  result.status = chatbot_stream_next(stream.get(), timeoutMs, &result.kind, Out(item), nullptr);
  if (item == nullptr) return result;
  result.item = json(item);
  result.place = std::stoll(chatbot_stream_place(stream.get()));
  return result;
}

// The tokens of the streams that are ready.
inline std::vector<std::uint64_t> wait(const WaitSet& set, std::int64_t timeoutMs = 0,
                                       std::size_t capacity = 64) {
  std::vector<std::uint64_t> tokens(capacity);
  std::size_t count = 0;
  const chatbot_status status =
      chatbot_waitset_wait(set.get(), timeoutMs, tokens.data(), capacity, &count, nullptr);
  CHECK((status == CHATBOT_OK) == (count > 0));
  tokens.resize(count);
  return tokens;
}

// Reads frames with a buffer of `capacity` bytes until the end, or until nothing comes.
inline std::string readFrames(const Stream& stream, std::int64_t timeoutMs = kSoonMs,
                              std::size_t capacity = 4096) {
  std::string frames;
  std::string buffer(capacity, '\0');
  std::size_t written = 0;
  while (chatbot_stream_read(stream.get(), timeoutMs, buffer.data(), capacity, &written, nullptr) ==
         CHATBOT_OK) {
    frames.append(buffer, 0, written);
  }
  return frames;
}

inline std::string endReason(const Stream& stream) {
  return chatbot_stream_end_reason(stream.get());
}

}  // namespace capi_test
