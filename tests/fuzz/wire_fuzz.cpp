// What clients and responders send, and what is sent for it: input is taken or refused, and a text
// that goes on the wire is JSON in UTF-8 on one line, so that nothing in it begins a field of a
// frame.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "base/text.h"
#include "chatbot/access.h"
#include "chatbot/engine.h"
#include "chatbot/model.h"
#include "chatbot/stream.h"
#include "fuzz.h"

namespace {

using namespace chatbot;
using namespace chatbot::base;
using chatbot::fuzz::require;

void requireLine(const std::string& json) {
  const auto isControl = [](char c) { return static_cast<unsigned char>(c) < ' '; };
  require(std::ranges::none_of(json, isControl), "a control character on the wire");
  require(isUtf8(json), "something else than UTF-8 on the wire");
  require(nlohmann::json::accept(json), "something else than JSON on the wire");
}

void writeItem(const ItemContent& item) {
  requireLine(toJson(item, {.workflowId = "w", .seq = 1, .round = 1, .createdAt = 0.5}));
}

void writeTexts(const std::string& text) {
  UserInput input;
  input.prompt = text;
  input.listFileId = {text};
  writeItem(userMessage(input));
  Log log;
  log.message = text;
  writeItem(log);
  requireLine(toJson(StreamDelta{.messageId = "m", .offset = 0, .text = text}));
}

// Bodies are refused with a list of faults, which goes on the wire too.
template <typename Body>
void readBody(Body&& body) {
  try {
    body();
  } catch (const Error& error) {
    require(error.code() == ErrorCode::invalidBody, "a body was refused with another code");
    requireLine(error.detail());
  }
}

void readPosition(std::string_view text) {
  const std::optional<Position> position = parsePosition(text);
  require(!position || parsePosition(toText(*position)) == position,
          "another position when read again");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::textOf(data, size);
  fuzz::isAccepted([&] { require(!parseIdentity(text).userId.empty(), "a caller without an id"); });
  fuzz::isAccepted([&] { parseStartOptions(text); });
  fuzz::isAccepted([&] { std::ranges::for_each(parseItemContents(text), writeItem); });
  readBody([&] { parseRename(text); });
  readBody([&] {
    const std::string written = toJson(*parseUserInput(text));
    requireLine(written);
    require(toJson(*parseUserInput(written)) == written, "another input when read again");
  });
  readPosition(text);
  writeTexts(std::string(text));
  return 0;
}
