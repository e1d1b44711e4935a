// In the place of the responder, where the library is built without libcurl.
#include "chatbot/error.h"
#include "chatbot/openai.h"

namespace chatbot {

std::shared_ptr<Responder> makeOpenAiResponder(OpenAiOptions /*options*/,
                                               std::shared_ptr<Environment> /*environment*/,
                                               LogFunction /*log*/) {
  throw Error(ErrorCode::unsupported, "The library was built without libcurl: no responder openai");
}

bool hasOpenAiResponder() noexcept { return false; }

}  // namespace chatbot
