// The PostgreSQL driver, by what the store needs of it.
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "database/dialect.h"
#include "database/relay.h"
#include "store/writer.h"
#include "support/connect.h"
#include "support/database_folder.h"

using namespace chatbot;
using namespace chatbot::database;
using namespace chatbot::store;

namespace {

struct ConnectionFixture {
  ConnectionFixture() { connection->runScript("CREATE TABLE t (n BIGINT PRIMARY KEY, x BYTEA)"); }

  void insert(std::int64_t n, std::string_view text = "") {
    connection->run("INSERT INTO t VALUES (?, ?)", n, text);
  }

  std::int64_t count() {
    connection->beginRead();
    const std::int64_t rows = test::number(*connection, "SELECT count(*) FROM t");
    connection->commit();
    return rows;
  }

  // Of all connections to the schema but this call's own.
  void terminate() {
    test::runOutside(path,
                     "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                     "WHERE application_name = 'chatbot' AND pid <> pg_backend_pid() "
                     "AND query LIKE '%" +
                         mark + "%'");
  }

  test::DatabaseFolder folder;
  const std::string path = folder.database();
  const std::string mark = path.substr(path.rfind('=') + 1);
  std::unique_ptr<Connection> connection = test::connect(path);
};

}  // namespace

TEST_CASE("values come back as they were, whatever their bytes") {
  ConnectionFixture fixture;
  const std::string hard("a\0b\x01\xff\x80 ä", 9);
  fixture.connection->begin();
  fixture.insert(INT64_MIN, hard);
  fixture.insert(INT64_MAX);
  fixture.connection->run("INSERT INTO t VALUES (?, ?)", -1, std::monostate{});
  fixture.connection->commit();
  std::vector<std::int64_t> numbers;
  fixture.connection->beginRead();
  for (const Row& row :
       fixture.connection->query("SELECT n, x, ?, ? FROM t ORDER BY n", -1.5e-300, 7)) {
    numbers.push_back(row.integer(0));
    if (numbers.size() == 1) CHECK(row.text(1) == hard);
    if (numbers.size() == 2) CHECK(row.isNull(1));
    CHECK(row.real(2) == -1.5e-300);
    CHECK(row.integer(3) == 7);
  }
  fixture.connection->commit();
  CHECK(numbers == std::vector<std::int64_t>{INT64_MIN, -1, INT64_MAX});
}

TEST_CASE("a statement that fails is told, and those behind it can be run again") {
  ConnectionFixture fixture;
  fixture.connection->begin();
  fixture.insert(1);
  fixture.insert(1);
  fixture.connection->run("UPDATE t SET n = n + 10");  // is not even prepared by then
  CHECK_THROWS_AS(fixture.connection->drain(), Error);
  CHECK(fixture.connection->inTransaction());
  fixture.connection->rollback();
  CHECK(fixture.count() == 0);
  fixture.connection->begin();
  fixture.insert(1);
  fixture.connection->run("UPDATE t SET n = n + 10");
  fixture.connection->commit();
  CHECK(fixture.count() == 1);
}

TEST_CASE("a savepoint keeps what was before it from what fails behind it") {
  ConnectionFixture fixture;
  fixture.connection->begin();
  fixture.insert(1);
  fixture.connection->run("SAVEPOINT job");
  fixture.insert(1);
  CHECK_THROWS_AS(fixture.connection->drain(), Error);
  fixture.connection->run("ROLLBACK TO job");
  fixture.insert(2);
  fixture.connection->commit();
  CHECK(fixture.count() == 2);
}

TEST_CASE("a transaction that has failed is not taken for committed") {
  ConnectionFixture fixture;
  fixture.connection->begin();
  fixture.insert(1);
  fixture.insert(1);
  CHECK_THROWS_AS(fixture.connection->commit(), Error);
  if (fixture.connection->inTransaction()) fixture.connection->rollback();
  CHECK(fixture.count() == 0);
}

TEST_CASE("what has failed behind the back of a transaction does not outlive it") {
  ConnectionFixture fixture;
  fixture.connection->begin();
  fixture.insert(1);
  fixture.insert(1);
  fixture.connection->rollback();
  fixture.connection->begin();
  fixture.insert(2);
  fixture.connection->commit();
  CHECK(fixture.count() == 1);
}

TEST_CASE("a transaction whose commit was not answered was committed once, or was not") {
  ConnectionFixture fixture;
  std::atomic<const char*> toLose = nullptr;  // the answer behind which the connection is cut
  test::Relay relay(fixture.path, [&](char type, std::string_view body) {
    const char* const wanted = toLose;
    if (type != 'C' || wanted == nullptr || !body.starts_with(wanted)) return test::Fate::passed;
    toLose = nullptr;
    return test::Fate::cut;
  });
  const auto connection = test::connect(relay.url());
  connection->begin();
  connection->run("INSERT INTO t VALUES (1)");
  SUBCASE("committed") {
    toLose = "COMMIT";
    connection->commit();
    CHECK(fixture.count() == 1);
  }
  SUBCASE("lost before") {
    toLose = "INSERT";
    CHECK_THROWS_AS(connection->drain(), UndoneError);
    CHECK(fixture.count() == 0);
  }
  CHECK(toLose == nullptr);
  connection->begin();
  connection->run("INSERT INTO t VALUES (2)");
  connection->commit();
  CHECK_FALSE(connection->inTransaction());
}

TEST_CASE("a lock that is waited for in vain is waited for once by all that share a transaction") {
  ConnectionFixture fixture;
  std::atomic<int> failures = 0;
  const LogFunction count = [&](LogLevel, std::string_view message, std::span<const LogField>) {
    if (message == "PostgreSQL has failed") ++failures;
  };
  const StoreOptions options{.path = fixture.path, .busyTimeout = std::chrono::milliseconds(300)};
  Writer writer(openDatabase(options, systemEnvironment(), count)->openWriter());
  fixture.connection->begin();
  fixture.connection->run("LOCK TABLE t");
  fixture.connection->drain();
  constexpr int kWriters = 12;
  std::atomic<int> refused = 0;
  std::vector<std::thread> writers;
  for (int i = 0; i < kWriters; ++i) {
    writers.emplace_back([&] {
      try {
        writer.write([](Connection& own, Changes&) { own.run("UPDATE t SET n = n"); });
      } catch (const Error& error) {
        if (error.code() == ErrorCode::unavailable && error.retryAfter() > 0) ++refused;
      }
    });
  }
  for (std::thread& each : writers) each.join();
  fixture.connection->rollback();
  CHECK(refused == kWriters);
  CHECK(failures < kWriters / 2);
}

TEST_CASE("a database that cannot be used is refused with the reason, and without the password") {
  const auto refusal = [](const std::string& path) -> std::string {
    try {
      test::connect(path);
    } catch (const Error& error) {
      return error.what();
    }
    return "opened";
  };
  const std::string server = test::postgresServer();
  CHECK(refusal(server + "&options=-csearch_path%3Dnowhere") ==
        "cannot open the PostgreSQL database: its search_path names no schema that there is");
  CHECK(refusal(server + "&options=-cdefault_transaction_read_only%3Don") ==
        "cannot open the PostgreSQL database: it cannot be written");
  for (const auto& path : {"postgres://u:s3cr3t/x@h/db", "postgres://u:s3cr3t@[::1/db",
                           "postgres://u:s3cr3t%pw@h/db", "mysql://u:s3cr3t@h/db"}) {
    CAPTURE(path);
    CHECK(refusal(path).find("s3cr3t") == std::string::npos);
    CHECK(refusal(path) != "opened");
  }
  test::runOutside(server,
                   "CREATE DATABASE latin1 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' "
                   "TEMPLATE template0");
  std::string latin = server;
  latin.replace(latin.find("/postgres?"), 10, "/latin1?");
  CHECK(refusal(latin) == "cannot open the PostgreSQL database: its encoding is LATIN1, not UTF8");
  test::runOutside(server, "DROP DATABASE latin1");
}

TEST_CASE("who may not make tables may open a database that has them") {
  test::DatabaseFolder folder;
  const std::string path = folder.database();
  test::makeTables(*test::connect(path));
  const std::string schema = path.substr(path.rfind("%3D") + 3);
  const std::string role = "writer_of_" + schema;
  test::runOutside(path, "CREATE ROLE " + role + " LOGIN; GRANT USAGE ON SCHEMA " + schema +
                             " TO " + role + "; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL " +
                             "TABLES IN SCHEMA " + schema + " TO " + role);
  std::string own = path;
  own.replace(own.find("user=postgres"), 13, "user=" + role);
  CHECK_NOTHROW(test::makeTables(*test::connect(own)));
  test::runOutside(path, "DROP OWNED BY " + role + "; DROP ROLE " + role);
}

TEST_CASE("a reader of rows may stop, or throw") {
  ConnectionFixture fixture;
  fixture.connection->begin();
  for (std::int64_t n = 0; n < 100; ++n) fixture.insert(n);
  fixture.connection->commit();
  fixture.connection->beginRead();
  int seen = 0;
  for (const Row& row : fixture.connection->query("SELECT n FROM t")) {
    CHECK(row.integer(0) < 100);
    if (++seen == 3) break;
  }
  CHECK(seen == 3);
  const auto throws = [](const Row&) -> bool { throw std::runtime_error("no"); };
  CHECK_THROWS_AS(fixture.connection->query("SELECT n FROM t").first(throws), std::runtime_error);
  fixture.connection->commit();
  CHECK(fixture.count() == 100);
}

TEST_CASE("more statements than are kept are prepared anew") {
  ConnectionFixture fixture;
  fixture.connection->begin();
  for (int i = 0; i < 600; ++i) {
    fixture.connection->run("UPDATE t SET n = " + std::to_string(i));
    if (i % 7 == 0) fixture.connection->drain();
  }
  fixture.connection->commit();
  CHECK(fixture.count() == 0);
}

TEST_CASE("a connection that was ended is made anew with the next transaction") {
  ConnectionFixture fixture;
  fixture.connection->begin();
  fixture.insert(1);
  fixture.connection->commit();
  fixture.connection->begin();
  CHECK(fixture.connection->query("SELECT '" + fixture.mark + "'").any());
  fixture.insert(2);
  fixture.connection->drain();
  SUBCASE("within a transaction, which is lost") {
    CHECK(fixture.connection->query("SELECT '" + fixture.mark + "'").any());
    fixture.terminate();
    fixture.insert(3);
    CHECK_THROWS_AS(fixture.connection->commit(), UndoneError);
    CHECK_FALSE(fixture.connection->inTransaction());
    CHECK(fixture.count() == 1);
  }
  SUBCASE("between two") {
    fixture.connection->rollback();
    test::runOutside(fixture.path,
                     "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE "
                     "application_name = 'chatbot' AND query = 'ROLLBACK' AND state = 'idle'");
    CHECK(fixture.count() == 1);
  }
}
