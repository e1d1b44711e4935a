// A host runs for months: what each conversation has cost is given back.
#include <malloc.h>

#include "support.h"
#include "support/often.h"

namespace {

using namespace capi_test;

std::size_t entries(const char* folder) {
  const std::filesystem::directory_iterator all(folder);
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

std::size_t bytesInUse() {
  const struct mallinfo2 heap = mallinfo2();
  return heap.uordblks + heap.hblkhd;
}

// A whole conversation, in every way that a host may wait for it, with its failures.
void converse(const Bench& bench, const WaitSet& set) {
  const Started started = bench.start();
  const Turn turn = bench.take();
  intptr_t handle = -1;
  REQUIRE(chatbot_stream_pollable(started.stream.get(), &handle, nullptr) == CHATBOT_OK);
  REQUIRE(chatbot_turn_cancel_pollable(turn.get(), &handle, nullptr) == CHATBOT_OK);
  REQUIRE(chatbot_waitset_add(set.get(), started.stream.get(), 1, nullptr) == CHATBOT_OK);
  REQUIRE(chatbot_stream_set_notify(
              started.stream.get(), [](void*) {}, nullptr, nullptr) == CHATBOT_OK);
  REQUIRE(chatbot_turn_delta(turn.get(), "Good", 4, nullptr) == CHATBOT_OK);
  REQUIRE(append(turn, "Good day") == CHATBOT_OK);

  const Response abandoned =
      bench.serve("GET", "/api/chatbot/" + started.id + "/stream?deltas=true");
  REQUIRE(chatbot_response_status(abandoned.get()) == 200);
  REQUIRE(chatbot_response_status(bench.serve("GET", "/api/chatbot/none").get()) == 405);
  Error error;
  REQUIRE(chatbot_turn_append(turn.get(), "[", 1, Out(error)) == CHATBOT_INVALID_ARGUMENT);

  REQUIRE(finish(turn) == CHATBOT_OK);
  REQUIRE(readFrames(started.stream).find("Good day") != std::string::npos);
  REQUIRE(chatbot_delete(bench.engine.get(), bench.caller.get(), started.id.data(),
                         started.id.size(), nullptr) == CHATBOT_OK);
}

// The memory that a deleted conversation may leave behind, with caches that are still filling.
constexpr std::size_t kBytesEach = 256;

// The scheduler makes a thread when tasks of one part more wait at once: streams, rounds, the turn
// queue and maintenance are the parts of this engine.
constexpr std::size_t kSchedulerParts = 4;
const std::size_t kConversations = chatbot::test::often<std::size_t>(400, 1'500);

TEST_CASE("many conversations leave no thread, no descriptor and no memory behind") {
  const Bench bench({{"responder", "host"}, {"rateLimit", "0"}, {"readers", "1"}});
  WaitSet set;
  REQUIRE(chatbot_waitset_new(bench.engine.get(), Out(set), nullptr) == CHATBOT_OK);
  for (int i = 0; i < 600; ++i) converse(bench, set);  // what is kept for the next one is there now
  const std::size_t threads = entries("/proc/self/task");
  const std::size_t descriptors = entries("/proc/self/fd");
  const std::size_t bytes = bytesInUse();

  for (std::size_t i = 0; i < kConversations; ++i) converse(bench, set);
  CHECK(entries("/proc/self/task") >= threads);
  CHECK(entries("/proc/self/task") < threads + kSchedulerParts);
  CHECK(entries("/proc/self/fd") == descriptors);
  CHECK(bytesInUse() < bytes + kConversations * kBytesEach);
}

}  // namespace
