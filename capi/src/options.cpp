// The options by name: those of the rooms below, and those that C hosts alone set by name.
#include <array>

#include "base/option.h"
#include "callback.h"
#include "engine/option_table.h"
#include "guard.h"
#include "openai/option_table.h"

using namespace chatbot::capi;

namespace {

using chatbot::MountOptions;
using chatbot::base::Choice;
using chatbot::base::Integer;
using chatbot::base::kCount;
using chatbot::base::kMany;
using chatbot::base::Option;
using chatbot::base::optionMember;
using chatbot::base::OptionTable;
using chatbot::base::Text;

// In the order of their enumerators.
constexpr std::array<std::string_view, 4> kResponders{"echo", "script", "openai", "host"};

constexpr auto kResponder = std::to_array<Option<Settings>>({
    {"responder", "Responder: a built-in one, or the host with chatbot_turn_take",
     Choice{kResponders}, optionMember<&Settings::responder>},
});

bool isPrefix(std::string_view prefix) {
  return prefix.empty() || (prefix.front() == '/' && prefix.back() != '/');
}

constexpr auto kMount = std::to_array<Option<MountOptions>>({
    {"prefix", "Path of the endpoints",
     Text{"a path that starts with / and does not end with one, or nothing", isPrefix},
     optionMember<&MountOptions::prefix>},
    {"maxBodyBytes", "Maximum size of a request body", kCount,
     optionMember<&MountOptions::maxBodyBytes>},
    {"rateLimit",
     "Maximum number of requests of a caller to one operation in any 60 s; 0: no limit",
     Integer{0, kMany}, optionMember<&MountOptions::rateLimit>},
});

// Calls `use` with each table and the part of the settings that it is about, until one call
// returns true; answers whether one did.
template <typename Use>
bool anyTable(Settings& settings, const Use& use) {
  return use(chatbot::engine::optionTable(), settings.engine) ||
         use(OptionTable<Settings>(kResponder), settings) ||
         use(OptionTable<MountOptions>(kMount), settings.mount) ||
         use(chatbot::openai::optionTable(), settings.openAi);
}

void setOption(Settings& settings, std::string_view name, std::string_view value) {
  const bool isKnown = anyTable(settings, [&](auto table, auto& part) {
    return chatbot::base::setOption(table, part, name, value);
  });
  if (isKnown) return;
  throw chatbot::Error(chatbot::ErrorCode::invalidArgument,
                       "There is no option " + std::string(name));
}

std::string describeOptions() {
  Settings standard;
  std::string out;
  anyTable(standard, [&](auto table, auto&) {
    chatbot::base::describeOptions(table, out);
    return false;
  });
  return "[" + out + "]";
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
