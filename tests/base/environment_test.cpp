#include "chatbot/environment.h"

#include <doctest/doctest.h>

#include <set>
#include <string_view>
#include <thread>
#include <vector>

#include "support/manual_environment.h"

using namespace chatbot;
using namespace std::chrono_literals;

TEST_CASE("an id has the form of a UUID of version 7") {
  test::ManualEnvironment environment;
  for (int i = 0; i < 1'000; ++i) {
    const std::string id = newId(environment);
    REQUIRE(isId(id));
    REQUIRE(id[14] == '7');
    REQUIRE(std::string_view("89ab").find(id[19]) != std::string_view::npos);
    REQUIRE(id.find_first_not_of("0123456789abcdef-") == std::string::npos);
  }
}

TEST_CASE("an id begins with its time in milliseconds, and the fraction of one") {
  test::ManualEnvironment environment;  // 1,700,000,000 s = 0x18bcfe56800 ms
  CHECK(newId(environment).starts_with("018bcfe5-6800-7000-"));
  environment.advance(500us);
  CHECK(newId(environment).starts_with("018bcfe5-6800-7800-"));
  environment.advance(500us);
  CHECK(newId(environment).starts_with("018bcfe5-6801-7000-"));
  environment.advance(65'535ms);
  CHECK(newId(environment).starts_with("018bcfe5-6801-7000-") == false);
  CHECK(newId(environment).starts_with("018bcfe6-6800-7000-"));
}

TEST_CASE("ids sort by their time, within a millisecond too") {
  test::ManualEnvironment environment;
  std::string last;
  for (int i = 0; i < 5'000; ++i) {
    const std::string id = newId(environment);
    REQUIRE(id > last);
    last = id;
    environment.advance(1us);
  }
}

TEST_CASE("ids of one moment differ, and all their random bits do") {
  test::ManualEnvironment environment;
  std::set<std::string> ids;
  std::vector<std::set<char>> digits(36);
  for (int i = 0; i < 10'000; ++i) {
    const std::string id = newId(environment);
    ids.insert(id);
    for (std::size_t place = 0; place < id.size(); ++place) digits[place].insert(id[place]);
  }
  CHECK(ids.size() == 10'000);
  CHECK(digits[19].size() == 4);
  for (std::size_t place = 20; place < 36; ++place) {
    if (place != 23) CHECK(digits[place].size() == 16);
  }
}

TEST_CASE("the form of an id is checked digit by digit") {
  const std::string id = "018bcfe5-6800-7000-8000-0123456789ab";
  CHECK(isId(id));
  CHECK(isId("018BCFE5-6800-7000-8000-0123456789AB"));
  CHECK(isId("00000000-0000-0000-0000-000000000000"));
  for (std::size_t place = 0; place < id.size(); ++place) {
    for (const char wrong : {'g', ' ', '\0', '\n', '_', '/', ':', '@', '`', 'G'}) {
      std::string other = id;
      other[place] = wrong;
      CHECK_FALSE(isId(other));
    }
    std::string other = id;
    other[place] = id[place] == '-' ? '0' : '-';
    CHECK_FALSE(isId(other));
  }
}

TEST_CASE("what is longer or shorter is no id") {
  const std::string id = "018bcfe5-6800-7000-8000-0123456789ab";
  CHECK_FALSE(isId(""));
  CHECK_FALSE(isId(id.substr(1)));
  CHECK_FALSE(isId(id.substr(0, 35)));
  CHECK_FALSE(isId(id + "0"));
  CHECK_FALSE(isId("{" + id + "}"));
  CHECK_FALSE(
      isId("018bcfe5680070008000"
           "0123456789ab"));
}

TEST_CASE("the system's wall time is the clock's, and its monotonic time never goes back") {
  const auto environment = systemEnvironment();
  const auto seconds = [] {
    const std::chrono::duration<double> now = std::chrono::system_clock::now().time_since_epoch();
    return now.count();
  };
  const double before = seconds();
  const double wall = environment->wallTime();
  CHECK(wall >= before - 1e-3);
  CHECK(wall <= seconds() + 1e-3);

  Instant last = environment->now();
  for (int i = 0; i < 1'000; ++i) {
    const Instant now = environment->now();
    REQUIRE(now >= last);
    last = now;
  }
}

TEST_CASE("the system's random numbers do not repeat, whichever thread asks") {
  const auto environment = systemEnvironment();
  std::vector<std::vector<std::uint64_t>> drawn(4);
  std::vector<std::thread> threads;
  for (auto& numbers : drawn) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) numbers.push_back(environment->random());
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<std::uint64_t> all;
  for (const auto& numbers : drawn) all.insert(numbers.begin(), numbers.end());
  CHECK(all.size() == 2'000);
}

TEST_CASE("the system waits until the deadline, or until it is notified") {
  const auto environment = systemEnvironment();
  std::mutex mutex;
  std::condition_variable condition;
  bool told = false;
  std::unique_lock lock(mutex);

  const Instant soon = environment->now() + 20ms;
  while (environment->now() < soon) environment->waitUntil(condition, lock, soon);

  const Instant late = environment->now() + 60s;
  std::thread teller([&] {
    const std::lock_guard telling(mutex);
    told = true;
    condition.notify_all();
  });
  while (!told && environment->now() < late) environment->waitUntil(condition, lock, late);
  lock.unlock();
  teller.join();
  CHECK(told);
  CHECK(environment->now() < late);
}
