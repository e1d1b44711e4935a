#include "support.h"

namespace {

using namespace capi_test;

Json described() {
  Bytes bytes;
  REQUIRE(chatbot_options_describe(Out(bytes), nullptr) == CHATBOT_OK);
  return json(bytes);
}

void count(void* userData) { ++*static_cast<int*>(userData); }
void ignoreLine(void*, int32_t, const char*, std::size_t) {}

TEST_CASE("every option has a name, a type, a default and a description") {
  for (const Json& option : described()) {
    CAPTURE(option.dump());
    CHECK(option.size() == 4);
    CHECK(option["name"].is_string());
    CHECK(option["type"].is_string());
    CHECK(option.contains("default"));
    CHECK(!option["description"].get<std::string>().empty());
  }
}

TEST_CASE("a default is a value that can be set") {
  const Options chosen(chatbot_options_new());
  for (const Json& option : described()) {
    const auto name = option["name"].get<std::string>();
    CAPTURE(name);
    if (option["default"].is_null()) {
      CHECK(name == "store");  // the one that must be set
      continue;
    }
    const auto value = option["default"].get<std::string>();
    CHECK(chatbot_options_set(chosen.get(), name.c_str(), value.data(), value.size(), nullptr) ==
          CHATBOT_OK);
  }
}

TEST_CASE("an engine keeps a copy of its options") {
  const Folder folder;
  Options chosen = options(folder, {{"responder", "host"}});
  const Engine engine = open(chosen);
  REQUIRE(chatbot_options_set(chosen.get(), "responder", "echo", 4, nullptr) == CHATBOT_OK);
  chosen.reset();
  Turn turn;
  CHECK(chatbot_turn_take(engine.get(), 0, Out(turn), nullptr) == CHATBOT_WOULD_BLOCK);
}

TEST_CASE("a log function's user data is given back once, when nobody needs it any more") {
  int first = 0;
  int second = 0;
  const Folder folder;
  Options chosen = options(folder, {});
  CHECK(chatbot_options_set_log(chosen.get(), ignoreLine, &first, count) == CHATBOT_OK);
  CHECK(first == 0);
  CHECK(chatbot_options_set_log(chosen.get(), ignoreLine, &second, count) == CHATBOT_OK);
  CHECK(first == 1);

  Engine engine = open(chosen);
  chosen.reset();
  CHECK(second == 0);  // the engine has it still
  engine.reset();
  CHECK(second == 1);
  CHECK(first == 1);
}

TEST_CASE("a log function's user data is given back when it is not taken") {
  int destroyed = 0;
  const Options chosen(chatbot_options_new());
  CHECK(chatbot_options_set_log(nullptr, ignoreLine, &destroyed, count) ==
        CHATBOT_INVALID_ARGUMENT);
  CHECK(destroyed == 1);
  CHECK(chatbot_options_set_log(chosen.get(), nullptr, &destroyed, count) == CHATBOT_OK);
  CHECK(destroyed == 2);
}

}  // namespace
