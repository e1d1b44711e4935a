#include "arguments.h"
#include "guard.h"

using namespace chatbot::capi;

chatbot_status chatbot_document_set(chatbot_document* document, const char* name, size_t name_len,
                                    const char* mime_type, size_t mime_type_len, uint64_t size,
                                    const char* bytes, size_t bytes_len,
                                    chatbot_error** err) noexcept {
  return guard(nullptr, err, [&] {
    required(document, "document").loaded = {
        .name = std::string(text(name, name_len, "name")),
        .mimeType = std::string(text(mime_type, mime_type_len, "mime_type")),
        .size = size,
        .bytes = std::string(text(bytes, bytes_len, "bytes"))};
  });
}
