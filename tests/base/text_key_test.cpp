#include "base/text_key.h"

#include <doctest/doctest.h>

#include <array>
#include <set>
#include <string>
#include <utility>

using namespace chatbot;
using namespace chatbot::base;

// The examples of FIPS 180-2, appendix B, and of the empty text.
TEST_CASE("known texts have their known digests") {
  CHECK(sha256("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

using chatbot::base::ownerKey;

TEST_CASE("each mandate and user have a key of their own") {
  const std::array<std::pair<std::string, std::string>, 7> owners = {{
      {"m1", "ann"},
      {"m", "1ann"},
      {"", "m1ann"},
      {"m1ann", ""},
      {"m2", "ann"},
      {std::string("m\0x", 3), "ann"},
      {"2:m1", "ann"},
  }};
  std::set<std::string> keys;
  for (const auto& [mandateId, userId] : owners) keys.insert(ownerKey(mandateId, userId));
  CHECK(keys.size() == owners.size());
}
