#include "openai/key_guard.h"

#include <doctest/doctest.h>

using namespace chatbot::openai;

TEST_CASE("a text that holds the key is hidden, however the key is written") {
  const KeyGuard guard("sk-secret/key");
  for (const char* const text :
       {"bad key sk-secret/key", "SK-SECRET/KEY", "736b2d7365637265742f6b6579",
        "736B2D7365637265742F6B6579", "c2stc2VjcmV0L2tleQ==", "OnNrLXNlY3JldC9rZXk",
        "dTpzay1zZWNyZXQva2V5", "sk-secret%2Fkey", "sk%2Dsecret%2fkey"}) {
    CAPTURE(text);
    CHECK(guard.safe(text) == "***");
  }
  CHECK(guard.safe("invalid_api_key") == "invalid_api_key");
  CHECK(KeyGuard("").safe("nothing") == "nothing");
}
