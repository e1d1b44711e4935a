#include "handles.h"

const char* chatbot_bytes_data(const chatbot_bytes* bytes) noexcept {
  return bytes == nullptr ? "" : bytes->text.c_str();
}

size_t chatbot_bytes_size(const chatbot_bytes* bytes) noexcept {
  return bytes == nullptr ? 0 : bytes->text.size();
}

void chatbot_bytes_free(chatbot_bytes* bytes) noexcept { delete bytes; }
