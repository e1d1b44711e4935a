#include "support.h"

namespace {

using namespace capi_test;

TEST_CASE("the loaded library is the one that the header describes") {
  CHECK(chatbot_version() ==
        CHATBOT_VERSION_MAJOR * 10000 + CHATBOT_VERSION_MINOR * 100 + CHATBOT_VERSION_PATCH);
  const std::string wanted = std::to_string(CHATBOT_VERSION_MAJOR) + "." +
                             std::to_string(CHATBOT_VERSION_MINOR) + "." +
                             std::to_string(CHATBOT_VERSION_PATCH);
  CHECK(chatbot_version_string() == wanted);
}

TEST_CASE("features are asked for by name") {
  CHECK(chatbot_has_feature("sqlite") == 1);
  CHECK((chatbot_has_feature("unicode") == 0 || chatbot_has_feature("unicode") == 1));
  CHECK((chatbot_has_feature("postgres") == 0 || chatbot_has_feature("postgres") == 1));
  CHECK((chatbot_has_feature("openai") == 0 || chatbot_has_feature("openai") == 1));
  CHECK(chatbot_has_feature("nothing") == 0);
  CHECK(chatbot_has_feature("") == 0);
  CHECK(chatbot_has_feature(nullptr) == 0);
}

// A binding writes these numbers down: they never change.
TEST_CASE("each status has its number and its name") {
  const std::pair<chatbot_status, const char*> statuses[] = {
      {0, "CHATBOT_OK"},
      {1, "CHATBOT_WOULD_BLOCK"},
      {2, "CHATBOT_END"},
      {3, "CHATBOT_CANCELLED"},
      {4, "CHATBOT_WOKEN"},
      {-1, "CHATBOT_INVALID_ARGUMENT"},
      {-2, "CHATBOT_NOT_FOUND"},
      {-3, "CHATBOT_FORBIDDEN"},
      {-4, "CHATBOT_WRONG_MODE"},
      {-5, "CHATBOT_BUSY"},
      {-6, "CHATBOT_RATE_LIMITED"},
      {-7, "CHATBOT_UNAVAILABLE"},
      {-8, "CHATBOT_INTERNAL"},
      {-9, "CHATBOT_NO_MEMORY"},
      {-10, "CHATBOT_UNSUPPORTED"},
      {-11, "CHATBOT_MISUSE"},
      {-12, "CHATBOT_CONFLICT"},
      {-13, "CHATBOT_TOO_LARGE"},
      {-14, "CHATBOT_OUTCOME_UNKNOWN"},
  };
  for (const auto& [status, name] : statuses) {
    CHECK(chatbot_status_name(status) == std::string(name));
  }
  for (const chatbot_status status : {5, -15, 4711, INT32_MIN, INT32_MAX}) {
    CHECK(chatbot_status_name(status) == std::string("unknown"));
  }
}

TEST_CASE("log levels keep their numbers") {
  CHECK(CHATBOT_LOG_DEBUG == 0);
  CHECK(CHATBOT_LOG_INFO == 1);
  CHECK(CHATBOT_LOG_WARNING == 2);
  CHECK(CHATBOT_LOG_ERROR == 3);
}

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
