// The options: by name from the tables of the engine, the endpoints and the responder openai, and
// the host's functions. One thread at a time; an engine takes a copy of them when it is opened.
#include <array>

#include "base/option.h"
#include "callback.h"
#include "guard.h"

using namespace chatbot::capi;

namespace {

using chatbot::base::Option;
using chatbot::base::OptionTable;

// In the order of their enumerators.
constexpr std::array<std::string_view, 4> kResponders{"echo", "script", "openai", "host"};

// C++ hosts give the responder itself.
constexpr auto kOptions = std::to_array<Option<Settings>>({
    {"responder", "Responder: a built-in one, or the host with chatbot_turn_take",
     chatbot::base::Choice{kResponders}, chatbot::base::optionMember<&Settings::responder>},
});
constexpr OptionTable<Settings> kTable(kOptions);

void setOption(Settings& settings, std::string_view name, std::string_view value) {
  const bool isKnown = chatbot::setOption(settings.engine, name, value) ||
                       chatbot::base::setOption(kTable, settings, name, value) ||
                       chatbot::setOption(settings.mount, name, value) ||
                       chatbot::setOption(settings.openAi, name, value);
  if (isKnown) return;
  throw chatbot::Error(chatbot::ErrorCode::invalidArgument,
                       "There is no option " + std::string(name));
}

// One JSON list of the elements of several, none of which is empty.
std::string joined(const std::array<std::string, 4>& lists) {
  std::string out;
  for (const std::string& list : lists) {
    out += out.empty() ? '[' : ',';
    out.append(list, 1, list.size() - 2);
  }
  return out + "]";
}

std::string describeOptions() {
  const Settings standard;
  return joined({optionsJson(standard.engine), chatbot::base::optionsJson(kTable, standard),
                 optionsJson(standard.mount), optionsJson(standard.openAi)});
}

}  // namespace

chatbot_options* chatbot_options_new() noexcept {
  chatbot_options* made = nullptr;
  guard(nullptr, nullptr, [&] { made = makeHandle<chatbot_options>().release(); });
  return made;
}

chatbot_status chatbot_options_set(chatbot_options* options, const char* name, const char* value,
                                   size_t value_len, chatbot_error** err) noexcept {
  return guard(nullptr, err, [&] {
    setOption(required(options, "options").settings, text(name, "name"),
              text(value, value_len, "value"));
  });
}

// The user data is adopted before anything can fail: `destroy` is then called in every case.
chatbot_status chatbot_options_set_log(chatbot_options* options, chatbot_log_fn log,
                                       void* user_data, chatbot_destroy_fn destroy) noexcept {
  return guard(nullptr, nullptr, [&] {
    chatbot::LogFunction function = logTo(log, adopt(user_data, destroy));
    required(options, "options").settings.engine.log = std::move(function);
  });
}

chatbot_status chatbot_options_set_documents(chatbot_options* options, chatbot_load_fn load,
                                             void* user_data, chatbot_destroy_fn destroy) noexcept {
  return guard(nullptr, nullptr, [&] {
    chatbot::DocumentLoader loader = loadBy(load, adopt(user_data, destroy));
    required(options, "options").settings.openAi.loadDocument = std::move(loader);
  });
}

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

chatbot_status chatbot_options_describe(chatbot_bytes** out, chatbot_error** err) noexcept {
  const auto describe = [&] {
    chatbot_bytes*& described = required(out, "out");
    described = makeHandle<chatbot_bytes>(describeOptions()).release();
  };
  return guard(nullptr, err, describe, out);
}

void chatbot_options_free(chatbot_options* options) noexcept { delete options; }
