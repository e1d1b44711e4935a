#include "arguments.h"
#include "guard.h"

using namespace chatbot::capi;

chatbot_status chatbot_identity_new(const char* json, size_t len, chatbot_identity** out,
                                    chatbot_error** err) noexcept {
  const auto make = [&] {
    chatbot_identity*& made = required(out, "out");
    made = makeHandle<chatbot_identity>(chatbot::parseIdentity(text(json, len, "json"))).release();
  };
  return guard(nullptr, err, make, out);
}

void chatbot_identity_free(chatbot_identity* identity) noexcept { delete identity; }
