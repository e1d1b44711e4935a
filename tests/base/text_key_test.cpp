#include "base/text_key.h"

#include <doctest/doctest.h>

#include <array>
#include <set>
#include <string>
#include <utility>

using namespace chatbot;
using namespace chatbot::base;

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
