#include "store/reader_pool.h"

#include <doctest/doctest.h>

#include <atomic>
#include <stdexcept>
#include <thread>

#include "chatbot/error.h"
#include "store/sqlite/connection.h"
#include "support/temporary_folder.h"

using namespace chatbot;
using namespace chatbot::store;

namespace {

struct PoolFixture {
  test::TemporaryFolder folder;
  StoreOptions options{.path = folder.file("r.sqlite")};
  std::unique_ptr<Connection> writer = openSqlite(options, SqliteMode::readWrite, {});
  std::atomic<int> opened = 0;
  ReaderPool pool{[this] {
                    ++opened;
                    return openSqlite(options, SqliteMode::readOnly, {});
                  },
                  2};
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
  CHECK_THROWS_AS(
      fixture.pool.read([](Connection& connection) { connection.run("CREATE TABLE t (x)"); }),
      Error);
}

TEST_CASE("a connection that cannot be opened leaves room for the next try") {
  bool broken = true;
  test::TemporaryFolder folder;
  const StoreOptions options{.path = folder.file("r.sqlite")};
  const auto writer = openSqlite(options, SqliteMode::readWrite, {});
  ReaderPool pool(
      [&] {
        if (broken) throw std::runtime_error("no");
        return openSqlite(options, SqliteMode::readOnly, {});
      },
      1);
  CHECK_THROWS_AS(pool.read([](Connection&) {}), std::runtime_error);
  broken = false;
  CHECK_NOTHROW(pool.read([](Connection&) {}));
}
