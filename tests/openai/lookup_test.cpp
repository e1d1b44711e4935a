// Names that take long to be looked up: libcurl asks the system on threads, with getaddrinfo(), for
// which this binary has its own.
#include <dlfcn.h>
#include <netdb.h>

#include <atomic>

#include "openai/openai_fixture.h"

using namespace chatbot;
using namespace chatbot::test;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view kSlowName = "slow.test";

std::atomic<bool> open = true;  // else lookups of the slow name wait
std::atomic<int> running = 0;
std::atomic<int> most = 0;

void waitUntilOpen() {
  const int now = ++running;
  int before = most;
  while (before < now && !most.compare_exchange_weak(before, now)) continue;
  while (!open) std::this_thread::sleep_for(1ms);
  --running;
}

}  // namespace

extern "C" [[gnu::visibility("default")]] int getaddrinfo(const char* name, const char* service,
                                                          const addrinfo* hints, addrinfo** found) {
  using Lookup = decltype(&getaddrinfo);
  static const auto real = reinterpret_cast<Lookup>(dlsym(RTLD_NEXT, "getaddrinfo"));
  if (name == nullptr || name != kSlowName) return real(name, service, hints, found);
  waitUntilOpen();
  return real("127.0.0.1", service, hints, found);
}

TEST_CASE("a few names are looked up at once; the other rounds wait, and can be stopped") {
  constexpr int kRounds = 30;
  OpenAiFixture fixture({eventReply({textChunk("Hello"), kStopChunk})});
  std::string url = fixture.server.url();
  fixture.options.baseUrl = url.replace(url.find("127.0.0.1"), 9, kSlowName);
  open = false;
  std::vector<std::string> ids;
  ids.reserve(kRounds);
  for (int i = 0; i < kRounds; ++i) ids.push_back(fixture.start("?"));
  while (running < 8) std::this_thread::sleep_for(1ms);
  while (fixture.items(ids.back()).size() < 2) std::this_thread::sleep_for(1ms);
  std::this_thread::sleep_for(
      50ms);  // time for a fault to show; a right library passes at any speed
  CHECK(most == 8);
  fixture.engine->stop(fixture.caller, ids.back());
  open = true;
  CHECK(fixture.status(ids.back()) == WorkflowStatus::stopped);
  ids.pop_back();
  for (const std::string& id : ids) {
    CHECK(textsOf(fixture.ended(id), "message") == std::vector<std::string>{"?", "Hello"});
  }
  CHECK(most <= 8);
  CHECK(fixture.server.requests().size() == ids.size());
}
