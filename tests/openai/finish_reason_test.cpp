#include "openai/finish_reason.h"

#include <doctest/doctest.h>

using namespace chatbot::openai;

TEST_CASE("finish reasons are known by their words, whatever their case") {
  CHECK(finishOf("stop") == Finish::complete);
  CHECK(finishOf("STOP") == Finish::complete);
  CHECK(finishOf("tool_calls") == Finish::complete);
  CHECK(finishOf("length") == Finish::cut);
  CHECK(finishOf("MAX_TOKENS") == Finish::cut);
  CHECK(finishOf("SAFETY") == Finish::filtered);
  CHECK(finishOf("abort") == Finish::failed);
  CHECK(finishOf("refusal") == Finish::refused);
  CHECK(finishOf("weather") == Finish::unknown);
  CHECK(finishOf("") == Finish::none);
  CHECK(finishOf("null") == Finish::none);
}

TEST_CASE("what is not as the model wanted is a warning") {
  CHECK(warningOf(Finish::complete, "stop").empty());
  CHECK(warningOf(Finish::none, "").empty());
  CHECK(warningOf(Finish::cut, "length") == "The answer was cut: the model has reached its limit");
  CHECK(warningOf(Finish::filtered, "SAFETY") ==
        "The answer was cut by the model server's filter (SAFETY)");
  CHECK(warningOf(Finish::unknown, "weather") == "The answer has ended for the reason weather");
  CHECK(warningOf(Finish::unknown, "a <b> c") ==
        "The answer has ended for a reason that is not known");
}
