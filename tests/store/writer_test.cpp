#include "store/writer.h"

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <stdexcept>
#include <thread>

#include "store/sqlite/connection.h"
#include "support/temporary_folder.h"

using namespace chatbot;
using namespace chatbot::store;

namespace {

struct WriterFixture {
  WriterFixture() {
    writer.write([](Connection& connection, Changes&) {
      connection.run("CREATE TABLE number (n INTEGER NOT NULL UNIQUE)");
    });
  }

  void insert(std::int64_t n) {
    writer.write([&](Connection& connection, Changes&) { insertWith(connection, n); });
  }

  static void insertWith(Connection& connection, std::int64_t n) {
    connection.run("INSERT INTO number VALUES (?)", std::array{SqlValue(n)});
  }

  std::int64_t count() {
    std::int64_t value = -1;
    writer.write([&](Connection& connection, Changes&) {
      connection.run("SELECT count(*) FROM number", {}, [&](const Row& row) {
        value = row.integer(0);
        return true;
      });
    });
    return value;
  }

  test::TemporaryFolder folder;
  Writer writer{openSqlite({.path = folder.file("w.sqlite")}, SqliteMode::readWrite, {})};
};

// Passes everything on, and counts the commits.
class CountingConnection final : public Connection {
 public:
  CountingConnection(std::unique_ptr<Connection> inner, int& commits)
      : inner_(std::move(inner)), commits_(commits) {}

  void run(std::string_view sql, std::span<const SqlValue> values, const OnRow& onRow) override {
    if (sql == "COMMIT") ++commits_;
    inner_->run(sql, values, onRow);
  }
  void runScript(const char* sql) override { inner_->runScript(sql); }
  void maintain() noexcept override { inner_->maintain(); }
  bool tryBegin() override { return inner_->tryBegin(); }
  bool inTransaction() const noexcept override { return inner_->inTransaction(); }

 private:
  std::unique_ptr<Connection> inner_;
  int& commits_;
};

// Waits where a connection would that another process keeps from beginning.
class HeldConnection final : public Connection {
 public:
  explicit HeldConnection(std::unique_ptr<Connection> inner) : inner_(std::move(inner)) {}

  void run(std::string_view sql, std::span<const SqlValue> values, const OnRow& onRow) override {
    if (sql == "BEGIN IMMEDIATE") {
      isWaiting = true;
      while (isHeld) std::this_thread::yield();
    }
    inner_->run(sql, values, onRow);
  }
  void runScript(const char* sql) override { inner_->runScript(sql); }
  void maintain() noexcept override { inner_->maintain(); }
  bool tryBegin() override { return !isHeld && inner_->tryBegin(); }
  bool inTransaction() const noexcept override { return inner_->inTransaction(); }

  std::atomic<bool> isHeld = true;
  std::atomic<bool> isWaiting = false;

 private:
  std::unique_ptr<Connection> inner_;
};

}  // namespace

TEST_CASE("a job that throws is undone, and the next one works") {
  WriterFixture fixture;
  CHECK_THROWS_AS(fixture.writer.write([](Connection& connection, Changes&) {
    WriterFixture::insertWith(connection, 1);
    throw std::runtime_error("no");
  }),
                  std::runtime_error);
  CHECK(fixture.count() == 0);
  fixture.insert(2);
  CHECK(fixture.count() == 1);
}

TEST_CASE("in a shared transaction each job succeeds or fails alone") {
  WriterFixture fixture;
  constexpr int kThreads = 8;
  constexpr int kJobs = 100;
  std::atomic<int> failed = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kJobs; ++i) {
        try {
          fixture.writer.write([&](Connection& connection, Changes&) {
            WriterFixture::insertWith(connection, t * kJobs + i);
            if (i % 3 == 0) throw std::runtime_error("no");
          });
        } catch (const std::runtime_error&) {
          ++failed;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(failed == kThreads * 34);
  CHECK(fixture.count() == kThreads * (kJobs - 34));
}

TEST_CASE("callers that wait while a transaction runs share the next one") {
  test::TemporaryFolder folder;
  int commits = 0;
  Writer writer(std::make_unique<CountingConnection>(
      openSqlite({.path = folder.file("w.sqlite")}, SqliteMode::readWrite, {}), commits));
  constexpr std::size_t kFollowers = 6;
  std::vector<std::thread> followers;
  writer.write([&](Connection& connection, Changes&) {
    connection.run("CREATE TABLE number (n INTEGER)");
    for (std::size_t i = 0; i < kFollowers; ++i) {
      followers.emplace_back([&] {
        writer.write([](Connection& inner, Changes&) { WriterFixture::insertWith(inner, 1); });
      });
    }
    while (writer.waiting() < 1 + kFollowers) std::this_thread::yield();
  });
  for (std::thread& follower : followers) follower.join();
  CHECK(commits == 2);
}

TEST_CASE("changes are told after the commit, in its order, and never for a job that failed") {
  WriterFixture fixture;
  std::vector<std::string> told;
  fixture.writer.onCommit([&](const Changes& changes) {
    for (const CommittedChange& change : changes.told) told.push_back(change.workflowId);
  });
  fixture.writer.write([](Connection&, Changes& changes) {
    changes.told.push_back({.workflowId = "a"});
    changes.told.push_back({.workflowId = "b"});
  });
  CHECK_THROWS(fixture.writer.write([](Connection&, Changes& changes) {
    changes.told.push_back({.workflowId = "c"});
    throw std::runtime_error("no");
  }));
  CHECK(told == std::vector<std::string>{"a", "b"});
}

TEST_CASE("who does not wait for other processes gives up while one holds the lock") {
  WriterFixture fixture;
  const auto insertNow = [&](std::int64_t n) {
    return fixture.writer.tryWrite(
        [&](Connection& connection, Changes&) { WriterFixture::insertWith(connection, n); });
  };
  const auto other =
      openSqlite({.path = fixture.folder.file("w.sqlite")}, SqliteMode::readWrite, {});
  other->run("BEGIN IMMEDIATE");
  CHECK_FALSE(insertNow(1));
  other->run("ROLLBACK");
  CHECK(insertNow(2));
  CHECK(fixture.count() == 1);
  CHECK_THROWS(insertNow(2));
  fixture.insert(3);
  CHECK(fixture.count() == 2);
}

TEST_CASE("who does not wait for other processes gives up behind one who does") {
  test::TemporaryFolder folder;
  auto connection = std::make_unique<HeldConnection>(
      openSqlite({.path = folder.file("w.sqlite")}, SqliteMode::readWrite, {}));
  HeldConnection& held = *connection;
  Writer writer(std::move(connection));
  std::thread waiting([&] {
    writer.write([](Connection& inner, Changes&) { inner.run("CREATE TABLE number (n INTEGER)"); });
  });
  while (!held.isWaiting) std::this_thread::yield();
  int runs = 0;
  const auto count = [&](Connection&, Changes&) { ++runs; };
  CHECK_FALSE(writer.tryWrite(count));
  held.isHeld = false;
  waiting.join();
  CHECK(writer.tryWrite(count));
  CHECK(runs == 1);
}
