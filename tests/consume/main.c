#include <chatbot.h>

int main(void) {
  const unsigned header =
      CHATBOT_VERSION_MAJOR * 10000 + CHATBOT_VERSION_MINOR * 100 + CHATBOT_VERSION_PATCH;
  return chatbot_version() == header ? 0 : 1;
}
