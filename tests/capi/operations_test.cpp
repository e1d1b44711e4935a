#include "support.h"

namespace {

using namespace capi_test;

// A conversation of one round that is over.
std::string converse(const Bench& bench, const std::string& prompt) {
  const Started started = bench.start(prompt);
  const Turn turn = bench.take();
  REQUIRE(append(turn, "Good day") == CHATBOT_OK);
  REQUIRE(finish(turn) == CHATBOT_OK);
  return started.id;
}

Json list(const Bench& bench, std::string_view params) {
  Bytes out;
  REQUIRE(chatbot_list(bench.engine.get(), bench.caller.get(), params.data(), params.size(),
                       Out(out), nullptr) == CHATBOT_OK);
  return json(out);
}

TEST_CASE("a start answers the workflow and its stream, each where it is wanted") {
  const Bench bench;
  const Started both = bench.start("First words");
  CHECK(both.workflow["status"] == "running");
  CHECK(both.workflow["name"] == "First words");
  CHECK(next(both.stream).item["item"]["message"] == "First words");

  const std::string input = R"({"prompt": "No answer wanted"})";
  CHECK(chatbot_start(bench.engine.get(), bench.caller.get(), input.data(), input.size(), nullptr,
                      0, 0, nullptr, nullptr, nullptr) == CHATBOT_OK);
  CHECK(list(bench, "")["items"].size() == 2);
}

TEST_CASE("a start's parameters say where, what is done to a running round, and its key") {
  const Bench bench;
  const auto start = [&](const std::string& params, Bytes& workflow, Error& error) {
    const std::string input = R"({"prompt": "Words"})";
    return chatbot_start(bench.engine.get(), bench.caller.get(), input.data(), input.size(),
                         params.data(), params.size(), 0, Out(workflow), nullptr, Out(error));
  };
  const Started running = bench.start("First words");
  const auto going = [&](const std::string& onBusy) {
    return R"({"workflowId": ")" + running.id + R"(", "onBusy": ")" + onBusy + R"("})";
  };
  Bytes workflow;
  Error error;
  CHECK(start(going("reject"), workflow, error) == CHATBOT_BUSY);
  CHECK(start(going("enqueue"), workflow, error) == CHATBOT_OK);
  CHECK(json(workflow)["currentRound"] == 1);
  const std::string keyed = R"({"idempotencyKey": "k"})";
  CHECK(start(keyed, workflow, error) == CHATBOT_OK);
  const std::string id = json(workflow)["id"];
  CHECK(start(keyed, workflow, error) == CHATBOT_OK);
  CHECK(json(workflow)["id"] == id);
  const std::string elsewhere = R"({"idempotencyKey": "k", "workflowId": ")" + running.id + R"("})";
  CHECK(start(elsewhere, workflow, error) == CHATBOT_INVALID_ARGUMENT);

  for (const auto& [params, message] :
       {std::pair{"{", "the start's parameters must be valid JSON"},
        std::pair{"[]", "the start's parameters must be an object"},
        std::pair{R"({"onBusy": "maybe"})", "onBusy must be reject, interrupt or enqueue"},
        std::pair{R"({"workflowId": 1})", "workflowId must be a string"}}) {
    CHECK(start(params, workflow, error) == CHATBOT_INVALID_ARGUMENT);
    CHECK(chatbot_error_message(error.get()) == std::string(message));
  }
}

TEST_CASE("the round of a start ends its stream without a frame that says so") {
  const Bench bench;
  const Started started = bench.start();
  REQUIRE(finish(bench.take()) == CHATBOT_OK);
  CHECK(readFrames(started.stream).find("event: end") == std::string::npos);
}

TEST_CASE("a further round goes on with the workflow") {
  const Bench bench;
  const std::string id = converse(bench, "First");
  const Started second = bench.start("Second", id);
  CHECK(second.id == id);
  CHECK(second.workflow["currentRound"] == 2);
  const Next first = next(second.stream);
  CHECK(first.place == 3);
  CHECK(first.item["item"]["message"] == "Second");
}

TEST_CASE("a stop answers the stopped workflow, and again when it is stopped already") {
  const Bench bench;
  const Started started = bench.start();
  for (int i = 0; i < 2; ++i) {
    Bytes workflow;
    REQUIRE(chatbot_stop(bench.engine.get(), bench.caller.get(), started.id.data(),
                         started.id.size(), Out(workflow), nullptr) == CHATBOT_OK);
    CHECK(json(workflow)["status"] == "stopped");
  }
}

TEST_CASE("a name is taken where it fits") {
  const Bench bench;
  const std::string id = converse(bench, "First");
  Bytes workflow;
  const auto rename = [&](std::string_view name) {
    return chatbot_rename(bench.engine.get(), bench.caller.get(), id.data(), id.size(), name.data(),
                          name.size(), Out(workflow), nullptr);
  };
  CHECK(rename("Zweite Wörter") == CHATBOT_OK);
  CHECK(json(workflow)["name"] == "Zweite Wörter");
  for (const std::string& bad :
       {std::string(), std::string("  "), std::string("a\nb"), std::string("a\0b", 3),
        std::string("\xff"), std::string(201, 'x')}) {
    CAPTURE(bad);
    CHECK(rename(bad) == CHATBOT_INVALID_ARGUMENT);
  }
  CHECK(list(bench, "")["items"][0]["name"] == "Zweite Wörter");
}

TEST_CASE("a deleted workflow is gone") {
  const Bench bench;
  const std::string id = converse(bench, "First");
  const auto remove = [&] {
    return chatbot_delete(bench.engine.get(), bench.caller.get(), id.data(), id.size(), nullptr);
  };
  CHECK(remove() == CHATBOT_OK);
  CHECK(remove() == CHATBOT_NOT_FOUND);
  CHECK(list(bench, "")["items"].empty());
}

TEST_CASE("a list without parameters is all of it") {
  const Bench bench;
  for (int i = 0; i < 25; ++i) converse(bench, "Number " + std::to_string(i));
  for (const char* params : {"", "{}", "null", " {} "}) {
    CAPTURE(params);
    const Json all = list(bench, params);
    CHECK(all["items"].size() == 25);
    CHECK(all["pagination"]["totalPages"] == 1);
    CHECK(all["pagination"]["pageSize"] == 25);
  }
  const Json page = list(bench, R"({"page": 2, "pageSize": 10})");
  CHECK(page["items"].size() == 10);
  CHECK(page["pagination"]["currentPage"] == 2);
  CHECK(page["pagination"]["totalItems"] == 25);
}

TEST_CASE("operations and endpoints answer the same text") {
  const Bench bench;
  const std::string id = converse(bench, "First");
  Bytes out;
  REQUIRE(chatbot_detail(bench.engine.get(), bench.caller.get(), id.data(), id.size(), Out(out),
                         nullptr) == CHATBOT_OK);
  const Response detail = bench.serve("GET", "/api/chatbot/threads?workflowId=" + id);
  CHECK(text(out) == chatbot_response_body(detail.get(), nullptr));
  CHECK(json(out)["chatData"]["items"].size() == 2);

  const Response threads = bench.serve("GET", "/api/chatbot/threads");
  CHECK(list(bench, "") == Json::parse(chatbot_response_body(threads.get(), nullptr)));
}

TEST_CASE("a join begins after the place that it is given") {
  const Bench bench;
  const std::string id = converse(bench, "First");
  const auto join = [&](std::string_view after, Stream& stream) {
    return chatbot_join(bench.engine.get(), bench.caller.get(), id.data(), id.size(), after.data(),
                        after.size(), 0, Out(stream), nullptr);
  };
  Stream stream;
  REQUIRE(join("", stream) == CHATBOT_OK);
  CHECK(readFrames(stream).starts_with("id: 1\n"));
  REQUIRE(join("1", stream) == CHATBOT_OK);
  CHECK(next(stream).place == 2);
  CHECK(next(stream).status == CHATBOT_END);
  CHECK(chatbot_stream_place(stream.get()) == std::string_view("2"));
  CHECK(join("1.0", stream) == CHATBOT_OK);
  CHECK(join("2.1", stream) == CHATBOT_CONFLICT);
  CHECK(join("2", stream) == CHATBOT_END);
  CHECK(stream == nullptr);
  CHECK(join("3", stream) == CHATBOT_CONFLICT);
  CHECK(join("-1", stream) == CHATBOT_INVALID_ARGUMENT);
  CHECK(join("9223372036854775807", stream) == CHATBOT_CONFLICT);
}

constexpr std::string_view kFruit = R"([
    {"id": "1", "name": "Plum", "weight": 50},
    {"id": "2", "name": "Pear", "weight": 120, "colour": "green"},
    {"id": "3", "name": "Fig", "weight": null}])";
constexpr std::string_view kSchema = R"({"id": "text", "name": "text", "weight": "integer"})";

chatbot_status select(std::string_view rows, std::string_view schema, std::string_view params,
                      Json& page) {
  Bytes out;
  const chatbot_status status =
      chatbot_select(rows.data(), rows.size(), schema.data(), schema.size(), params.data(),
                     params.size(), Out(out), nullptr);
  CHECK((out != nullptr) == (status == CHATBOT_OK));
  page = out == nullptr ? Json() : json(out);
  return status;
}

TEST_CASE("rows are filtered, sorted and paged") {
  Json page;
  REQUIRE(select(kFruit, kSchema, R"({"sort": [{"field": "weight", "direction": "desc"}]})",
                 page) == CHATBOT_OK);
  REQUIRE(page["items"].size() == 3);
  CHECK(page["items"][0]["name"] == "Pear");
  CHECK(page["items"][0]["colour"] == "green");
  CHECK(page["items"][2]["name"] == "Fig");

  REQUIRE(select(kFruit, kSchema, R"({"filters": {"search": "pl"}})", page) == CHATBOT_OK);
  CHECK(page["pagination"]["totalItems"] == 1);
}

TEST_CASE("without parameters the rows come as they are") {
  for (const char* params : {"", "{}"}) {
    Json page;
    REQUIRE(select(kFruit, kSchema, params, page) == CHATBOT_OK);
    CHECK(page["items"] == Json::parse(kFruit));
  }
}

TEST_CASE("without a schema the fields are those of a workflow") {
  Json page;
  const char* byName = R"({"filters": {"name": "Chat"}})";
  REQUIRE(select(R"([{"id": "1", "name": "Chat"}])", "", byName, page) == CHATBOT_OK);
  CHECK(page["items"].size() == 1);
  CHECK(select(kFruit, "", R"({"filters": {"weight": 50}})", page) == CHATBOT_INVALID_ARGUMENT);
}

TEST_CASE("what does not fit is refused") {
  Json page;
  CHECK(select("oops", kSchema, "", page) == CHATBOT_INVALID_ARGUMENT);
  CHECK(select("[7]", kSchema, "", page) == CHATBOT_INVALID_ARGUMENT);
  CHECK(select(kFruit, R"({"id": "poem"})", "", page) == CHATBOT_INVALID_ARGUMENT);
  CHECK(select(kFruit, kSchema, "oops", page) == CHATBOT_INVALID_ARGUMENT);
  CHECK(select(kFruit, kSchema, R"({"page": 0})", page) == CHATBOT_INVALID_ARGUMENT);
}

}  // namespace
