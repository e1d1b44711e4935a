// Memory runs out at every point in turn: each call answers, and the library goes on.
//
// Calls that parse JSON are left out: the destructor of nlohmann::json allocates, and ends the
// process where it cannot.
#include <cstdio>
#include <functional>
#include <new>

#include "support.h"

namespace {

constexpr long kNever = -1;
thread_local long allocationsLeft = kNever;
thread_local int refusals = 0;

void* allocate(std::size_t size) noexcept {
  if (allocationsLeft == 0) {
    ++refusals;
    return nullptr;
  }
  if (allocationsLeft > 0) --allocationsLeft;
  return std::malloc(size == 0 ? 1 : size);
}

void* allocateOrThrow(std::size_t size) {
  if (void* memory = allocate(size)) return memory;
  throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t size) { return allocateOrThrow(size); }
void* operator new[](std::size_t size) { return allocateOrThrow(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return allocate(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return allocate(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

namespace {

using namespace capi_test;

// Calls `call` with memory for 0, 1, 2 … allocations until it is enough; the number of failures.
int failUntilEnough(const std::function<chatbot_status(chatbot_error**)>& call) {
  int failures = 0;
  for (long enough = 0;; ++enough) {
    CAPTURE(enough);
    Error error;
    chatbot_error* raw = nullptr;
    refusals = 0;
    allocationsLeft = enough;
    const chatbot_status status = call(&raw);
    allocationsLeft = kNever;
    error.reset(raw);
    if (refusals == 0) {
      REQUIRE(status == CHATBOT_OK);
      return failures;
    }
    if (status == CHATBOT_OK) continue;  // it could do without
    ++failures;
    REQUIRE(status < 0);
    REQUIRE(chatbot_error_status(error.get()) == status);
    REQUIRE(*chatbot_error_message(error.get()) != '\0');
    REQUIRE(Json::parse(chatbot_error_detail_json(error.get())).contains("detail"));
  }
}

TEST_CASE("options are set or there is no memory") {
  const Options chosen(chatbot_options_new());
  const auto setOption = [&](chatbot_error** error) {
    const std::string_view path = "a/path/that/is/longer/than/any/small/text.sqlite";
    return chatbot_options_set(chosen.get(), "store", path.data(), path.size(), error);
  };
  CHECK(failUntilEnough(setOption) > 0);

  const auto describe = [](chatbot_error** error) {
    chatbot_bytes* described = nullptr;
    const chatbot_status status = chatbot_options_describe(&described, error);
    chatbot_bytes_free(described);
    return status;
  };
  CHECK(failUntilEnough(describe) > 3);
}

TEST_CASE("user data is given back also when there is no memory to keep it") {
  const auto ignoreLine = [](void*, std::int32_t, const char*, std::size_t) {};
  const auto count = [](void* userData) { ++*static_cast<int*>(userData); };
  for (long enough = 0; enough < 8; ++enough) {
    CAPTURE(enough);
    int destroyed = 0;
    Options chosen(chatbot_options_new());
    refusals = 0;
    allocationsLeft = enough;
    const chatbot_status status =
        chatbot_options_set_log(chosen.get(), ignoreLine, &destroyed, count);
    allocationsLeft = kNever;
    CHECK(status == (refusals > 0 ? CHATBOT_NO_MEMORY : CHATBOT_OK));
    CHECK(destroyed == (refusals > 0 ? 1 : 0));
    chosen.reset();
    CHECK(destroyed == 1);
  }
}

TEST_CASE("an engine goes on after its calls had no memory") {
  const Bench bench;
  chatbot_engine* const engine = bench.engine.get();
  const chatbot_identity* const caller = bench.caller.get();
  const Started started = bench.start();
  const Turn turn = bench.take();

  const auto free = [](chatbot_bytes* bytes, chatbot_status status) {
    chatbot_bytes_free(bytes);
    return status;
  };
  CHECK(failUntilEnough([&](chatbot_error** error) {
          chatbot_bytes* out = nullptr;
          const chatbot_status status = chatbot_list(engine, caller, "", 0, &out, error);
          return free(out, status);
        }) > 3);
  CHECK(failUntilEnough([&](chatbot_error** error) {
          chatbot_bytes* out = nullptr;
          const chatbot_status status = chatbot_turn_input(turn.get(), &out, error);
          return free(out, status);
        }) > 3);
  CHECK(failUntilEnough([&](chatbot_error** error) {
          chatbot_response* response = nullptr;
          const std::string_view target = "/api/chatbot/threads";
          const chatbot_status status =
              chatbot_serve(engine, caller, "GET", 3, target.data(), target.size(), nullptr, 0,
                            nullptr, 0, &response, error);
          chatbot_response_free(response);
          return status;
        }) > 3);

  CHECK(append(turn, "Good day") == CHATBOT_OK);
  CHECK(finish(turn) == CHATBOT_OK);
  CHECK(readFrames(started.stream).find("Good day") != std::string::npos);
}

TEST_CASE("operations and handles are made or there is no memory") {
  const Bench bench;
  chatbot_engine* const engine = bench.engine.get();
  const chatbot_identity* const caller = bench.caller.get();
  const Started started = bench.start();
  const Turn turn = bench.take();
  const std::string& id = started.id;

  const auto checkBytes = [](auto call) {
    const auto callAndFree = [&](chatbot_error** error) {
      chatbot_bytes* out = nullptr;
      const chatbot_status status = call(&out, error);
      REQUIRE((out != nullptr) == (status == CHATBOT_OK));
      chatbot_bytes_free(out);
      return status;
    };
    CHECK(failUntilEnough(callAndFree) > 0);
  };
  checkBytes([&](auto out, auto error) {
    return chatbot_detail(engine, caller, id.data(), id.size(), out, error);
  });
  checkBytes([&](auto out, auto error) {
    return chatbot_rename(engine, caller, id.data(), id.size(), "Other", 5, out, error);
  });
  checkBytes([&](auto out, auto error) { return chatbot_openapi(engine, out, error); });
  checkBytes([&](auto out, auto error) { return chatbot_access_rules(engine, out, error); });
  checkBytes([&](auto out, auto error) {
    return chatbot_access_explain(engine, caller, "ChatWorkflow", "read", out, error);
  });

  CHECK(failUntilEnough([&](chatbot_error** error) {
          chatbot_stream* stream = nullptr;
          const chatbot_status status =
              chatbot_join(engine, caller, id.data(), id.size(), "", 0, 0, &stream, error);
          chatbot_stream_free(stream);
          return status;
        }) > 3);
  CHECK(failUntilEnough([&](chatbot_error** error) {
          chatbot_waitset* set = nullptr;
          chatbot_status status = chatbot_waitset_new(engine, &set, error);
          if (status == CHATBOT_OK)
            status = chatbot_waitset_add(set, started.stream.get(), 1, error);
          intptr_t handle = -1;
          if (status == CHATBOT_OK) status = chatbot_waitset_pollable(set, &handle, error);
          chatbot_waitset_free(set);
          return status;
        }) > 0);
  CHECK(failUntilEnough([&](chatbot_error** error) {
          return chatbot_turn_rename(turn.get(), "Another", 7, error);
        }) > 0);
}

TEST_CASE("nothing of a stream is lost or repeated when there is no memory to read it") {
  const Bench bench;
  Started started = bench.start();
  const Turn turn = bench.take();
  for (const char* text : {"one", "two", "three"}) REQUIRE(append(turn, text) == CHATBOT_OK);
  REQUIRE(finish(turn) == CHATBOT_OK);
  const auto join = [&](const char* place) {
    Stream stream;
    REQUIRE(chatbot_join(bench.engine.get(), bench.caller.get(), started.id.data(),
                         started.id.size(), place, std::strlen(place), 0, Out(stream),
                         nullptr) == CHATBOT_OK);
    return stream;
  };
  const std::string wanted = readFrames(join(""));

  const Stream stream = join("");
  std::string frames;
  chatbot_status status = CHATBOT_OK;
  while (status != CHATBOT_END) {
    const auto read = [&](chatbot_error** error) {
      char buffer[300];
      std::size_t written = 0;
      status = chatbot_stream_read(stream.get(), kSoonMs, buffer, sizeof buffer, &written, error);
      const long left = std::exchange(allocationsLeft, kNever);
      frames.append(buffer, written);
      allocationsLeft = left;
      return status == CHATBOT_END ? CHATBOT_OK : status;
    };
    failUntilEnough(read);
  }
  CHECK(frames == wanted);

  const Stream items = join("1");
  std::vector<std::string> messages;
  do {
    chatbot_bytes* event = nullptr;
    failUntilEnough([&](chatbot_error** error) {
      if (event != nullptr) return chatbot_status{CHATBOT_OK};
      status = chatbot_stream_next(items.get(), kSoonMs, nullptr, &event, error);
      return status == CHATBOT_END ? CHATBOT_OK : status;
    });
    if (event != nullptr) {
      messages.push_back(Json::parse(chatbot_bytes_data(event))["item"]["message"]);
    }
    chatbot_bytes_free(event);
  } while (status != CHATBOT_END);
  CHECK(messages == std::vector<std::string>{"one", "two", "three"});
}

TEST_CASE("a stream is left where it is when there is no memory to take it") {
  const Bench bench;
  const Response response =
      bench.serve("POST", "/api/chatbot/start/stream", R"({"prompt": "Hello"})");
  allocationsLeft = 0;
  chatbot_stream* const none = chatbot_response_take_stream(response.get());
  allocationsLeft = kNever;
  CHECK(none == nullptr);
  const Stream stream(chatbot_response_take_stream(response.get()));
  REQUIRE(stream != nullptr);
  CHECK(next(stream).status == CHATBOT_OK);
}

}  // namespace
