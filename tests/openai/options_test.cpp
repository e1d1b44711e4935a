#include "openai/options.h"

#include <doctest/doctest.h>

#include <fstream>
#include <limits>

#include "support/refusal.h"
#include "support/temporary_folder.h"

using namespace chatbot;
using namespace chatbot::openai;
using namespace chatbot::test;

namespace {

OpenAiOptions good() {
  OpenAiOptions options;
  options.baseUrl = "http://127.0.0.1:11434/v1";
  options.model = "llama3.2";
  return options;
}

template <typename Change>
std::string refusal(Change change) {
  OpenAiOptions options = good();
  change(options);
  return refusalOf([&] { checkOptions(options); });
}

}  // namespace

TEST_CASE("a base URL and a model are enough") {
  OpenAiOptions options = good();
  checkOptions(options);
  options.baseUrl = "https://models.example/v1/";
  options.key = "sk-1";
  options.temperature = 2;
  options.maxRetries = 0;
  checkOptions(options);
  options.baseUrl = "http://me@[::1]:8080/v1";
  const TemporaryFolder folder;
  options.caFile = folder.file("ca.pem");
  std::ofstream(options.caFile) << "certificates";
  checkOptions(options);
}

TEST_CASE("what does not fit is named, and a key is not shown") {
  for (const char* const bad :
       {"ftp://x", "file:///etc/passwd", "http://a b", "http://a\r\nX: y"}) {
    CHECK(refusal([&](OpenAiOptions& options) { options.baseUrl = bad; }) ==
          "the model server's base URL must start with http:// or https://");
  }
  CHECK(refusal([](OpenAiOptions& options) { options.baseUrl = ""; }) ==
        "openaiBaseUrl, or OPENAI_BASE_URL in the environment, must be the model server's URL");
  CHECK(refusal([](OpenAiOptions& options) { options.baseUrl = "http://a/v1#x"; }) ==
        "openaiBaseUrl must have no fragment (#…)");
  for (const char* const bad :
       {"http://", "http:///v1", "http://:8080/v1", "https://me:pw@/v1", "https://?v1"}) {
    CHECK(refusal([&](OpenAiOptions& options) { options.baseUrl = bad; }) ==
          "the model server's base URL must name a host");
  }
  CHECK(refusal([](OpenAiOptions& options) { options.caFile = "/no/such/file"; }) ==
        R"(the caFile "/no/such/file" cannot be read)");
  CHECK(refusal([](OpenAiOptions& options) { options.caFile = "/"; }) ==
        R"(the caFile "/" cannot be read)");
  CHECK(refusal([](OpenAiOptions& options) { options.model = ""; }) ==
        "openaiModel, or OPENAI_MODEL in the environment, must name the model");
  CHECK(refusal([](OpenAiOptions& options) { options.model = "\xFF"; }) ==
        "the model's name is no text");
  for (const char* const bad : {"secret\r\nX: y", "secret word", "secr\xC3\xA9t"}) {
    CHECK(refusal([&](OpenAiOptions& options) { options.key = bad; }) ==
          "the key must be printable ASCII without spaces");
  }
  for (const double bad : {-0.1, 2.1, std::numeric_limits<double>::quiet_NaN()}) {
    CHECK(refusal([&](OpenAiOptions& options) { options.temperature = bad; }) ==
          "openaiTemperature takes a number from 0 to 2, or nothing for the server's own");
  }
  CHECK(refusal([](OpenAiOptions& options) { options.maxRetries = -1; }) ==
        "openaiRetries takes an integer from 0 to 100");
  CHECK(refusal([](OpenAiOptions& options) { options.idleTimeout = {}; }) ==
        "openaiIdleMs takes an integer from 1 to 86400000");
  CHECK(refusal([](OpenAiOptions& options) { options.maxAnswerBytes = 0; }) ==
        "openaiMaxAnswerBytes takes an integer from 1 to 1000000000");
}

TEST_CASE("completions are below the base URL, with or without its slash") {
  CHECK(completionsUrl("http://a/v1") == "http://a/v1/chat/completions");
  CHECK(completionsUrl("http://a/v1//") == "http://a/v1/chat/completions");
  CHECK(completionsUrl("http://a/v1/chat/completions/") == "http://a/v1/chat/completions");
  CHECK(completionsUrl("http://a/v1?api-version=1") ==
        "http://a/v1/chat/completions?api-version=1");
  CHECK(completionsUrl("http://a/chat/completions?a=/b") == "http://a/chat/completions?a=/b");
}

TEST_CASE("a price is for a million tokens of a model, or of any") {
  const auto prices = parsePrices(R"({"big": {"in": 2.5, "out": 10}, "*": {"in": 1}})");
  CHECK(priceOf(prices, "big", {.input = 1'000'000, .output = 100'000}) == doctest::Approx(3.5));
  CHECK(priceOf(prices, "other", {.input = 500'000, .output = 100'000}) == doctest::Approx(0.5));
}

TEST_CASE("a model without a price costs nothing") {
  CHECK(priceOf({}, "big", {.input = 1000, .output = 1000}) == 0);
  CHECK(priceOf(parsePrices(R"({"big":{"in":1}})"), "small", {.input = 1000, .output = 1000}) == 0);
}

TEST_CASE("a table of prices that does not fit is refused, with the place") {
  CHECK(refusalOf([] { parsePrices("[]"); }) == "prices are not a JSON object");
  CHECK(refusalOf([] { parsePrices("{"); }) == "prices are not a JSON object");
  CHECK(refusalOf([] { parsePrices(R"({"a\n":1})"); }) ==
        R"(the price of the model "a\n" is no object)");
  CHECK(refusalOf([] { parsePrices(R"({"a":{"in":-1}})"); }) ==
        R"(the price in of the model "a" is not a number from 0 on)");
  CHECK(refusalOf([] { parsePrices(R"({"a":{"in":1,"output":1}})"); }) ==
        R"(the price of the model "a" has the unknown member "output")");
  CHECK(refusalOf([] { parsePrices(R"({"a":{"out":"1"}})"); }) ==
        R"(the price out of the model "a" is not a number from 0 on)");
}
