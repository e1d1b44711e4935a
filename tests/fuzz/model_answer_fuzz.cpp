// A model server's answer: whatever it sends, in whatever pieces, its text is the same valid UTF-8
// and within the bounds.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "fuzz.h"
#include "openai/answer.h"

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

Read readIn(Answer::Form form, std::string_view body, std::size_t pieceSize) {
  Read read{.text = {}, .answer = Answer(form, kBounds), .logs = {}};
  while (!body.empty()) {
    read.text += read.answer.add(body.substr(0, pieceSize));
    body.remove_prefix(std::min(pieceSize, body.size()));
  }
  read.text += read.answer.finish();
  read.logs = read.answer.takeLastLogs();
  return read;
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
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body = fuzz::textOf(data, size);
  for (const Answer::Form form : {Answer::Form::events, Answer::Form::document}) {
    const Read whole = readIn(form, body, body.size() + 1);
    check(whole);
    for (const std::size_t pieceSize : {std::size_t{1}, std::size_t{7}}) {
      const Read cut = readIn(form, body, pieceSize);
      require(cut.text == whole.text, "another text from other pieces");
      require(cut.answer.isWhole() == whole.answer.isWhole(), "another end from other pieces");
      require(cut.answer.fault() == whole.answer.fault(), "another fault from other pieces");
    }
  }
  return 0;
}
