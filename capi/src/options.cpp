#include "arguments.h"
#include "callback.h"
#include "guard.h"

using namespace chatbot::capi;

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

chatbot_status chatbot_options_set_log(chatbot_options* options, chatbot_log_fn log,
                                       void* user_data, chatbot_destroy_fn destroy) noexcept {
  return guard(nullptr, nullptr, [&] {
    chatbot::LogFunction function = logTo(log, adopt(user_data, destroy));
    required(options, "options").settings.log = std::move(function);
  });
}

chatbot_status chatbot_options_set_documents(chatbot_options* options, chatbot_load_fn load,
                                             void* user_data, chatbot_destroy_fn destroy) noexcept {
  return guard(nullptr, nullptr, [&] {
    chatbot::DocumentLoader loader = loadBy(load, adopt(user_data, destroy));
    required(options, "options").settings.openAi.loadDocument = std::move(loader);
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
