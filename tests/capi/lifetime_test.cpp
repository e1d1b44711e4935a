// Finalisers run in any order and on any thread: so may the frees.
#include <algorithm>
#include <array>
#include <thread>

#include "support.h"

namespace {

using namespace capi_test;

// One of each thing that an engine hands out, and the engine.
struct Things {
  Folder folder;
  Identity caller = identity();
  Engine engine = open(options(folder, {{"responder", "host"}}));
  Stream stream;
  Turn turn;
  Response response;
  WaitSet set;

  Things() {
    const std::string input = R"({"prompt": "Hello"})";
    REQUIRE(chatbot_start(engine.get(), caller.get(), input.data(), input.size(), nullptr, 0, 0,
                          nullptr, Out(stream), nullptr) == CHATBOT_OK);
    REQUIRE(chatbot_turn_take(engine.get(), kSoonMs, Out(turn), nullptr) == CHATBOT_OK);
    const std::string_view target = "/api/chatbot/start/stream";
    REQUIRE(chatbot_serve(engine.get(), caller.get(), "POST", 4, target.data(), target.size(),
                          nullptr, 0, input.data(), input.size(), Out(response),
                          nullptr) == CHATBOT_OK);
    REQUIRE(chatbot_waitset_new(engine.get(), Out(set), nullptr) == CHATBOT_OK);
    REQUIRE(chatbot_waitset_add(set.get(), stream.get(), 1, nullptr) == CHATBOT_OK);
  }

  void free(int which) {
    if (which == 0) engine.reset();
    if (which == 1) stream.reset();
    if (which == 2) turn.reset();
    if (which == 3) response.reset();
    if (which == 4) set.reset();
  }

  // What is left works as before.
  void use() const {
    if (turn != nullptr) CHECK(append(turn, "Still here") == CHATBOT_OK);
    if (stream != nullptr) CHECK(next(stream, 0).status >= CHATBOT_OK);
    if (response != nullptr) CHECK(chatbot_response_status(response.get()) == 200);
    if (set != nullptr) CHECK(wait(set).size() <= 1);
  }
};

TEST_CASE("an engine and what it has handed out are freed in any order") {
  std::array order{0, 1, 2, 3, 4};
  do {
    CAPTURE(order[0]);
    CAPTURE(order[1]);
    CAPTURE(order[2]);
    CAPTURE(order[3]);
    Things things;
    for (const int which : order) {
      things.free(which);
      things.use();
    }
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_CASE("everything may be freed on another thread") {
  Things things;
  for (const int which : {0, 2, 1, 4, 3}) std::thread([&] { things.free(which); }).join();
}

TEST_CASE("a round goes on after its engine was let go") {
  const Folder folder;
  const Identity caller = identity();
  const std::string input = R"({"prompt": "Hello"})";
  Engine engine = open(options(folder, {{"responder", "host"}}));
  Stream stream;
  Turn turn;
  REQUIRE(chatbot_start(engine.get(), caller.get(), input.data(), input.size(), nullptr, 0, 0,
                        nullptr, Out(stream), nullptr) == CHATBOT_OK);
  REQUIRE(chatbot_turn_take(engine.get(), kSoonMs, Out(turn), nullptr) == CHATBOT_OK);
  engine.reset();
  CHECK(append(turn, "Good day") == CHATBOT_OK);
  CHECK(finish(turn) == CHATBOT_OK);
  CHECK(readFrames(stream).find("Good day") != std::string::npos);
  CHECK(endReason(stream) == "completed");
}

TEST_CASE("an engine is shut down with the last that it has handed out") {
  const Folder folder;
  int destroyed = 0;
  Options chosen = options(folder, {{"responder", "host"}});
  const auto ignoreLine = [](void*, std::int32_t, const char*, std::size_t) {};
  const auto count = [](void* userData) { ++*static_cast<int*>(userData); };
  REQUIRE(chatbot_options_set_log(chosen.get(), ignoreLine, &destroyed, count) == CHATBOT_OK);
  Engine engine = open(chosen);
  chosen.reset();
  const Identity caller = identity();
  const std::string input = R"({"prompt": "Hello"})";
  Stream stream;
  REQUIRE(chatbot_start(engine.get(), caller.get(), input.data(), input.size(), nullptr, 0, 0,
                        nullptr, Out(stream), nullptr) == CHATBOT_OK);
  engine.reset();
  CHECK(destroyed == 0);
  stream.reset();
  CHECK(destroyed == 1);
}

TEST_CASE("a set that was freed keeps no engine, though a stream of another one was in it") {
  const Folder folder;
  int destroyed = 0;
  Options chosen = options(folder, {{"responder", "host"}});
  const auto ignoreLine = [](void*, std::int32_t, const char*, std::size_t) {};
  const auto count = [](void* userData) { ++*static_cast<int*>(userData); };
  REQUIRE(chatbot_options_set_log(chosen.get(), ignoreLine, &destroyed, count) == CHATBOT_OK);
  Engine engine = open(chosen);
  chosen.reset();
  const Bench other;
  const Started started = other.start();
  WaitSet set;
  REQUIRE(chatbot_waitset_new(engine.get(), Out(set), nullptr) == CHATBOT_OK);
  REQUIRE(chatbot_waitset_add(set.get(), started.stream.get(), 1, nullptr) == CHATBOT_OK);
  engine.reset();
  CHECK(wait(set) == std::vector<std::uint64_t>{1});
  CHECK(destroyed == 0);
  set.reset();
  CHECK(destroyed == 1);
  CHECK(next(started.stream).status == CHATBOT_OK);
}

TEST_CASE("what was handed out may be freed after a shutdown") {
  Things things;
  REQUIRE(chatbot_engine_shutdown(things.engine.get()) == CHATBOT_OK);
  const Stream late(chatbot_response_take_stream(things.response.get()));
  CHECK(next(late, 0).status == CHATBOT_END);
  CHECK(endReason(late) == "shutdown");
}

}  // namespace
