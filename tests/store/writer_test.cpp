#include "store/writer.h"

#include <doctest/doctest.h>

#include <atomic>
#include <stdexcept>
#include <thread>

#include "support/connect.h"
#include "support/database_folder.h"
#include "support/forwarding_connection.h"

using namespace chatbot;
using namespace chatbot::database;
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
    connection.run("INSERT INTO number VALUES (?)", n);
  }

  std::int64_t count() {
    std::int64_t value = -1;
    writer.write([&](Connection& connection, Changes&) {
      value = test::number(connection, "SELECT count(*) FROM number");
    });
    return value;
  }

  test::DatabaseFolder folder;
  Writer writer{test::connect(folder.database())};
};

class CountingConnection final : public test::ForwardingConnection {
 public:
  CountingConnection(std::unique_ptr<Connection> real, int& commits)
      : ForwardingConnection(std::move(real)), commits_(commits) {}

  void commit() override {
    ++commits_;
    ForwardingConnection::commit();
  }

 private:
  int& commits_;
};

// Waits where a connection would that another process keeps from beginning.
class HeldConnection final : public test::ForwardingConnection {
 public:
  using ForwardingConnection::ForwardingConnection;

  void begin() override {
    isWaiting = true;
    while (isHeld) std::this_thread::yield();
    ForwardingConnection::begin();
  }
  bool tryBegin() override { return !isHeld && ForwardingConnection::tryBegin(); }

  std::atomic<bool> isHeld = true;
  std::atomic<bool> isWaiting = false;
};

// Meets a conflict at the next inserts, as where another host's transaction stands in the way.
class ConflictingConnection final : public test::ForwardingConnection {
 public:
  ConflictingConnection(std::unique_ptr<Connection> real, std::atomic<int>& conflicts)
      : ForwardingConnection(std::move(real)), conflicts_(conflicts) {}

  void execute(std::string_view sql, std::span<const SqlView> values) override {
    if (sql.starts_with("INSERT") && conflicts_ > 0) {
      --conflicts_;
      throw UndoneError(Error(ErrorCode::unavailable, "The store is busy"));
    }
    ForwardingConnection::execute(sql, values);
  }

 private:
  std::atomic<int>& conflicts_;
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

TEST_CASE("a statement that fails in a shared transaction fails its job alone") {
  WriterFixture fixture;
  fixture.insert(-1);
  constexpr int kThreads = 8;
  constexpr int kJobs = 40;
  std::atomic<int> failed = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kJobs; ++i) {
        try {
          fixture.insert(i % 4 == 0 ? -1 : t * kJobs + i);
        } catch (const Error&) {
          ++failed;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(failed == kThreads * kJobs / 4);
  CHECK(fixture.count() == 1 + kThreads * kJobs * 3 / 4);
}

TEST_CASE("callers that wait while a transaction runs share the next one") {
  test::DatabaseFolder folder;
  int commits = 0;
  Writer writer(std::make_unique<CountingConnection>(test::connect(folder.database()), commits));
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
    for (const CommittedChange& change : changes.published) told.push_back(change.workflowId);
  });
  fixture.writer.write([](Connection&, Changes& changes) {
    changes.published.push_back({.workflowId = "a"});
    changes.published.push_back({.workflowId = "b"});
  });
  CHECK_THROWS(fixture.writer.write([](Connection&, Changes& changes) {
    changes.published.push_back({.workflowId = "c"});
    throw std::runtime_error("no");
  }));
  CHECK(told == std::vector<std::string>{"a", "b"});
}

TEST_CASE("who does not wait for other processes gives up while one holds the lock" *
          doctest::test_suite("sqlite")) {
  WriterFixture fixture;
  const auto insertNow = [&](std::int64_t n) {
    return fixture.writer.tryWrite(
        [&](Connection& connection, Changes&) { WriterFixture::insertWith(connection, n); });
  };
  const auto other = test::connect(fixture.folder.database());
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
  test::DatabaseFolder folder;
  auto connection = std::make_unique<HeldConnection>(test::connect(folder.database()));
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

TEST_CASE("a job that met a conflict is done again, alone, and the others of its batch once") {
  test::DatabaseFolder folder;
  std::atomic<int> conflicts = 0;
  Writer writer(
      std::make_unique<ConflictingConnection>(test::connect(folder.database()), conflicts));
  std::vector<std::thread> followers;
  constexpr int kFollowers = 6;
  std::atomic<int> told = 0;
  writer.onCommit([&](Changes& changes) { told += static_cast<int>(changes.published.size()); });
  writer.write([&](Connection& connection, Changes&) {
    connection.run("CREATE TABLE number (n INTEGER)");
    for (int i = 0; i < kFollowers; ++i) {
      followers.emplace_back([&, i] {
        writer.write([&](Connection& inner, Changes& changes) {
          changes.published.push_back({.workflowId = "w"});
          WriterFixture::insertWith(inner, i);
        });
      });
    }
    while (writer.waiting() < 1 + kFollowers) std::this_thread::yield();
    conflicts = 3;
  });
  for (std::thread& follower : followers) follower.join();
  std::int64_t count = 0;
  writer.write([&](Connection& connection, Changes&) {
    count = test::number(connection, "SELECT count(*) + count(DISTINCT n) FROM number");
  });
  CHECK(count == 2 * kFollowers);
  CHECK(told == kFollowers);
}

TEST_CASE("a job that meets conflicts again and again fails, and has changed nothing") {
  test::DatabaseFolder folder;
  std::atomic<int> conflicts = 0;
  Writer writer(
      std::make_unique<ConflictingConnection>(test::connect(folder.database()), conflicts));
  writer.write(
      [&](Connection& connection, Changes&) { connection.run("CREATE TABLE number (n INTEGER)"); });
  conflicts = 1000;
  CHECK_THROWS_AS(writer.write([&](Connection& connection, Changes&) {
    WriterFixture::insertWith(connection, 1);
  }),
                  UndoneError);
  CHECK(conflicts > 0);
  conflicts = 0;
  writer.write([](Connection& connection, Changes&) { WriterFixture::insertWith(connection, 1); });
}
