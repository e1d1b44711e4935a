// The library itself, and the texts that its calls answer.
#include <string_view>

#include "base/text.h"
#include "handles.h"

#define CHATBOT_TEXT(value) #value
#define CHATBOT_VERSION_TEXT(major, minor, patch) \
  CHATBOT_TEXT(major) "." CHATBOT_TEXT(minor) "." CHATBOT_TEXT(patch)

uint32_t chatbot_version() noexcept {
  return CHATBOT_VERSION_MAJOR * 10000 + CHATBOT_VERSION_MINOR * 100 + CHATBOT_VERSION_PATCH;
}

const char* chatbot_version_string() noexcept {
  return CHATBOT_VERSION_TEXT(CHATBOT_VERSION_MAJOR, CHATBOT_VERSION_MINOR, CHATBOT_VERSION_PATCH);
}

int32_t chatbot_has_feature(const char* name) noexcept {
  const std::string_view feature = name == nullptr ? "" : name;
  if (feature == "sqlite") return 1;  // a build without it is not possible
  if (feature == "postgres") return chatbot::hasPostgres() ? 1 : 0;
  if (feature == "openai") return chatbot::hasOpenAiResponder() ? 1 : 0;
  return feature == "unicode" && chatbot::base::foldsUnicode() ? 1 : 0;
}

const char* chatbot_status_name(chatbot_status status) noexcept {
#define CHATBOT_NAME(constant) \
  case constant:               \
    return #constant
  switch (status) {
    CHATBOT_NAME(CHATBOT_OK);
    CHATBOT_NAME(CHATBOT_WOULD_BLOCK);
    CHATBOT_NAME(CHATBOT_END);
    CHATBOT_NAME(CHATBOT_CANCELLED);
    CHATBOT_NAME(CHATBOT_WOKEN);
    CHATBOT_NAME(CHATBOT_INVALID_ARGUMENT);
    CHATBOT_NAME(CHATBOT_NOT_FOUND);
    CHATBOT_NAME(CHATBOT_FORBIDDEN);
    CHATBOT_NAME(CHATBOT_WRONG_MODE);
    CHATBOT_NAME(CHATBOT_BUSY);
    CHATBOT_NAME(CHATBOT_RATE_LIMITED);
    CHATBOT_NAME(CHATBOT_UNAVAILABLE);
    CHATBOT_NAME(CHATBOT_INTERNAL);
    CHATBOT_NAME(CHATBOT_NO_MEMORY);
    CHATBOT_NAME(CHATBOT_UNSUPPORTED);
    CHATBOT_NAME(CHATBOT_MISUSE);
    CHATBOT_NAME(CHATBOT_CONFLICT);
    CHATBOT_NAME(CHATBOT_TOO_LARGE);
    CHATBOT_NAME(CHATBOT_OUTCOME_UNKNOWN);
    default:
      return "unknown";
  }
#undef CHATBOT_NAME
}

const char* chatbot_bytes_data(const chatbot_bytes* bytes) noexcept {
  return bytes == nullptr ? "" : bytes->text.c_str();
}

size_t chatbot_bytes_size(const chatbot_bytes* bytes) noexcept {
  return bytes == nullptr ? 0 : bytes->text.size();
}

void chatbot_bytes_free(chatbot_bytes* bytes) noexcept { delete bytes; }
