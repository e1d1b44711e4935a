// The database and the in-memory evaluator answer every query alike.
#include <doctest/doctest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "base/text.h"
#include "chatbot/query.h"
#include "database/dialect.h"
#include "query/value.h"
#include "support/connect.h"
#include "support/database_folder.h"
#include "support/memory_database.h"
#include "support/often.h"

namespace chatbot {
namespace {

using Ids = std::vector<std::string>;

// As the store's table is: two columns that are never null, one that reads as 10 where it is.
const Schema& schema() {
  static const Schema made = {
      {"id", "id", FieldType::text, false, {}, "idFolded"},
      {"name", "name", FieldType::text, true, {}, "nameFolded"},
      {"note", "note", FieldType::text, true, {}, "noteFolded"},
      {"size", "size", FieldType::integer},
      {"steps", "coalesce(steps, 10)", FieldType::integer, false, std::int64_t{10}},
      {"price", "price", FieldType::real},
      {"at", "\"at\"", FieldType::real, false},
  };
  return made;
}

const std::vector<std::string>& texts() {
  static const std::vector<std::string> made = {"",
                                                "a",
                                                "A",
                                                "ab",
                                                "aB",
                                                "b",
                                                "straße",
                                                "STRASSE",
                                                "Strasse",
                                                "İ",
                                                "i",
                                                "i̇",
                                                "ı",
                                                "I",
                                                "Σ",
                                                "σ",
                                                "ς",
                                                "ΟΔΟΣ",
                                                "οδος",
                                                "ä",
                                                "Ä",
                                                "a\u0308",
                                                "é",
                                                "É",
                                                "%",
                                                "_",
                                                "a%b",
                                                "a_b",
                                                "'",
                                                "''",
                                                "\"",
                                                "\\",
                                                "\\%",
                                                "; --",
                                                "?",
                                                "NULL",
                                                "null",
                                                "0",
                                                "1",
                                                "10",
                                                "\uFFFD",
                                                "\U0001F600",
                                                "\u2028",
                                                " ",
                                                "ﬀ",
                                                "FF",
                                                "\u212A",
                                                "K",
                                                "k",
                                                "\t",
                                                "\n",
                                                "x' OR 1=1 --",
                                                std::string("\0", 1),
                                                std::string("a\0b", 3),
                                                std::string("a\0B", 3)};
  return made;
}

// Numbers that integers and reals both hold exactly, so that no column changes them.
const std::vector<nlohmann::json>& numbers() {
  static const std::vector<nlohmann::json> made = {
      0,      1,      -1,     2,      10,     1.0,  -0.0, 0.5,
      1.5,    -1.5,   1e300,  -1e300, 1e-300, 10.0, 9.75, 4503599627370496,
      0x1p53, 0x1p63, -0x1p63};
  return made;
}

// Integers that no real holds, and integers beyond 64 bits. PostgreSQL compares integers with reals
// as reals; the numbers of workflows are far below.
const std::vector<nlohmann::json>& hardNumbers() {
  if (!test::postgresServer().empty()) return numbers();
  static const std::vector<nlohmann::json> made = {
      9007199254740993, -9007199254740993,      9007199254740992,       9223372036854775807,
      INT64_MIN,        9223372036854775808ULL, 18446744073709551615ULL};
  return made;
}

class Inputs {
 public:
  explicit Inputs(unsigned seed) : random_(seed) {}

  std::size_t below(std::size_t limit) { return random_() % limit; }
  bool oneIn(std::size_t count) { return below(count) == 0; }

  template <typename List>
  const auto& pick(const List& list) {
    return list[below(list.size())];
  }

  nlohmann::json rows(std::size_t count) {
    nlohmann::json rows = nlohmann::json::array();
    for (std::size_t i = 0; i < count; ++i) rows.push_back(row());
    return rows;
  }

  nlohmann::json params() {
    nlohmann::json params = {{"page", 1 + below(3)}, {"pageSize", 1 + below(12)}};
    params["sort"] = sort();
    nlohmann::json& filters = params["filters"] = nlohmann::json::object();
    for (std::size_t i = below(3); i > 0; --i) {
      const Field& field = pick(schema());
      filters[field.name] = filter(field);
    }
    if (oneIn(6)) filters["search"] = pick(texts());
    return params;
  }

 private:
  nlohmann::json row() {
    nlohmann::json row = {{"id", "id" + std::to_string(ids_++ * 7919 % 104729)}};
    for (const char* name : {"name", "note"}) {
      if (!oneIn(5)) row[name] = pick(texts());
    }
    for (const char* name : {"size", "steps", "price"}) {
      if (!oneIn(4)) row[name] = pick(numbers());
    }
    if (oneIn(4)) row["size"] = pick(hardNumbers());
    if (oneIn(6)) row["note"] = nullptr;
    row["at"] = below(4);
    return row;
  }

  nlohmann::json sort() {
    nlohmann::json sort = nlohmann::json::array();
    for (std::size_t i = 1 + below(3); i > 0; --i) {
      sort.push_back({{"field", pick(schema()).name}});
      if (oneIn(2)) sort.back()["direction"] = oneIn(2) ? "desc" : "asc";
    }
    return sort;
  }

  nlohmann::json value(const Field& field) {
    if (field.type == FieldType::text) return pick(texts());
    return oneIn(3) ? pick(hardNumbers()) : pick(numbers());
  }

  nlohmann::json list(const Field& field) {
    nlohmann::json list = nlohmann::json::array();
    for (std::size_t i = below(5); i > 0; --i) list.push_back(value(field));
    if (oneIn(3)) list.push_back(nullptr);
    return list;
  }

  nlohmann::json filter(const Field& field) {
    static const std::vector<std::string> kTests = {"isNull", "isNotNull"};
    static const std::vector<std::string> kLists = {"in", "notIn"};
    static const std::vector<std::string> kOrders = {"equals", "eq",  "notEquals", "ne",
                                                     "gt",     "gte", "lt",        "lte"};
    static const std::vector<std::string> kMatches = {"contains", "startsWith", "endsWith"};
    switch (below(6)) {
      case 0:
        return oneIn(4) ? nlohmann::json(nullptr) : value(field);
      case 1:
        return list(field);
      case 2:
        return {{"operator", pick(kTests)}};
      case 3:
        return {{"operator", pick(kLists)}, {"value", list(field)}};
      case 4:
        if (field.type == FieldType::text) {
          return {{"operator", pick(kMatches)}, {"value", value(field)}};
        }
        [[fallthrough]];
      default:
        return {{"operator", pick(kOrders)}, {"value", value(field)}};
    }
  }

  std::mt19937 random_;
  std::size_t ids_ = 1;
};

// A database with an empty table `t`.
class Database {
 public:
  virtual ~Database() = default;
  virtual void run(const std::string& sql, const std::vector<SqlValue>& values) = 0;
  virtual Ids texts(const std::string& sql, const std::vector<SqlValue>& values) = 0;
  virtual std::string number(const std::string& sql, const std::vector<SqlValue>& values) = 0;
  virtual void insert(const std::vector<SqlValue>& values) = 0;
};

class Sqlite final : public Database {
 public:
  Sqlite() {
    database_.run(
        "CREATE TABLE t (id TEXT NOT NULL, name TEXT, note TEXT, size INTEGER, steps INTEGER, "
        "price REAL, \"at\" REAL NOT NULL)");
  }
  void run(const std::string& sql, const std::vector<SqlValue>& values) override {
    database_.run(sql, values);
  }
  Ids texts(const std::string& sql, const std::vector<SqlValue>& values) override {
    return database_.run(sql, values);
  }
  std::string number(const std::string& sql, const std::vector<SqlValue>& values) override {
    return database_.run(sql, values).front();
  }
  void insert(const std::vector<SqlValue>& values) override {
    database_.run("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?)", values);
  }

 private:
  test::MemoryDatabase database_;
};

// On a schema that has the functions of conditions.
class Postgres final : public Database {
 public:
  Postgres() {
    run("DROP TABLE IF EXISTS t", {});
    run("CREATE TABLE t (id BYTEA NOT NULL, name BYTEA, note BYTEA, size DOUBLE PRECISION, steps "
        "DOUBLE PRECISION, "
        "price DOUBLE PRECISION, \"at\" DOUBLE PRECISION NOT NULL, idFolded BYTEA, "
        "nameFolded BYTEA, noteFolded BYTEA)",
        {});
  }
  void run(const std::string& sql, const std::vector<SqlValue>& values) override {
    test::query(*shared().connection, sql, values).any();
  }
  Ids texts(const std::string& sql, const std::vector<SqlValue>& values) override {
    return test::query(*shared().connection, sql, values).all(database::textOf);
  }
  std::string number(const std::string& sql, const std::vector<SqlValue>& values) override {
    return std::to_string(
        test::query(*shared().connection, sql, values).first(database::integerOf).value());
  }
  void insert(const std::vector<SqlValue>& values) override {
    std::vector<SqlValue> all = values;
    for (std::size_t i = 0; i < 3; ++i) {
      const auto* text = std::get_if<std::string>(&values[i]);
      all.push_back(text == nullptr ? values[i] : SqlValue(base::foldForms(*text)));
    }
    run("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", all);
  }

 private:
  struct Shared {
    test::DatabaseFolder folder;
    std::unique_ptr<database::Connection> connection = test::connect(folder.database());
    Shared() { connection->runScript(std::string(connection->dialect().functions()).c_str()); }
  };
  static Shared& shared() {
    static Shared made;
    return made;
  }
};

std::unique_ptr<Database> makeDatabase() {
  if (test::postgresServer().empty()) return std::make_unique<Sqlite>();
  return std::make_unique<Postgres>();
}

class Table {
 public:
  explicit Table(const nlohmann::json& rows, bool isIndexed) {
    for (const auto& row : rows) insert(row);
    if (!isIndexed) return;
    database_->run("CREATE INDEX byName ON t (name, id)", {});
    database_->run("CREATE INDEX bySize ON t (size, id)", {});
    database_->run("CREATE INDEX byPrice ON t (price, id)", {});
    database_->run("CREATE INDEX byAt ON t (\"at\" DESC, id)", {});
  }

  static SqlCondition conditionOf(const PageQuery& query) {
    const bool isPostgres = !test::postgresServer().empty();
    return query.where({}, isPostgres ? Folding::inColumns : Folding::inFunctions);
  }

  Ids page(const PageQuery& query) {
    SqlCondition where = conditionOf(query);
    const SqlCondition after = query.after({});
    where.values.insert(where.values.end(), after.values.begin(), after.values.end());
    return database_->texts("SELECT id FROM t WHERE " + where.text + " AND " + after.text +
                                " ORDER BY " + query.orderBy({}) + " LIMIT " +
                                std::to_string(query.pageSize()) + " OFFSET " +
                                std::to_string(query.offset()),
                            where.values);
  }

  Ids backward(const PageQuery& query) {
    const SqlCondition where = conditionOf(query);
    return database_->texts("SELECT id FROM t WHERE " + where.text + " ORDER BY " +
                                query.orderBy({}, Direction::backward),
                            where.values);
  }

  std::string count(const PageQuery& query) {
    const SqlCondition where = conditionOf(query);
    return database_->number("SELECT count(*) FROM t WHERE " + where.text, where.values);
  }

 private:
  void insert(const nlohmann::json& row) {
    std::vector<SqlValue> values;
    for (const Field& field : schema()) {
      values.push_back(query::own(
          query::readValue(row.value(field.name, nlohmann::json()), field.type).value()));
    }
    database_->insert(values);
  }

  std::unique_ptr<Database> database_ = makeDatabase();
};

Ids idsOf(const nlohmann::json& result) {
  Ids ids;
  for (const auto& row : result["items"]) ids.push_back(row["id"]);
  return ids;
}

std::vector<SqlValue> positionOf(const nlohmann::json& row, const PageQuery& query) {
  std::vector<SqlValue> values;
  for (const SortKey& key : query.keys({})) {
    const Field& field = key.field;
    const SqlValue value =
        query::own(query::readValue(row.value(field.name, nlohmann::json()), field.type).value());
    values.push_back(value.index() == 0 ? field.ifNull : value);
  }
  return values;
}

// Goes on after a row of the page, by the database and in memory.
void compareAfter(Inputs& inputs, Table& table, const std::string& rowsJson,
                  nlohmann::json params) {
  params["page"] = 1;
  params["pageSize"] = 1000;
  PageQuery query = PageQuery::parse(params.dump(), schema());
  const auto all = nlohmann::json::parse(select(rowsJson, schema(), params.dump()))["items"];
  Ids ids = idsOf(all.is_array() ? nlohmann::json{{"items", all}} : nlohmann::json());
  Ids reversed(ids.rbegin(), ids.rend());
  REQUIRE(table.backward(query) == reversed);
  if (ids.empty()) return;
  const std::size_t place = inputs.below(ids.size());
  query.startAfter({.values = positionOf(all[place], query), .page = 1});
  REQUIRE(table.page(query) ==
          Ids(ids.begin() + static_cast<std::ptrdiff_t>(place) + 1, ids.end()));
}

// What both evaluators say to `queries` random queries over random rows.
void compareEvaluators(unsigned seed, std::size_t queries, std::size_t& selected) {
  Inputs inputs(seed);
  const nlohmann::json rows = inputs.rows(inputs.below(seed % 10 == 0 ? 60 : 12));
  const std::string rowsJson = rows.dump();
  Table table(rows, seed % 2 == 0);
  for (std::size_t i = 0; i < queries; ++i) {
    const nlohmann::json given = inputs.params();
    const std::string params = given.dump();
    CAPTURE(params);
    CAPTURE(rowsJson);
    const PageQuery query = PageQuery::parse(params, schema());
    const auto inMemory = nlohmann::json::parse(select(rowsJson, schema(), params));
    REQUIRE(table.page(query) == idsOf(inMemory));
    REQUIRE(table.count(query) == inMemory["pagination"]["totalItems"].dump());
    selected += inMemory["items"].size();
    if (inputs.oneIn(8)) compareAfter(inputs, table, rowsJson, given);
  }
}

// Sanitizers make it many times slower, and look for other things.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr unsigned kPairs = 2'000;
#elif defined(__has_feature)
constexpr unsigned kPairs =
    __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ? 2'000 : 10'000;
#else
constexpr unsigned kPairs = 10'000;
#endif

TEST_CASE("both evaluators give the same rows in the same order for every query") {
  constexpr unsigned kQueries = 50;  // over the same rows
  std::size_t selected = 0;
  const unsigned all = test::often(kPairs, 10 * kPairs);
  const unsigned pairs = test::postgresServer().empty() ? all : all / 5;
  for (unsigned seed = 0; seed < pairs / kQueries; ++seed) {
    compareEvaluators(seed, kQueries, selected);
  }
  CHECK(selected > pairs / 2);
}

}  // namespace
}  // namespace chatbot
