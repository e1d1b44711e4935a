#include "support.h"

namespace {

using namespace capi_test;

TEST_CASE("bytes end with a NUL that their size does not count") {
  Bytes bytes;
  REQUIRE(chatbot_options_describe(Out(bytes), nullptr) == CHATBOT_OK);
  const std::size_t size = chatbot_bytes_size(bytes.get());
  CHECK(size > 0);
  CHECK(chatbot_bytes_data(bytes.get())[size] == '\0');
  CHECK(std::strlen(chatbot_bytes_data(bytes.get())) == size);
}

TEST_CASE("no bytes are an empty text") {
  CHECK(chatbot_bytes_data(nullptr) == std::string());
  CHECK(chatbot_bytes_size(nullptr) == 0);
  chatbot_bytes_free(nullptr);
}

}  // namespace
