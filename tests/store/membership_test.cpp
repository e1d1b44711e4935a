// Several stores on one database: which instance runs which round, and which one is dead.
#include "store/membership.h"

#include <doctest/doctest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <functional>

#include "chatbot/error.h"
#include "support/connect.h"
#include "support/crash.h"
#include "support/fixtures.h"
#include "support/forwarding_connection.h"

using namespace chatbot;
using namespace chatbot::database;
using namespace chatbot::store;
using namespace chatbot::test;
using namespace std::chrono_literals;

namespace {

const std::array<ItemContent, 1> kEnd = {textLog("left")};

// Two stores on one file, as two processes would have them: the locks tell one open file from
// another, not one process from another.
struct TwoStores : StoreFixture {
  TwoStores() {
    options.busyTimeout = std::chrono::milliseconds(0);
    options.lease = 15s;
    reopen();
    other = EngineStore::open(options, environment);
  }

  std::vector<RoundKey> abandoned() { return other->reclaim(Scope::system(), kEnd); }

  std::shared_ptr<EngineStore> other;
};

// Two instances on one database, each with a connection.
struct Instances {
  Instances() {
    test::makeTables(*first);
    one.enter(*first);
    two.enter(*second);
  }

  DatabaseFolder folder;
  const std::string path = folder.database();
  std::shared_ptr<ManualEnvironment> environment = std::make_shared<ManualEnvironment>();
  std::unique_ptr<Connection> first = connect(path);
  std::unique_ptr<Connection> second = connect(path);
  Membership one{openDatabase(path)->openInstanceLock(), environment, 15s};
  Membership two{openDatabase(path)->openInstanceLock(), environment, 15s};
};

// Does something before an instance that seems to be dead is looked at again.
class HookedConnection final : public ForwardingConnection {
 public:
  HookedConnection(std::unique_ptr<Connection> real, std::function<void()> hook)
      : ForwardingConnection(std::move(real)), hook_(std::move(hook)) {}

  std::unique_ptr<database::Cursor> open(std::string_view sql,
                                         std::span<const database::SqlView> values) override {
    if (sql.starts_with("SELECT heartbeat")) hook_();
    return ForwardingConnection::open(sql, values);
  }

 private:
  std::function<void()> hook_;
};

WorkflowStatus statusOf(Store& store, const Workflow& workflow) {
  return store.find(Scope::system(), workflow.id)->status;
}

}  // namespace

TEST_CASE("the rounds of a store that is open are not taken over") {
  TwoStores stores;
  const Workflow workflow = stores.begin();
  CHECK(stores.abandoned().empty());
  stores.environment->advance(14s);
  CHECK(stores.abandoned().empty());
  CHECK(statusOf(*stores.other, workflow) == WorkflowStatus::running);
}

TEST_CASE("the rounds of a store that was closed are ended at once, with what they had") {
  TwoStores stores;
  const Workflow workflow = stores.begin();
  stores.store->append(Scope::system(), {workflow.id, 1},
                       std::array<ItemContent, 1>{textMessage("half")});
  stores.store.reset();
  const std::vector<RoundKey> ended = stores.abandoned();
  REQUIRE(ended.size() == 1);
  CHECK(ended[0].workflowId == workflow.id);
  CHECK(ended[0].round == 1);
  const Tail tail = stores.other->tail(Scope::system(), workflow.id, 0, 9, 9'999).value();
  CHECK(tail.workflow.status == WorkflowStatus::error);
  REQUIRE(tail.items.size() == 3);
  CHECK(textOf(tail.items[1]) == "half");
  CHECK(textOf(tail.items[2]) == "left");
  CHECK(stores.abandoned().empty());
}

TEST_CASE("the rounds of a process that has died are ended at the next open" *
          doctest::test_suite("sqlite")) {
  StoreFixture fixture;
  const Workflow workflow = fixture.begin();
  StoreOptions options = fixture.options;
  options.path = crashedCopy(options.path);
  const std::shared_ptr<EngineStore> next = EngineStore::open(options, fixture.environment);
  CHECK(next->reclaim(Scope::system(), kEnd).size() == 1);
  CHECK(statusOf(*next, workflow) == WorkflowStatus::error);
  CHECK(statusOf(*fixture.store, workflow) == WorkflowStatus::running);  // the copy alone
}

TEST_CASE("a store that is silent for its lease loses its rounds, one that is heard does not") {
  TwoStores stores;
  const Workflow workflow = stores.begin();
  CHECK(stores.abandoned().empty());  // seen for the first time
  for (int third = 0; third < 9; ++third) {
    stores.environment->advance(5s);
    stores.store->renewLease();
    CHECK(stores.abandoned().empty());
  }
  for (int second = 0; second < 11; ++second) {
    stores.environment->advance(1s);
    CHECK(stores.abandoned().empty());
  }
  stores.environment->advance(1s);
  CHECK(stores.abandoned().size() == 1);

  // What it does afterwards is refused, and it may begin again.
  CHECK_FALSE(stores.store->append(Scope::system(), {workflow.id, 1}, kEnd));
  const ItemContent again = textMessage("again", "user", "first");
  CHECK(beginRound(*stores.store, Scope::system(), workflow.id, again).result ==
        StartResult::begun);
  CHECK(stores.abandoned().empty());
  CHECK(stores.store->append(Scope::system(), {workflow.id, 2}, kEnd));
}

TEST_CASE("time in which nobody looked, or could write, does not count" *
          doctest::test_suite("sqlite")) {
  TwoStores stores;
  stores.begin();
  CHECK(stores.abandoned().empty());
  const std::unique_ptr<database::Connection> third = connect(stores.options.path);
  third->begin();
  for (int look = 0; look < 20; ++look) {
    stores.environment->advance(5s);
    CHECK_THROWS_AS(stores.abandoned(), Error);
  }
  third->rollback();
  CHECK(stores.abandoned().empty());
  stores.environment->advance(1h);
  CHECK(stores.abandoned().empty());
  stores.environment->advance(5s);
  CHECK(stores.abandoned().empty());
  stores.environment->advance(5s);
  CHECK(stores.abandoned().size() == 1);
}

TEST_CASE("a heartbeat counts once it is committed") {
  Instances instances;
  instances.environment->advance(6s);
  Changes undone;
  instances.first->begin();
  instances.one.heartbeat(*instances.first, undone);
  instances.first->rollback();
  CHECK(instances.one.isHeartbeatDue());
  Changes done;
  instances.first->begin();
  instances.one.heartbeat(*instances.first, done);
  instances.first->commit();
  instances.one.heartbeatCommitted(done.heartbeatAt.value());
  CHECK_FALSE(instances.one.isHeartbeatDue());
}

TEST_CASE("an instance whose heartbeat comes while others reclaim it is not dead") {
  Instances instances;
  const auto look = [&](Connection& connection) { return instances.two.dead(connection); };
  for (int second = 0; second < 20; ++second) {
    instances.environment->advance(1s);
    look(*instances.second);
  }
  const std::vector<std::int64_t> one = {instances.one.instance()};
  CHECK(look(*instances.second) == one);
  HookedConnection hooked(connect(instances.path), [&] {
    Changes ignored;
    instances.one.heartbeat(*instances.first, ignored);
    instances.first->drain();
  });
  CHECK(look(hooked).empty());
  CHECK(look(*instances.second).empty());
}

TEST_CASE("a store is known through a link to the database, too" * doctest::test_suite("sqlite")) {
  TwoStores stores;
  const Workflow workflow = stores.begin();
  StoreOptions options = stores.options;
  options.path = stores.folder.file("link.sqlite");
  std::filesystem::create_symlink(stores.options.path, options.path);
  const std::shared_ptr<EngineStore> third = EngineStore::open(options, stores.environment);
  CHECK(third->reclaim(Scope::system(), kEnd).empty());
  CHECK(third->hasPeers());
  CHECK(statusOf(*third, workflow) == WorkflowStatus::running);
}

TEST_CASE("who has died without leaving anything is forgotten at the next look" *
          doctest::test_suite("sqlite")) {
  StoreFixture fixture;
  CHECK_FALSE(fixture.store->hasPeers());
  StoreOptions options = fixture.options;
  options.path = crashedCopy(options.path);
  const std::shared_ptr<EngineStore> next = EngineStore::open(options, fixture.environment);
  CHECK(next->hasPeers());
  CHECK(next->reclaim(Scope::system(), kEnd).empty());
  CHECK_FALSE(next->hasPeers());
}

TEST_CASE("who may use the database may use the file of its instances" *
          doctest::test_suite("sqlite")) {
  TemporaryFolder folder;
  const std::string path = folder.file("shared.sqlite");
  { std::ofstream made(path); }
  std::filesystem::permissions(path, static_cast<std::filesystem::perms>(0660));
  const auto store = EngineStore::open({.path = path}, std::make_shared<ManualEnvironment>());
  CHECK(std::filesystem::status(path + "-instances").permissions() ==
        static_cast<std::filesystem::perms>(0660));
}

TEST_CASE("a store that was idle for long is heard when it begins a round") {
  TwoStores stores;
  CHECK(stores.abandoned().empty());
  stores.environment->advance(1h);
  CHECK(stores.abandoned().empty());
  stores.begin();
  CHECK(stores.abandoned().empty());
  stores.environment->advance(14s);
  CHECK(stores.abandoned().empty());
}

TEST_CASE("a renewal writes no more than four times in a lease" * doctest::test_suite("sqlite")) {
  StoreFixture fixture;
  fixture.options.lease = 15s;
  fixture.reopen();
  const auto written = [&] { return std::filesystem::file_size(fixture.options.path + "-wal"); };
  fixture.begin();
  const auto before = written();
  fixture.environment->advance(3s);
  for (int i = 0; i < 100; ++i) fixture.store->renewLease();
  CHECK(written() == before);
  fixture.environment->advance(1s);
  for (int i = 0; i < 100; ++i) fixture.store->renewLease();
  CHECK(written() > before);
  CHECK(written() < before + 10 * 4096);
}

TEST_CASE("the scope bounds what is taken over") {
  TwoStores stores;
  stores.begin(user("ann", "m1"));
  const Workflow other = stores.begin(user("bob", "m2"));
  stores.store.reset();
  const std::vector<RoundKey> ended = stores.other->reclaim(Scope::ofMandate("m2"), kEnd);
  REQUIRE(ended.size() == 1);
  CHECK(ended[0].workflowId == other.id);
  CHECK(stores.other->runningRounds(Scope::system()).size() == 1);
}

TEST_CASE("maintenance alone keeps the lease, and ends what a dead store has left") {
  TwoStores stores;
  const Workflow workflow = stores.begin();
  const auto statusAfter = [&](std::chrono::seconds time, bool isMaintained) {
    for (std::chrono::seconds passed{0}; passed < time; passed += 1s) {
      stores.environment->advance(1s);
      if (isMaintained) stores.store->maintain(64);
      stores.other->maintain(64);
    }
    return statusOf(*stores.other, workflow);
  };
  CHECK(statusAfter(1h, true) == WorkflowStatus::running);
  CHECK(statusAfter(16s, false) == WorkflowStatus::error);
  const Tail tail = stores.other->tail(Scope::system(), workflow.id, 0, 9, 9'999).value();
  REQUIRE(tail.items.size() == 2);
  CHECK(textOf(tail.items[1]) == "The round was interrupted before it had ended");
}
