// The host's functions, and the data that goes with them.
#include <mutex>
#include <vector>

#include "support.h"

namespace {

using namespace capi_test;

struct Lines {
  struct Line {
    std::int32_t level;
    std::string text;
  };

  static void add(void* userData, std::int32_t level, const char* text, std::size_t length) {
    auto& lines = *static_cast<Lines*>(userData);
    const std::lock_guard lock(lines.mutex);
    lines.all.push_back({level, std::string(text, length)});
  }

  std::mutex mutex;
  std::vector<Line> all;
};

// A round that was left running is reported when the store is next opened.
TEST_CASE("a log line is a message and its fields on one line") {
  const Folder folder;
  const Identity caller = identity();
  Lines lines;
  std::string id;
  {
    const Folder copies;
    const std::string input = R"({"prompt": "Hello"})";
    const Engine engine = open(options(folder, {{"responder", "host"}}));
    Bytes workflow;
    REQUIRE(chatbot_start(engine.get(), caller.get(), input.data(), input.size(), nullptr, 0, 0,
                          Out(workflow), nullptr, nullptr) == CHATBOT_OK);
    id = json(workflow)["id"];
    // What a process that dies here leaves behind.
    for (const char* name : {"chat.sqlite", "chat.sqlite-wal"}) {
      std::filesystem::copy_file(folder.file(name), copies.file(name));
    }
    const Options chosen = options(copies, {{"responder", "host"}});
    REQUIRE(chatbot_options_set_log(chosen.get(), Lines::add, &lines, nullptr) == CHATBOT_OK);
    open(chosen);
  }
  const std::lock_guard lock(lines.mutex);
  std::size_t found = 0;
  for (const Lines::Line& line : lines.all) {
    if (line.text.find(id) == std::string::npos) continue;
    ++found;
    CHECK(line.level == CHATBOT_LOG_WARNING);
    CHECK(line.text.ends_with(" workflow=" + id + " round=1"));
    CHECK(line.text.find('\n') == std::string::npos);
  }
  CHECK(found == 1);
}

TEST_CASE("a field is quoted unless it is printable ASCII that no line is split at") {
  const Folder folder;
  const std::string rules =
      R"([{"role": "gäste", "table": "ChatWorkflow", "read": "a", "update": "n"},)"
      R"( {"role": "user", "table": "ChatWorkflow", "create": "m"}])";
  const Options chosen = options(folder, {{"responder", "host"}, {"accessRules", rules.c_str()}});
  Lines lines;
  REQUIRE(chatbot_options_set_log(chosen.get(), Lines::add, &lines, nullptr) == CHATBOT_OK);
  const Engine engine = open(chosen);
  const std::string input = R"({"prompt": "Hello"})";
  Bytes workflow;
  REQUIRE(chatbot_start(engine.get(), identity().get(), input.data(), input.size(), nullptr, 0, 0,
                        Out(workflow), nullptr, nullptr) == CHATBOT_OK);
  const std::string id = json(workflow)["id"];
  Bytes stopped;
  CHECK(chatbot_stop(engine.get(), identity("zoe", "gäste").get(), id.data(), id.size(),
                     Out(stopped), nullptr) == CHATBOT_FORBIDDEN);
  const std::lock_guard lock(lines.mutex);
  REQUIRE(!lines.all.empty());
  const std::string& line = lines.all.back().text;
  CHECK(line.find(" operation=update ") != std::string::npos);
  CHECK(line.find(" role=\"gäste\" ") != std::string::npos);
}

}  // namespace
