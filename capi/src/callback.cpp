#include "callback.h"

#include <algorithm>
#include <new>
#include <string>

#include "base/json_text.h"
#include "handles.h"

namespace chatbot::capi {
namespace {

static_assert(static_cast<int32_t>(LogLevel::debug) == CHATBOT_LOG_DEBUG);
static_assert(static_cast<int32_t>(LogLevel::info) == CHATBOT_LOG_INFO);
static_assert(static_cast<int32_t>(LogLevel::warning) == CHATBOT_LOG_WARNING);
static_assert(static_cast<int32_t>(LogLevel::error) == CHATBOT_LOG_ERROR);

// Printable ASCII stands as it is but for the signs that a line is split at. Other bytes are quoted
// on every platform, whether its char has a sign or not.
bool needsQuotes(std::string_view value) noexcept {
  const auto isPlain = [](unsigned char c) { return c > ' ' && c < 0x7F && c != '"' && c != '='; };
  return value.empty() || !std::all_of(value.begin(), value.end(), isPlain);
}

// "message name=value …"
std::string line(std::string_view message, std::span<const LogField> fields) {
  std::string out(message);
  for (const LogField& field : fields) {
    out += ' ';
    out += field.name;
    out += '=';
    out += needsQuotes(field.value) ? base::jsonString(field.value) : field.value;
  }
  return out;
}

std::string requestJson(const DocumentRequest& request) {
  std::string out;
  base::JsonObject(out)
      .field("fileId", request.fileId)
      .field("workflowId", request.workflowId)
      .field("userId", request.userId)
      .field("mandateId", request.mandateId)
      .field("maxBytes", static_cast<std::int64_t>(request.maxBytes))
      .close();
  return out;
}

}  // namespace

// A shared_ptr whose control block cannot be made calls its deleter at once: `destroy` is called in
// every case.
std::shared_ptr<void> adopt(void* userData, chatbot_destroy_fn destroy) {
  return {userData, [destroy](void* data) {
            if (destroy != nullptr) destroy(data);
          }};
}

LogFunction logTo(chatbot_log_fn log, std::shared_ptr<void> userData) {
  if (log == nullptr) return {};
  return [log, userData = std::move(userData)](LogLevel level, std::string_view message,
                                               std::span<const LogField> fields) noexcept {
    std::string text;
    std::string_view shown = message;
    try {
      text = line(message, fields);
      shown = text;
    } catch (const std::bad_alloc&) {  // the message alone is better than no line
    }
    log(userData.get(), static_cast<int32_t>(level), shown.data(), shown.size());
  };
}

std::function<void()> notifyBy(chatbot_notify_fn notify, std::shared_ptr<void> userData) {
  if (notify == nullptr) return {};
  return [notify, userData = std::move(userData)] { notify(userData.get()); };
}

DocumentLoader loadBy(chatbot_load_fn load, std::shared_ptr<void> userData) {
  if (load == nullptr) return {};
  return [load, userData = std::move(userData)](const DocumentRequest& request) {
    const std::string json = requestJson(request);
    chatbot_document document;
    load(userData.get(), json.data(), json.size(), &document);
    return std::move(document.loaded);
  };
}

}  // namespace chatbot::capi
