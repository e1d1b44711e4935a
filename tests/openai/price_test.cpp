#include "openai/price.h"

#include <doctest/doctest.h>

#include "support/refusal.h"

using namespace chatbot;
using namespace chatbot::openai;
using namespace chatbot::test;

TEST_CASE("a price is for a million tokens of a model, or of any") {
  const auto prices = parsePrices(R"({"big": {"in": 2.5, "out": 10}, "*": {"in": 1}})");
  CHECK(priceOf(prices, "big", {.input = 1'000'000, .output = 100'000}) == doctest::Approx(3.5));
  CHECK(priceOf(prices, "other", {.input = 500'000, .output = 100'000}) == doctest::Approx(0.5));
}

TEST_CASE("a model without a price costs nothing") {
  CHECK(priceOf({}, "big", {.input = 1000, .output = 1000}) == 0);
  CHECK(priceOf(parsePrices(R"({"big":{"in":1}})"), "small", {.input = 1000, .output = 1000}) == 0);
}

TEST_CASE("a table that does not fit is refused, with the place") {
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
