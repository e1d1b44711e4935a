// Text deltas as server-sent events, and clients that are cut off from them.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <random>
#include <string>

#include "base/text.h"
#include "http/mount_fixture.h"
#include "support/crash.h"

using namespace chatbot;
using namespace chatbot::base;
using namespace chatbot::test;

namespace {

std::string fieldOf(std::string_view line, std::string_view name) {
  if (!line.starts_with(name)) return {};
  return std::string(line.substr(name.size()));
}

// A client of the dialect: it parses what arrives as WHATWG HTML says, joins deltas to text and
// replaces them by the message that they become.
class Client {
 public:
  void receive(std::string_view bytes) {
    buffer_ += bytes;
    for (std::size_t end = 0; (end = buffer_.find("\n\n")) != std::string::npos;) {
      dispatch(buffer_.substr(0, end + 1));
      buffer_.erase(0, end + 2);
    }
  }

  // What has not come as a whole is lost with the connection.
  void disconnect() { buffer_.clear(); }

  std::string lastId;
  std::vector<Json> items;
  std::string draft;  // joined from deltas
  bool crashed = false;
  bool ended = false;

 private:
  void dispatch(std::string_view frame) {
    std::string event;
    std::string data;
    while (!frame.empty()) {
      const std::string_view line = frame.substr(0, frame.find('\n'));
      frame.remove_prefix(line.size() + 1);
      if (line.starts_with("id: ")) lastId = fieldOf(line, "id: ");
      if (line.starts_with("event: ")) event = fieldOf(line, "event: ");
      if (line.starts_with("data: ")) data = fieldOf(line, "data: ");
    }
    if (event == "delta") return takeDelta(Json::parse(data));
    if (event == "end") ended = true;
    if (event.empty() && !data.empty()) takeItem(Json::parse(data));
  }

  // No text is lost, and none comes twice.
  void takeDelta(const Json& delta) {
    if (delta["id"] != draftId_) draft.clear();
    draftId_ = delta["id"];
    CHECK(delta["offset"].get<std::size_t>() == countCodePoints(draft));
    draft += delta["text"].get<std::string>();
  }

  void takeItem(const Json& item) {
    items.push_back(item["item"]);
    if (items.back()["id"] != draftId_) return;
    const std::string text = items.back()["message"];
    CHECK((crashed || text.starts_with(draft)));
    draft.clear();
    draftId_ = "";
  }

  std::string buffer_;
  Json draftId_ = "";
};

constexpr std::array<const char*, 8> kTexts = {"a",          "word ", "\u00E4\u00F6",  "\u20AC",
                                               "\U0001F600", "\n\n",  "data: \"x\"\\", "id: 9"};

// A conversation that is written by chance, and a client that is cut off by chance.
class Chance {
 public:
  explicit Chance(unsigned seed) : random_(seed) {
    fixture.serve("POST", fixture.prefix + "/start/stream", R"({"prompt": "go"})");
    turn_ = fixture.turn();
    id = turn_->input().workflowId;
    connect();
  }

  void run(int steps) {
    for (int i = 0; i < steps && !client.ended; ++i) {
      oneIn(2) ? write() : read();
      if (oneIn(12)) cutOff();
    }
  }

  // To the end of the conversation.
  void finish() {
    if (!client.crashed) turn_->complete();
    for (int i = 0; i < 10'000 && !client.ended; ++i) {
      read();
      if (oneIn(40)) cutOff();
    }
  }

  // The engine's process dies and is started again.
  void crash() {
    client.crashed = true;
    client.disconnect();
    dead_.push_back(std::move(stream_));
    EngineOptions options;
    fixture.path = crashedCopy(fixture.path);
    options.store.path = fixture.path;
    options.environment = fixture.environment;
    dead_engines_.push_back(fixture.engine);
    fixture.engine = Engine::open(std::move(options));
    fixture.mount = std::make_unique<Mount>(fixture.engine, MountOptions{.rateLimit = 0});
    connect();
  }

  bool oneIn(unsigned n) { return random_() % n == 0; }

  MountFixture fixture{{}, MountOptions{.rateLimit = 0}};
  Client client;
  std::string id;

 private:
  void write() {
    const std::string_view text = kTexts[random_() % kTexts.size()];
    if (oneIn(9)) {
      turn_->append(textLog("log"));
    } else if (oneIn(9)) {
      turn_->append(textMessage("", "assistant"));
    } else {
      const std::size_t cut = random_() % text.size();
      turn_->delta(text.substr(0, cut));
      turn_->delta(text.substr(cut));
    }
  }

  void read() {
    std::array<char, 512> bytes;
    std::size_t written = 0;
    const std::size_t capacity = oneIn(4) ? 1 + random_() % 40 : bytes.size();
    stream_->read(Timeout::zero(), bytes.data(), capacity, written);
    client.receive({bytes.data(), written});
  }

  // In the middle of a frame, of a character, of an id line: wherever it was.
  void cutOff() {
    client.disconnect();
    stream_.reset();
    connect();
  }

  void connect() {
    Headers headers;
    if (!client.lastId.empty()) headers.emplace_back("Last-Event-ID", client.lastId);
    Response response = fixture.get("/" + id + "/stream?deltas=true", headers);
    if (response.status == 204) client.ended = true;
    if (client.ended) return;
    REQUIRE(response.status == 200);
    stream_ = std::move(response.stream);
  }

  std::mt19937 random_;
  std::optional<Turn> turn_;
  std::vector<std::shared_ptr<Engine>> dead_engines_;
  std::vector<std::unique_ptr<SseStream>> dead_;
  std::unique_ptr<SseStream> stream_;
};

// What a client without cuts has.
std::vector<Json> itemsOf(MountFixture& fixture, const std::string& id) {
  std::vector<Json> items;
  for (const Item& item : fixture.engine->detail(fixture.caller, id).items) {
    items.push_back(Json::parse(item.json)["item"]);
  }
  return items;
}

}  // namespace

TEST_CASE("a delta is a frame with its place, the message's id, the offset and the text") {
  MountFixture fixture;
  Response started = fixture.start("go", "?deltas=true");
  Turn turn = fixture.turn().value();
  readNow(*started.stream);
  turn.delta("Gr\u00FC\u00DFe\n");
  const std::string frame = readNow(*started.stream);
  const std::string head = "id: 1.6\nevent: delta\ndata: ";
  REQUIRE(frame.starts_with(head));
  CHECK(frame.ends_with("\n\n"));
  const Json delta = Json::parse(frame.substr(head.size()));
  CHECK(delta.size() == 3);
  CHECK(isId(delta["id"].get<std::string>()));
  CHECK(delta["offset"] == 0);
  CHECK(delta["text"] == "Gr\u00FC\u00DFe\n");

  turn.append(textMessage("", "assistant", "last"));
  turn.complete();
  const std::string rest = readNow(*started.stream);
  CHECK(rest.starts_with("id: 2\ndata: "));
  CHECK(rest.ends_with("event: end\ndata: {\"status\":\"completed\"}\n\n"));
}

TEST_CASE("without deltas=true a start has neither deltas nor an end frame") {
  for (const char* query : {"", "?deltas=false"}) {
    MountFixture fixture;
    Response started = fixture.start("go", query);
    Turn turn = fixture.turn().value();
    turn.delta("text");
    turn.complete();
    const std::string bytes = readNow(*started.stream);
    CHECK(bytes.find("event:") == std::string::npos);
    CHECK(bytes.find("id: 2\n") != std::string::npos);
  }
}

TEST_CASE("a deltas parameter that is neither true nor false is refused") {
  MountFixture fixture;
  const std::string id = fixture.running();
  for (const char* value : {"1", "yes", "TRUE", "true,"}) {
    const std::string query = std::string("?deltas=") + value;
    CHECK(fixture.start("go", query).status == 400);
    CHECK(fixture.get("/" + id + "/stream" + query).status == 400);
  }
  CHECK_FALSE(fixture.turn());
}

TEST_CASE("a client that is cut off anywhere ends with what one without cuts has") {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    Chance chance(seed);
    chance.run(400);
    chance.finish();
    CHECK(chance.client.ended);
    CHECK(chance.client.items == itemsOf(chance.fixture, chance.id));
  }
}

TEST_CASE("so does one whose server crashed and came back" * doctest::test_suite("sqlite")) {
  for (unsigned seed = 1; seed <= 30; ++seed) {
    CAPTURE(seed);
    Chance chance(seed);
    chance.run(static_cast<int>(seed) * 5);
    chance.crash();
    chance.finish();
    CHECK(chance.client.ended);
    CHECK(chance.client.items == itemsOf(chance.fixture, chance.id));
  }
}
