#include <doctest/doctest.h>

#include "chatbot/http.h"

using namespace chatbot;

TEST_CASE("each error has its status") {
  CHECK(httpStatus(ErrorCode::invalidArgument) == 400);
  CHECK(httpStatus(ErrorCode::wrongMode) == 400);
  CHECK(httpStatus(ErrorCode::forbidden) == 403);
  CHECK(httpStatus(ErrorCode::notFound) == 404);
  CHECK(httpStatus(ErrorCode::busy) == 409);
  CHECK(httpStatus(ErrorCode::conflict) == 409);
  CHECK(httpStatus(ErrorCode::tooLarge) == 413);
  CHECK(httpStatus(ErrorCode::invalidBody) == 422);
  CHECK(httpStatus(ErrorCode::rateLimited) == 429);
  CHECK(httpStatus(ErrorCode::unavailable) == 503);
  CHECK(httpStatus(ErrorCode::internal) == 500);
  CHECK(httpStatus(ErrorCode::outcomeUnknown) == 500);
  CHECK(httpStatus(ErrorCode::unsupported) == 500);
  CHECK(httpStatus(ErrorCode::misuse) == 500);
}

TEST_CASE("an error's detail is its message, escaped") {
  CHECK(errorBody(Error(ErrorCode::notFound, "No \"such\"\nthing")) ==
        R"({"detail":"No \"such\"\nthing"})");
  CHECK(errorBody("Not Found") == R"({"detail":"Not Found"})");
  CHECK(errorBody("\xFF") == "{\"detail\":\"\xEF\xBF\xBD\"}");
}

TEST_CASE("an error that has a detail of its own shows it as it is") {
  const Error error = Error(ErrorCode::invalidBody, "not shown").withDetail(R"([{"type":"x"}])");
  CHECK(errorBody(error) == R"({"detail":[{"type":"x"}]})");
}
