#include "openai/history.h"

#include <doctest/doctest.h>

#include "support/fixtures.h"

using namespace chatbot;
using namespace chatbot::openai;
using namespace chatbot::test;

namespace {

constexpr HistoryLimits kWide{.messages = 1000, .tokens = 1'000'000};

class Conversation {
 public:
  Conversation& say(std::int64_t round, const std::string& role, const std::string& status,
                    const std::string& text) {
    return add(round, textMessage(text, role, status));
  }

  Conversation& add(std::int64_t round, const ItemContent& content) {
    const std::int64_t seq = static_cast<std::int64_t>(items_.size()) + 1;
    items_.push_back({.seq = seq,
                      .round = round,
                      .json = toJson(content, {.workflowId = "w", .seq = seq, .round = round})});
    return *this;
  }

  // As "u:hello a:hi": each message by its role's first letter.
  std::string sent(const HistoryLimits& limits = kWide) const {
    std::string out;
    for (const ChatMessage& message : historyOf(items_, limits)) {
      if (!out.empty()) out += ' ';
      out += message.role.substr(0, 1) + ":" + message.text;
    }
    return out;
  }

 private:
  std::vector<Item> items_;
};

}  // namespace

TEST_CASE("messages of users and assistants are sent, oldest first") {
  Conversation talk;
  talk.say(1, "user", "first", "one").say(1, "assistant", "last", "two");
  talk.say(2, "user", "first", "three").say(2, "assistant", "last", "four");
  CHECK(talk.sent() == "u:one a:two u:three a:four");
}

TEST_CASE("the steps of an answer are not sent beside it") {
  Conversation talk;
  talk.say(1, "user", "first", "one").say(1, "assistant", "step", "t");
  talk.say(1, "assistant", "step", "wo").say(1, "assistant", "last", "two");
  talk.say(2, "user", "first", "three").say(2, "assistant", "step", "unfinished");
  CHECK(talk.sent() == "u:one a:two u:three a:unfinished");
}

TEST_CASE("empty messages, other roles and other items are left out") {
  Conversation talk;
  talk.say(1, "user", "first", "one").say(1, "tool", "step", "result").add(1, textLog("log"));
  talk.say(1, "assistant", "last", " \n").say(2, "user", "first", "").add(2, Stat{});
  CHECK(talk.sent() == "u:one");
}

TEST_CASE("the newest messages within the limit are kept, from a user's on") {
  Conversation talk;
  talk.say(1, "user", "first", "one").say(1, "assistant", "last", "two");
  talk.say(2, "user", "first", "three").say(2, "assistant", "last", "four");
  CHECK(talk.sent({.messages = 4, .tokens = 1000}) == "u:one a:two u:three a:four");
  CHECK(talk.sent({.messages = 3, .tokens = 1000}) == "u:three a:four");
  CHECK(talk.sent({.messages = 1, .tokens = 1000}).empty());
  CHECK(talk.sent({.messages = 0, .tokens = 1000}).empty());
}

TEST_CASE("a message that goes beyond the tokens ends the history") {
  Conversation talk;
  talk.say(1, "user", "first", "one").say(1, "assistant", "last", std::string(4000, 'x'));
  talk.say(2, "user", "first", "three").say(2, "assistant", "last", "four");
  CHECK(talk.sent({.messages = 100, .tokens = 900}) == "u:three a:four");
  CHECK(talk.sent({.messages = 100, .tokens = 11}) == "u:three a:four");
  CHECK(talk.sent({.messages = 100, .tokens = 10}).empty());
}

TEST_CASE("tokens are estimated by characters") {
  CHECK(estimateTokens("") == 4);
  CHECK(estimateTokens("abcd") == 5);
  CHECK(estimateTokens("abcde") == 6);
  CHECK(estimateTokens("\xE4\xBD\xA0\xE5\xA5\xBD") == 6);
}

TEST_CASE("neighbours of one role become one message") {
  const auto joined =
      joinedByRole({{"system", "s"}, {"user", "a"}, {"user", "b"}, {"assistant", "c"}});
  REQUIRE(joined.size() == 3);
  CHECK(joined[1].text == "a\n\nb");
  CHECK(joined[2].text == "c");
}

TEST_CASE("what is read has room for the messages that are sent, and steps between them") {
  const MessageLimits limits = itemsFor({.messages = 100, .tokens = 16'000});
  CHECK(limits.items >= 1000);
  CHECK(limits.bytes >= 16'000 * 4 * 6);
  CHECK(limits.bytes < 4'000'000);
  CHECK(itemsFor({.messages = 0, .tokens = 16'000}).items == 0);
  CHECK(itemsFor({.messages = 100, .tokens = 0}).bytes == 0);
  const std::size_t most = std::numeric_limits<std::size_t>::max();
  CHECK(itemsFor({.messages = most, .tokens = most}).bytes > 1'000'000'000);
}
