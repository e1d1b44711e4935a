#include "http/rate_limit.h"

#include <doctest/doctest.h>

#include <atomic>
#include <cmath>
#include <deque>
#include <map>
#include <random>
#include <thread>

#include "support/manual_environment.h"

using namespace chatbot;
using namespace chatbot::http;
using namespace std::chrono_literals;

namespace {

struct LimiterFixture {
  explicit LimiterFixture(int limit) : limiter(environment, limit, 60s) {}

  bool allowed(const std::string& key = "ann") { return limiter.admit(key).allowed; }

  std::shared_ptr<test::ManualEnvironment> environment =
      std::make_shared<test::ManualEnvironment>();
  RateLimiter limiter;
};

// What the limiter promises, in the simplest words: the requests of the last 60 s, counted.
struct Expected {
  RateLimiter::Verdict admit(Instant now, std::size_t limit) {
    while (!counted.empty() && counted.front() + 60s <= now) counted.pop_front();
    RateLimiter::Verdict verdict;
    verdict.allowed = counted.size() < limit;
    if (verdict.allowed) counted.push_back(now);
    verdict.remaining = static_cast<int>(limit - counted.size());
    const std::chrono::duration<double> left = counted.front() + 60s - now;
    verdict.resetSeconds = static_cast<int>(std::ceil(left.count()));
    return verdict;
  }

  std::deque<Instant> counted;
};

}  // namespace

TEST_CASE("so many requests are allowed, and no more until the first one is a window old") {
  LimiterFixture fixture(3);
  for (int i = 0; i < 3; ++i) CHECK(fixture.allowed());
  CHECK_FALSE(fixture.allowed());
  fixture.environment->advance(60s - 1ns);
  CHECK_FALSE(fixture.allowed());
  fixture.environment->advance(1ns);
  for (int i = 0; i < 3; ++i) CHECK(fixture.allowed());
  CHECK_FALSE(fixture.allowed());
}

TEST_CASE("there is no burst of twice the limit at a minute's edge") {
  LimiterFixture fixture(10);
  fixture.environment->advance(59s);
  for (int i = 0; i < 10; ++i) CHECK(fixture.allowed());
  fixture.environment->advance(2s);
  CHECK_FALSE(fixture.allowed());
}

TEST_CASE("places come back one by one, as the requests that took them grow old") {
  LimiterFixture fixture(2);
  CHECK(fixture.allowed());
  fixture.environment->advance(40s);
  CHECK(fixture.allowed());
  fixture.environment->advance(20s);
  CHECK(fixture.allowed());
  CHECK_FALSE(fixture.allowed());
  fixture.environment->advance(40s);
  CHECK(fixture.allowed());
}

TEST_CASE("a request that is refused does not count") {
  LimiterFixture fixture(1);
  CHECK(fixture.allowed());
  for (int i = 0; i < 59; ++i) {
    fixture.environment->advance(1s);
    CHECK_FALSE(fixture.allowed());
  }
  fixture.environment->advance(1s);
  CHECK(fixture.allowed());
}

TEST_CASE("a verdict says what is left, and when the next place comes back") {
  LimiterFixture fixture(2);
  const auto first = fixture.limiter.admit("ann");
  CHECK(first.remaining == 1);
  CHECK(first.resetSeconds == 60);
  fixture.environment->advance(10'500ms);
  const auto second = fixture.limiter.admit("ann");
  CHECK(second.remaining == 0);
  CHECK(second.resetSeconds == 50);  // 49.5, rounded up
  fixture.environment->advance(49s);
  const auto third = fixture.limiter.admit("ann");
  CHECK_FALSE(third.allowed);
  CHECK(third.remaining == 0);
  CHECK(third.resetSeconds == 1);
  fixture.environment->advance(std::chrono::seconds(third.resetSeconds));
  CHECK(fixture.allowed());
}

TEST_CASE("keys are counted apart") {
  LimiterFixture fixture(1);
  CHECK(fixture.allowed("ann"));
  CHECK(fixture.allowed("bob"));
  CHECK(fixture.allowed(""));
  CHECK_FALSE(fixture.allowed("ann"));
  CHECK_FALSE(fixture.allowed("bob"));
  CHECK_FALSE(fixture.allowed(""));
}

TEST_CASE("in any window of any traffic each key has at most the limit, and never less") {
  std::mt19937 random(5);
  for (const int limit : {1, 2, 5, 120}) {
    LimiterFixture fixture(limit);
    std::map<std::string, Expected> expected;
    for (int i = 0; i < 20'000; ++i) {
      // Bursts, pauses, and steps that meet the window's edges exactly.
      const auto kind = random() % 8;
      if (kind == 0) fixture.environment->advance(1s * static_cast<int>(random() % 90));
      if (kind == 1) fixture.environment->advance(1ns * static_cast<int>(random() % 1'000'000'000));
      if (kind == 2) fixture.environment->advance(1s);
      const std::string key(1, static_cast<char>('a' + random() % 3));
      const auto verdict = fixture.limiter.admit(key);
      const auto right =
          expected[key].admit(fixture.environment->now(), static_cast<std::size_t>(limit));
      REQUIRE(verdict.allowed == right.allowed);
      REQUIRE(verdict.remaining == right.remaining);
      REQUIRE(verdict.resetSeconds == right.resetSeconds);
    }
  }
}

TEST_CASE("keys without requests in the window are forgotten, others are not") {
  LimiterFixture fixture(1);
  for (int i = 0; i < 100'000; ++i) {
    fixture.limiter.admit("idle" + std::to_string(i));
    fixture.environment->advance(60ms);  // a thousand in a window
  }
  CHECK(fixture.limiter.keys() <= 4'096);

  CHECK(fixture.allowed("ann"));
  for (int i = 0; i < 50'000; ++i) {
    fixture.limiter.admit("busy" + std::to_string(i));
    fixture.environment->advance(1us);
  }
  CHECK(fixture.limiter.keys() >= 50'000);
  CHECK_FALSE(fixture.allowed("ann"));
  CHECK_FALSE(fixture.allowed("busy0"));
}

TEST_CASE("a key with one request in the window is remembered with it, if others are older") {
  LimiterFixture fixture(2);
  CHECK(fixture.allowed());
  fixture.environment->advance(40s);
  CHECK(fixture.allowed());
  fixture.environment->advance(21s);
  for (int i = 0; i < 5'000; ++i) fixture.limiter.admit("other" + std::to_string(i));
  CHECK(fixture.allowed());
  CHECK_FALSE(fixture.allowed());
}

TEST_CASE("threads at one moment share the limit") {
  LimiterFixture fixture(100);
  std::atomic<int> count = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 100; ++j) count += fixture.allowed() ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(count == 100);
}
