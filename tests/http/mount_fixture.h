// A mount over a real engine, whose turns the test takes by hand.
#pragma once

#include <doctest/doctest.h>

#include <mutex>
#include <nlohmann/json.hpp>

#include "chatbot/http.h"
#include "support/fixtures.h"

namespace chatbot::test {

using Json = nlohmann::json;

// The header of that name, as the library writes it; empty where there is none.
inline std::string headerOf(const Response& response, std::string_view name) {
  std::string found;
  for (const auto& [key, value] : response.headers) {
    if (key != name) continue;
    CHECK(found.empty());
    found = value;
  }
  return found;
}

inline Json jsonOf(const Response& response) {
  CHECK(headerOf(response, "Content-Type") == "application/json");
  CHECK(response.stream == nullptr);
  return Json::parse(response.body);
}

// The bytes that are there, up to the end of the stream or the moment where it would wait.
inline std::string readNow(SseStream& stream, std::size_t capacity = 65'536) {
  std::string bytes;
  std::string buffer(capacity, '\0');
  std::size_t written = 0;
  while (stream.read(Timeout::zero(), buffer.data(), capacity, written) ==
         SseStream::Result::data) {
    bytes.append(buffer, 0, written);
  }
  CHECK(written == 0);
  return bytes;
}

inline bool hasEnded(SseStream& stream) {
  char byte = 0;
  std::size_t written = 0;
  return stream.read(Timeout::zero(), &byte, 1, written) == SseStream::Result::end;
}

inline std::string frameOf(const Item& item) {
  return "id: " + std::to_string(item.seq) + "\ndata: " + item.json + "\n\n";
}

inline std::string encoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    out += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
  }
  return out;
}

struct LogLine {
  LogLevel level = LogLevel::debug;
  std::string message;
  Json fields;
};

struct MountFixture {
  explicit MountFixture(EngineOptions options = {}, MountOptions mountOptions = {})
      : path(folder.database()) {
    options.store.path = path;
    options.environment = environment;
    options.log = [this](LogLevel level, std::string_view message,
                         std::span<const LogField> fields) {
      LogLine line{level, std::string(message), Json::object()};
      for (const LogField& field : fields) line.fields[std::string(field.name)] = field.value;
      const std::lock_guard lock(logMutex);
      log.push_back(std::move(line));
    };
    engine = Engine::open(std::move(options));
    mount = std::make_unique<Mount>(engine, std::move(mountOptions));
  }

  Response serve(std::string_view method, const std::string& target, std::string_view body = {},
                 const Headers& headers = {}) {
    return serveAs(caller, method, target, body, headers);
  }

  Response serveAs(const Identity& who, std::string_view method, const std::string& target,
                   std::string_view body = {}, const Headers& headers = {}) {
    return mount->serve({.method = method, .target = target, .headers = headers, .body = body},
                        who);
  }

  Response get(const std::string& path_, const Headers& headers = {}) {
    return serve("GET", prefix + path_, {}, headers);
  }

  Response start(const std::string& prompt = "hello", const std::string& query = "") {
    return serve("POST", prefix + "/start/stream" + query, Json{{"prompt", prompt}}.dump());
  }

  Response stop(const std::string& id) { return serve("POST", prefix + "/" + id + "/stop"); }

  Response remove(const std::string& id) { return serve("DELETE", prefix + "/" + id); }

  Response rename(const std::string& id, const std::string& name) {
    return serve("PATCH", prefix + "/" + id, Json{{"name", name}}.dump());
  }

  Response detail(const std::string& id) { return get("/threads?workflowId=" + id); }

  Response page(const std::string& pagination) {
    return get("/threads?pagination=" + encoded(pagination));
  }

  Response join(const std::string& id, const Headers& headers = {}) {
    return get("/" + id + "/stream", headers);
  }

  std::optional<Turn> turn() { return engine->turns()->take(Timeout::zero()); }

  // A thread whose round is still running: nobody has finished its turn.
  std::string running(const std::string& prompt = "hello") {
    const Response response = start(prompt);
    REQUIRE(response.status == 200);
    turns.push_back(turn().value());
    return turns.back().input().workflowId;
  }

  // A thread whose round has ended.
  std::string thread(const std::string& prompt = "hello") {
    const std::string id = running(prompt);
    turns.back().complete();
    turns.pop_back();
    return id;
  }

  // All there is, with all its items, whoever may see it.
  std::string everything() {
    const Identity system = user("sys", "", {"sysadmin"});
    std::string all;
    for (const Workflow& workflow : engine->listAll(system)) {
      all += toJson(workflow) + "\n";
      for (const Item& item : engine->detail(system, workflow.id).items) all += item.json + "\n";
    }
    return all;
  }

  DatabaseFolder folder;
  std::string path;
  std::string prefix = "/api/chatbot";
  Identity caller = user("ann");
  std::shared_ptr<ManualEnvironment> environment = std::make_shared<ManualEnvironment>();
  std::mutex logMutex;
  std::vector<LogLine> log;
  std::shared_ptr<Engine> engine;
  std::unique_ptr<Mount> mount;
  std::vector<Turn> turns;
};

inline const std::string kAbsentId = "018bcfe5-6800-7000-8000-0123456789ab";

}  // namespace chatbot::test
