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
