// How often a test repeats what only chance may find.
#pragma once

#include <cstdlib>

namespace chatbot::test {

// With CHATBOT_TEST_LONG set, as the tests with the label `slow` have it: many times.
inline bool isLong() { return std::getenv("CHATBOT_TEST_LONG") != nullptr; }

template <typename Number>
Number often(Number usually, Number many) {
  return isLong() ? many : usually;
}

}  // namespace chatbot::test
