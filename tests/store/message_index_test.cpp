#include "store/search/message_index.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "base/text.h"
#include "base/word_split.h"
#include "chatbot/model.h"
#include "database/sqlite/sqlite.h"
#include "store/item_table.h"
#include "store/lists.h"
#include "store/membership.h"
#include "store/removal.h"
#include "store/search/message_words.h"
#include "store/workflow_table.h"
#include "support/connect.h"
#include "support/fixtures.h"
#include "support/refusal.h"

namespace chatbot::store {
namespace {

using namespace std::string_view_literals;
using test::user;
using Ids = std::vector<std::string>;

Scope scopeOf(Level level, const Identity& identity = user("ann")) {
  return Scope(level, identity);
}

// An index over messages in a database that is opened as the store opens it.
class Fixture {
 public:
  Fixture() { test::makeTables(writer()); }

  database::Connection& writer() { return *writer_; }
  store::ScopedConnection rows() { return {writer(), Scope::system()}; }

  void addWorkflow(const std::string& id, const Identity& owner = user("ann")) {
    Workflow workflow;
    workflow.id = id;
    workflow.mandateId = owner.mandateId;
    workflow.createdBy = owner.userId;
    store::ScopedConnection all = rows();
    insertWorkflow(all, workflow, kNoInstance);
  }

  void addItem(const std::string& workflowId, const ItemContent& content) {
    const std::int64_t seq = ++lastSeq_[workflowId];
    const std::string type = std::holds_alternative<Message>(content) ? "message" : "log";
    const std::string json = toJson(content, {.workflowId = workflowId, .seq = seq, .round = 1});
    writer().run("INSERT INTO item (workflowId, seq, type, json) VALUES (?, ?, ?, ?)", workflowId,
                 seq, type, json);
  }

  // A workflow of one message, indexed.
  void add(const std::string& id, std::string_view text, const Identity& owner = user("ann")) {
    addWorkflow(id, owner);
    addItem(id, test::textMessage(std::string(text)));
    indexAll();
  }

  std::size_t index(std::size_t limit) {
    store::ScopedConnection all = rows();
    return indexPending(all, limit);
  }

  void indexAll() {
    writer().begin();
    while (index(7) > 0) continue;
    writer().commit();
  }

  void remove(const std::string& id) {
    writer().begin();
    writer().run("DELETE FROM workflow WHERE id = ?", id);
    writer().commit();
    sweep(id);
    lastSeq_.erase(id);
  }

  // Until nothing is left of a removed one.
  void sweep(const std::string& id) {
    store::ScopedConnection all = rows();
    while (sweepRemoved(all, id, 50) > 0) continue;
    index(1);
  }

  // The workflows that a reader finds by the index alone, whatever the scope's own condition says.
  Ids found(const Scope& scope, std::string_view text) {
    const SqlCondition condition = messagesMatch(writer().dialect().words(), scope, text);
    const std::string sql = "SELECT id FROM workflow WHERE " + condition.text + " ORDER BY id";
    return test::query(*reader_, sql, condition.values).all(database::textOf);
  }
  Ids found(std::string_view text) { return found(Scope::system(), text); }
  bool finds(std::string_view text) { return !found(text).empty(); }

  // Throws unless FTS5 finds its tables whole.
  void check() {
    if (isPostgres()) return;
    writer().run("INSERT INTO message_text (message_text) VALUES ('integrity-check')");
  }

  // How many messages the full-text index itself has of a word.
  std::int64_t countIndexed(std::string_view word) {
    if (isPostgres()) return count(fmt::format("message_text WHERE words @@ '{}'", word));
    return count(fmt::format("message_text WHERE message_text MATCH '{}'", word));
  }

  std::int64_t count(std::string_view from) {
    return test::number(*reader_, fmt::format("SELECT count(*) FROM {}", from));
  }

 private:
  static bool isPostgres() { return !test::postgresServer().empty(); }

  test::DatabaseFolder folder_;
  std::shared_ptr<database::Database> database_ = test::openDatabase(folder_.database());
  std::unique_ptr<database::Connection> writer_ = database_->openWriter();
  std::unique_ptr<database::Connection> reader_ = database_->openReader();
  std::map<std::string, std::int64_t> lastSeq_;
};

TEST_CASE_FIXTURE(Fixture, "English and German are found by words, the last one by its beginning") {
  add("w", "The quick brown fox. Die Straßenbahn fährt über Köln.");
  for (const auto text : {"quick", "QUICK", "quick brown", "brown fo", "fox", "the QUICK",
                          "fox die", "qu", "k\u00F6ln", "stra\u00DFen", "\"brown\" -- fox!"}) {
    CAPTURE(text);
    CHECK(finds(text));
  }
  for (const auto text :
       {"uick", "q", "quick fox", "brow fox", "fox brown", "slow", "quickest", "bahn"}) {
    CAPTURE(text);
    CHECK_FALSE(finds(text));
  }
  if (!base::foldsUnicode()) return;
  CHECK(finds("STRASSENBAHN FÄHRT ÜBER"));
  CHECK(finds("Ko\u0308ln"));
}

TEST_CASE_FIXTURE(Fixture, "Chinese is found by any part of a sentence") {
  add("w", "我们明天去北京大学图书馆。");
  for (const auto text :
       {"北京", "京大", "大", "图书馆", "我们明天去北京大学图书馆", "去 北京", "馆。"}) {
    CAPTURE(text);
    CHECK(finds(text));
  }
  for (const auto text : {"京北", "明去", "猫", "大学生", "北京大楼"}) {
    CAPTURE(text);
    CHECK_FALSE(finds(text));
  }
}

TEST_CASE_FIXTURE(Fixture, "Japanese is found in kanji and kana, whatever their width") {
  add("w", "東京タワーのデータを見る");
  for (const auto text : {"東京", "タワー", "ワーの", "データ", "を見", "る"}) {
    CAPTURE(text);
    CHECK(finds(text));
  }
  CHECK_FALSE(finds("タワ見"));
  CHECK_FALSE(finds("京都"));
  if (base::foldsUnicode()) CHECK(finds("ﾃﾞｰﾀ"));
}

TEST_CASE_FIXTURE(Fixture, "Korean is found within compounds and before particles") {
  add("w", "한국은행에서 만나요");
  for (const auto text : {"은행", "한국 은행", "은행에서", "만나", "요"}) {
    CAPTURE(text);
    CHECK(finds(text));
  }
  CHECK_FALSE(finds("행은"));
  CHECK_FALSE(finds("은행원"));
}

TEST_CASE_FIXTURE(Fixture, "Thai is found by any part of a sentence") {
  add("w", "ฉันทำงานที่กรุงเทพ");
  for (const auto text : {"กรุงเทพ", "ทำงาน", "งานที่", "ฉัน"}) {
    CAPTURE(text);
    CHECK(finds(text));
  }
  CHECK_FALSE(finds("เทพกรุง"));
}

TEST_CASE_FIXTURE(Fixture, "Arabic, Russian and accents") {
  add("w", "مرحبا بالعالم, ПРИВЕТ Мир, caf\u00E9");
  CHECK(finds("مرحبا"));
  CHECK(finds("مرحبا بال"));
  CHECK_FALSE(finds("عالم"));
  CHECK(finds("caf\u00E9"));
  CHECK_FALSE(finds("cafe b"));
  if (!base::foldsUnicode()) return;
  CHECK(finds("привет мир"));
  CHECK(finds("МИР"));
  CHECK(finds("cafe\u0301"));
  CHECK(finds("CAF\u00C9"));
}

TEST_CASE_FIXTURE(Fixture, "a text without a word is in no message") {
  add("w", "!!! ... 你好 ???");
  for (const auto text : {"", " ", "!!!", "...", "\"", "*", "。"}) CHECK_FALSE(finds(text));
}

TEST_CASE_FIXTURE(Fixture, "only the text of messages is in the index") {
  addWorkflow("w");
  addItem("w", test::textLog("logged"));
  addItem("w", test::textMessage("said", "assistant", "step"));
  indexAll();
  CHECK(finds("said"));
  for (const auto text : {"logged", "assistant", "step", "message", "w"}) CHECK_FALSE(finds(text));
}

TEST_CASE_FIXTURE(Fixture, "a phrase does not reach from one message into the next") {
  addWorkflow("w");
  addItem("w", test::textMessage("alpha"));
  addItem("w", test::textMessage("beta"));
  indexAll();
  CHECK(finds("alpha"));
  CHECK(finds("beta"));
  CHECK_FALSE(finds("alpha beta"));
}

TEST_CASE_FIXTURE(Fixture, "each level finds its own and nobody else's") {
  add("a1", "shared secret", user("ann", "m1"));
  add("b1", "shared secret", user("bob", "m1"));
  add("a2", "shared secret", user("ann", "m2"));
  add("a0", "shared secret", user("ann", ""));
  const Identity ann = user("ann", "m1");
  CHECK(found(scopeOf(Level::my, ann), "secret") == Ids{"a1"});
  CHECK(found(scopeOf(Level::group, ann), "secret") == Ids{"a1", "b1"});
  CHECK(found(scopeOf(Level::all, ann), "secret") == Ids{"a0", "a1", "a2", "b1"});
  CHECK(found(scopeOf(Level::none, ann), "secret").empty());
  CHECK(found(scopeOf(Level::my, user("ann", "")), "secret") == Ids{"a0"});
  CHECK(found(scopeOf(Level::group, user("bob", "m2")), "secret") == Ids{"a2"});
  CHECK(found(scopeOf(Level::my, user("bob", "m2")), "secret").empty());
  CHECK(found(scopeOf(Level::group, user("eve", "m3")), "secret").empty());
}

TEST_CASE_FIXTURE(Fixture, "names that are alike, long or odd are not taken for each other") {
  const std::string longName(255, 'x');
  const std::vector<Identity> owners = {
      user("a", "b"),
      user("b", "a"),
      user("", "ab"),
      user("ab", ""),
      user("a", ""),
      user("a'\"*", "b"),
      user("A", "b"),
      user(longName, longName),
      user(longName, longName.substr(1)),
      user(longName.substr(1), longName),
      user("x", longName),
      user("käse", "日本"),
  };
  for (std::size_t i = 0; i < owners.size(); ++i) {
    add(fmt::format("{:02}", i), "word", owners[i]);
  }
  for (std::size_t i = 0; i < owners.size(); ++i) {
    if (owners[i].userId.empty()) continue;
    CHECK(found(scopeOf(Level::my, owners[i]), "word") == Ids{fmt::format("{:02}", i)});
  }
}

TEST_CASE_FIXTURE(Fixture, "what a message says of its owner does not change it") {
  add("ann", "m6d31z u6d31x616e6ez owner text", user("ann", "m1"));
  add("eve", "u6d31x616e6ez m6d31z owner : \"u6d31x616e6ez\" word", user("eve", "m2"));
  CHECK(found(scopeOf(Level::my, user("ann", "m1")), "word").empty());
  CHECK(found(scopeOf(Level::group, user("ann", "m1")), "word").empty());
  CHECK(found("u6d31x616e6ez m6d31z owner") == Ids{"eve"});
  CHECK(found("u6d31x616e6ez") == Ids{"ann", "eve"});  // said by both, and not for being ann's
}

TEST_CASE_FIXTURE(Fixture, "FTS5's language in a text is text") {
  add("w", "one AND two OR three NOT four NEAR five");
  add("nul", "zero\0hidden"sv);
  for (const auto text : {"one AND two", "two OR three", "three NOT four", "NEAR(five", "one and",
                          "^one", "one*", "\"one\"", "one\" AND", "{one}", "-one", "one + and"}) {
    CAPTURE(text);
    CHECK(found(text) == Ids{"w"});
  }
  for (const auto text : {"one OR zero", "one\" OR \"zero", "text : zero OR one", "owner : one",
                          "NEAR(one two)", "one NOT zero", "\") OR 1=1 --", "on*e", "text"}) {
    CAPTURE(text);
    CHECK_FALSE(finds(text));
  }
  CHECK(found("hidden") == Ids{"nul"});
  CHECK(found("zero\0hid"sv) == Ids{"nul"});
  CHECK(found("one\0AND"sv) == Ids{"w"});
  CHECK_FALSE(finds("one\0hidden"sv));
  CHECK(found("\xFF one \xC3") == Ids{"w"});
}

TEST_CASE_FIXTURE(Fixture, "a search of too many words is refused") {
  std::string longest = "x";
  for (std::size_t i = 1; i < database::kMaxSearchWords; ++i) longest += " x";
  add("w", longest);
  CHECK(finds(longest));
  CHECK(test::refusalOf([&] {
          messagesMatch(database::sqliteWordIndex(), Scope::system(), longest + " x");
        }) == "filters.search must be at most 64 words where messages are searched");
}

TEST_CASE_FIXTURE(Fixture, "an overlong word is found whole and by its beginning") {
  std::string word;
  for (int i = 0; i < 200; ++i) word += fmt::format("{:04}", i);
  add("w", "before " + word + " after");
  CHECK(finds(word));
  CHECK(finds("before " + word + " after"));
  CHECK(finds(word.substr(0, 777)));
  CHECK_FALSE(finds(word + "0"));
}

TEST_CASE_FIXTURE(Fixture, "a word that comes very often is found wherever it stands") {
  std::string text = "first common";
  for (int i = 0; i < 1000; ++i) text += fmt::format(" common filler{}", i % 7);
  add("w", text + " needle common tail");
  CHECK(finds("needle common tail"));
  CHECK(finds("common tail"));
  CHECK(finds("first common"));
  CHECK(finds("filler6 common filler0 common filler1"));
  CHECK_FALSE(finds("needle tail"));
}

TEST_CASE_FIXTURE(Fixture, "queued messages are indexed in batches, each once") {
  for (int w = 0; w < 4; ++w) {
    const std::string id = fmt::format("w{}", w);
    addWorkflow(id);
    for (int i = 0; i < 5; ++i) addItem(id, test::textMessage(fmt::format("number {}", i)));
  }
  CHECK_FALSE(finds("number"));
  CHECK(index(8) == 8);
  CHECK(found("number") == Ids{"w2", "w3"});  // the newest first
  CHECK(index(8) == 8);
  CHECK(index(8) == 4);
  CHECK(index(8) == 0);
  CHECK(found("number 4") == Ids{"w0", "w1", "w2", "w3"});
  CHECK(count("message_pending") == 0);
  CHECK(count("message_indexed") == 20);
  check();
}

TEST_CASE_FIXTURE(Fixture, "a message is searched up to its bound") {
  add("w", "first " + std::string(kMaxMessageBytes - 12, ' ') + "last beyond");
  CHECK(finds("first"));
  CHECK(finds("last"));
  CHECK_FALSE(finds("beyond"));
  remove("w");
  check();
}

TEST_CASE_FIXTURE(Fixture, "a batch of long messages is cut short and goes on the next time") {
  addWorkflow("w");
  for (int i = 0; i < 3; ++i) addItem("w", test::textMessage(std::string(70'000, ' ') + "end"));
  CHECK(index(100) == 2);
  CHECK(index(100) == 1);
  CHECK(index(100) == 0);
}

TEST_CASE_FIXTURE(Fixture, "a batch that is rolled back is indexed another time") {
  addWorkflow("w");
  addItem("w", test::textMessage("undone"));
  writer().begin();
  CHECK(index(8) == 1);
  writer().rollback();
  CHECK_FALSE(finds("undone"));
  indexAll();
  CHECK(finds("undone"));
  check();
}

TEST_CASE_FIXTURE(Fixture, "a removed workflow leaves nothing in the index") {
  add("keep", "common one");
  addWorkflow("gone");
  for (int i = 0; i < 600; ++i) {
    addItem("gone", test::textMessage(fmt::format("common 你好 rare{}", i)));
  }
  indexAll();
  addItem("gone", test::textMessage("not indexed yet"));
  CHECK(found("common") == Ids{"gone", "keep"});
  remove("gone");
  CHECK(found("common") == Ids{"keep"});
  CHECK_FALSE(finds("你好"));
  CHECK(count("message_indexed") == 1);
  CHECK(count("message_pending") == 0);
  CHECK(countIndexed("rare7") == 0);
  CHECK(countIndexed("common") == 1);
  check();
}

TEST_CASE_FIXTURE(Fixture, "what comes in the place of a removed workflow is another") {
  add("w", "first life");
  remove("w");
  add("w", "second life");
  CHECK(found("life") == Ids{"w"});
  CHECK_FALSE(finds("first"));
  remove("w");
  CHECK_FALSE(finds("life"));
  check();
}

TEST_CASE_FIXTURE(Fixture, "an index of other rules is made anew, one of the same rules stays") {
  renewIndex(writer());
  add("w", "kept");
  addItem("w", test::textMessage("queued"));
  renewIndex(writer());
  CHECK(found("kept") == Ids{"w"});
  CHECK(count("message_pending") == 1);
  writer().run("UPDATE message_rules SET name = 'another'");
  renewIndex(writer());
  CHECK_FALSE(finds("kept"));
  CHECK(count("message_pending") == 2);
  indexAll();
  CHECK(found("kept") == Ids{"w"});
  CHECK(found("queued") == Ids{"w"});
  CHECK(count("message_indexed") == 2);
  remove("w");
  CHECK(countIndexed("kept") == 0);
  check();
}

// Whether the words of `text` stand in `message` one after the other, the last one perhaps going on
// where it has more than one code point.
bool matchesByHand(const std::string& message, const std::string& text) {
  struct Words {
    std::string folded;
    std::vector<base::Word> words;
    explicit Words(std::string_view given) : folded(base::foldForms(given)) {
      base::WordSplit split(folded);
      for (auto word = split.next(); word; word = split.next()) words.push_back(*word);
    }
  };
  const Words in(message);
  const Words asked(text);
  if (asked.words.empty()) return false;
  const auto isLike = [&](const base::Word& have, const base::Word& want) {
    const bool mayGoOn = &want == &asked.words.back() && base::countCodePoints(want.text) > 1;
    return mayGoOn ? have.text.starts_with(want.text) : have.text == want.text;
  };
  const auto found =
      std::search(in.words.begin(), in.words.end(), asked.words.begin(), asked.words.end(), isLike);
  return found != in.words.end();
}

TEST_CASE_FIXTURE(Fixture, "the index answers as a look at each message does") {
  const std::array alphabet = {"a",  "b", "B",     "A",       " ",  " ",  "-",
                               "1",  "ä", "Ä",     "a\u0308", "你", "好", "か",
                               "が", "ﾞ", "ﾃ",     "。",      "한", "국", "\u1112\u1161",
                               "ท",  "ำ", "م",     "Ж",       "ж",  "ß",  "ss",
                               "\"", "*", "\u0301"};
  std::mt19937 random(11);  // the same texts in every run
  const auto text = [&](std::size_t longest) {
    std::string made;
    for (std::size_t left = random() % longest + 1; left > 0; --left) {
      made += alphabet.at(random() % alphabet.size());
    }
    return made;
  };
  std::map<std::string, std::string> messages;
  for (int i = 0; i < 400; ++i) {
    const std::string id = fmt::format("{:03}", i);
    messages[id] = text(24);
    addWorkflow(id);
    addItem(id, test::textMessage(messages[id]));
  }
  indexAll();
  std::size_t hits = 0;
  for (int i = 0; i < 3000; ++i) {
    if (i % 10 == 0 && !messages.empty()) {
      remove(messages.begin()->first);
      messages.erase(messages.begin());
    }
    const std::string asked = text(4);
    Ids expected;
    for (const auto& [id, message] : messages) {
      if (matchesByHand(message, asked)) expected.push_back(id);
    }
    hits += expected.size();
    CAPTURE(asked);
    REQUIRE(found(asked) == expected);
  }
  CHECK(hits > 3000);
  check();
}

}  // namespace
}  // namespace chatbot::store
