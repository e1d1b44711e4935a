#include "streaming.h"

#include <array>
#include <memory>

namespace host {

namespace {

constexpr int kLookAfterClientMs = 500;

// Sends what there is. False when nobody reads any more, or the stream broke off.
bool sendSome(chatbot_stream* stream, httplib::DataSink& client) {
  std::array<char, 16 * 1024> buffer;
  std::size_t size = 0;
  switch (chatbot_stream_read(stream, kLookAfterClientMs, buffer.data(), buffer.size(), &size,
                              nullptr)) {
    case CHATBOT_OK:
      return client.write(buffer.data(), size);
    case CHATBOT_WOULD_BLOCK:
      return client.is_writable();
    case CHATBOT_END:
      client.done();
      return true;
    default:
      return false;
  }
}

}  // namespace

void sendStream(EventStream stream, const std::string& contentType, httplib::Response& response) {
  // httplib copies what it calls, so the stream has to be shared.
  const std::shared_ptr<chatbot_stream> shared = std::move(stream);
  response.set_chunked_content_provider(
      contentType,
      [shared](std::size_t, httplib::DataSink& client) { return sendSome(shared.get(), client); });
}

}  // namespace host
