// A model server's answer, which may begin with its head: whatever it sends, in whatever pieces,
// its text is the same valid UTF-8 and within the bounds, and nothing of its sentences is repeated.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "fuzz.h"
#include "openai/answer.h"
#include "openai/retry.h"

namespace {

using namespace chatbot;
using namespace chatbot::base;
using namespace chatbot::openai;
using chatbot::fuzz::require;

constexpr Answer::Bounds kBounds{.text = 4000, .reasoning = 100};
constexpr std::size_t kMostLogText = 300;  // the bound, and what stands around it

struct Read {
  std::string text;
  Answer answer;
  std::vector<ItemContent> logs;
};

Read readIn(std::string_view body, std::size_t pieceSize) {
  Read read{.text = {}, .answer = Answer(kBounds), .logs = {}};
  while (!body.empty()) {
    read.text += read.answer.add(body.substr(0, pieceSize));
    body.remove_prefix(std::min(pieceSize, body.size()));
  }
  read.text += read.answer.finish();
  read.logs = read.answer.takeLastLogs();
  return read;
}

void checkIdentifier(const std::string& text) {
  require(text == identifierIn(text), "what is no identifier is kept");
}

void checkFailure(const Failure& failure) {
  checkIdentifier(failure.error.code);
  checkIdentifier(failure.error.type);
  checkIdentifier(failure.headers.requestId);
  require(textOf(failure).size() < 100, "a long sentence");
  retryDelay(failure, 1, {}, 7);
}

void check(const Read& read) {
  require(isUtf8(read.text), "a text that is not UTF-8");
  require(read.text.size() <= kBounds.text, "a text beyond its bound");
  require(read.answer.hasText() == !read.text.empty(), "text that is not known");
  for (const ItemContent& item : read.logs) {
    const std::string& message = std::get<Log>(item).message;
    require(isUtf8(message), "a log that is not UTF-8");
    require(message.size() <= kMostLogText, "a log beyond its bound");
  }
  checkFailure({.kind = Failure::Kind::reported, .error = read.answer.error()});
}

// Reads a head, where the input begins with one, and returns what follows it.
std::string_view bodyAfterHead(std::string_view input) {
  if (!input.starts_with("HTTP/")) return input;
  Failure failure{.kind = Failure::Kind::refused};
  const std::size_t end = std::min(input.find("\n\n"), input.size());
  std::string_view head = input.substr(0, end);
  while (!head.empty()) {
    const std::size_t line = std::min(head.find('\n'), head.size() - 1) + 1;
    failure.headers.add(head.substr(0, line));
    head.remove_prefix(line);
  }
  input.remove_prefix(std::min(end + 2, input.size()));
  failure.error = errorOfBody(input, 429);
  checkFailure(failure);
  return input;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body = bodyAfterHead(fuzz::textOf(data, size));
  const Read whole = readIn(body, body.size() + 1);
  check(whole);
  for (const std::size_t pieceSize : {std::size_t{1}, std::size_t{7}}) {
    const Read cut = readIn(body, pieceSize);
    require(cut.text == whole.text, "another text from other pieces");
    require(cut.answer.isWhole() == whole.answer.isWhole(), "another end from other pieces");
    require(cut.answer.fault() == whole.answer.fault(), "another fault from other pieces");
  }
  return 0;
}
