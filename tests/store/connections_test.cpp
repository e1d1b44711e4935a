#include "store/connections.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>

#include "chatbot/error.h"
#include "support/connect.h"
#include "support/database_folder.h"

using namespace chatbot;
using namespace chatbot::database;
using namespace chatbot::store;

namespace {

constexpr std::chrono::seconds kPatience{60};

struct PoolFixture {
  test::DatabaseFolder folder;
  std::shared_ptr<Database> database = test::openDatabase(folder.database());
  std::unique_ptr<Connection> writer = database->openWriter();
  std::atomic<int> opened = 0;
  ReaderPool pool{[this] {
                    ++opened;
                    return database->openReader();
                  },
                  2, kPatience};
};

}  // namespace

TEST_CASE("connections are opened when needed and used again") {
  PoolFixture fixture;
  for (int i = 0; i < 10; ++i) fixture.pool.read([](Connection&) {});
  CHECK(fixture.opened == 1);
}

TEST_CASE("no more connections than the limit, however many read at once") {
  PoolFixture fixture;
  std::vector<std::thread> threads;
  std::atomic<int> inside = 0;
  std::atomic<int> most = 0;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        fixture.pool.read([&](Connection&) {
          const int now = ++inside;
          int seen = most;
          while (now > seen && !most.compare_exchange_weak(seen, now)) continue;
          --inside;
        });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(most <= 2);
  CHECK(fixture.opened <= 2);
}

TEST_CASE("work that throws gives its connection back, outside a transaction") {
  PoolFixture fixture;
  for (int i = 0; i < 5; ++i) {
    CHECK_THROWS_AS(fixture.pool.read([](Connection&) { throw std::runtime_error("no"); }),
                    std::runtime_error);
  }
  fixture.pool.read([](Connection& connection) { CHECK(connection.inTransaction()); });
  CHECK(fixture.opened == 1);
}

TEST_CASE("a reader cannot write") {
  PoolFixture fixture;
  const auto write = [](Connection& connection) {
    connection.run("CREATE TABLE t (x BIGINT)");
    connection.drain();
  };
  CHECK_THROWS_AS(fixture.pool.read(write), Error);
}

TEST_CASE("a connection that cannot be opened leaves room for the next try") {
  bool broken = true;
  PoolFixture fixture;
  ReaderPool pool(
      [&] {
        if (broken) throw std::runtime_error("no");
        return fixture.database->openReader();
      },
      1, kPatience);
  CHECK_THROWS_AS(pool.read([](Connection&) {}), std::runtime_error);
  broken = false;
  CHECK_NOTHROW(pool.read([](Connection&) {}));
}

TEST_CASE("who finds all connections in use for too long is told so") {
  PoolFixture fixture;
  ReaderPool pool([&] { return fixture.database->openReader(); }, 1, std::chrono::milliseconds(1));
  pool.read([&](Connection&) {
    try {
      pool.read([](Connection&) { FAIL("there was one more"); });
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::unavailable);
      CHECK(error.retryAfter() == 1);
    }
  });
  CHECK_NOTHROW(pool.read([](Connection&) {}));
}

TEST_CASE("what is undone is read once more, and no oftener") {
  PoolFixture fixture;
  int undone = 0;
  int reads = 0;
  const auto work = [&](Connection&) {
    ++reads;
    if (undone-- > 0) throw UndoneError(Error(ErrorCode::unavailable, "The connection is lost"));
  };
  undone = 1;
  CHECK_NOTHROW(fixture.pool.read(work));
  CHECK(reads == 2);
  undone = 2;
  CHECK_THROWS_AS(fixture.pool.read(work), UndoneError);
  CHECK(reads == 4);
}
