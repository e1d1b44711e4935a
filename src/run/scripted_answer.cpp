#include "run/scripted_answer.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json_input.h"
#include "base/text.h"
#include "chatbot/error.h"

namespace chatbot::run {
namespace {

constexpr std::size_t kMaxPieces = 24;
constexpr std::size_t kPieceCodePoints = 16;
constexpr std::chrono::milliseconds kPieceDelay{40};
constexpr std::size_t kMaxAnswerBytes = 64 * 1024 * 1024;

Message answerMessage(const TurnInput& input, std::string text, const char* status) {
  Message message;
  message.parentMessageId = input.messageId;
  message.message = std::move(text);
  message.status = status;
  return message;
}

// Cuts behind the first space from `atLeast` code points on, so that no word is torn.
std::string_view nextPiece(std::string_view text, std::size_t atLeast) {
  const std::size_t start = base::bytesOfCodePoints(text, atLeast);
  const std::size_t space = text.find(' ', start);
  return space == std::string_view::npos ? text : text.substr(0, space + 1);
}

std::string benchLine(std::string_view prompt) {
  constexpr std::string_view kMark = "#bench";
  const std::string_view line = prompt.substr(0, prompt.find('\n'));
  if (!line.starts_with(kMark)) return "{}";
  return std::string(line.substr(kMark.size()));
}

// Reads the options of a `#bench` line.
class BenchOptions {
 public:
  explicit BenchOptions(std::string_view prompt) {
    const std::optional<base::Json> parsed = base::parseJson(benchLine(prompt));
    if (!parsed || !parsed->is_object()) refuse("#bench must be followed by a JSON object");
    json_ = *parsed;
  }

  double number(const char* name, double fallback, double largest) const {
    const auto found = json_.find(name);
    if (found == json_.end()) return fallback;
    const double value = found->is_number() ? found->get<double>() : -1;
    if (!(value >= 0 && value <= largest)) {
      refuse(fmt::format("{} must be a number from 0 to {}", name, largest));
    }
    return value;
  }

  std::size_t count(const char* name, std::size_t fallback, std::size_t largest) const {
    return static_cast<std::size_t>(
        number(name, static_cast<double>(fallback), static_cast<double>(largest)));
  }

  std::chrono::microseconds delay(const char* name) const {
    constexpr double kHourMs = 3'600'000;
    return std::chrono::microseconds(static_cast<std::int64_t>(number(name, 0, kHourMs) * 1000));
  }

  std::string text(const char* name, const char* fallback) const {
    const auto found = json_.find(name);
    if (found == json_.end()) return fallback;
    if (!found->is_string()) refuse(fmt::format("{} must be a text", name));
    return found->get<std::string>();
  }

  bool flag(const char* name) const {
    const auto found = json_.find(name);
    if (found == json_.end()) return false;
    if (!found->is_boolean()) refuse(fmt::format("{} must be true or false", name));
    return found->get<bool>();
  }

 private:
  [[noreturn]] static void refuse(const std::string& message) {
    throw Error(ErrorCode::invalidArgument, message);
  }

  base::Json json_;
};

std::string chunkText(std::size_t number, std::size_t bytes) {
  constexpr std::string_view kFill = "the quick brown fox jumps over the lazy dog ";
  std::string text = fmt::format("{} ", number);
  while (text.size() < bytes) text += kFill;
  text.resize(bytes);
  return text;
}

void addLogs(ScriptedAnswer& answer, std::size_t count) {
  for (std::size_t i = 1; i <= count; ++i) {
    Log log;
    log.message = fmt::format("step {} of {}", i, count);
    log.status = "running";
    log.progress = static_cast<double>(i) / static_cast<double>(count);
    answer.steps.push_back({.item = log});
  }
}

// Adds the chunks, and returns their text as a whole.
std::string addChunks(ScriptedAnswer& answer, const TurnInput& input, const BenchOptions& options) {
  constexpr std::size_t kMaxChunks = 100'000;
  constexpr std::size_t kMaxChunkBytes = 1024 * 1024;
  const std::size_t chunks = options.count("chunks", 20, kMaxChunks);
  const std::size_t bytes = options.count("chunkBytes", 64, kMaxChunkBytes);
  const std::chrono::microseconds delay = options.delay("delayMs");
  if (chunks * bytes > kMaxAnswerBytes) {
    throw Error(ErrorCode::invalidArgument, "chunks of chunkBytes must not come to over 64 MiB");
  }
  std::string whole;
  for (std::size_t i = 0; i < chunks; ++i) {
    std::string text = chunkText(i, bytes);
    whole += text;
    answer.steps.push_back({.delay = i == 0 ? std::chrono::microseconds(0) : delay,
                            .item = answerMessage(input, std::move(text), "step")});
  }
  return whole;
}

// Adds the deltas of the answer, and returns their text as a whole.
std::string addDeltas(ScriptedAnswer& answer, const BenchOptions& options) {
  constexpr std::size_t kMaxDeltas = 100'000;
  const std::size_t deltas = options.count("deltas", 0, kMaxDeltas);
  const std::string text = options.text("deltaText", "word ");
  const std::chrono::microseconds delay = options.delay("delayMs");
  if (deltas * text.size() > kMaxAnswerBytes) {
    throw Error(ErrorCode::invalidArgument, "deltas of deltaText must not come to over 64 MiB");
  }
  std::string whole;
  for (std::size_t i = 0; i < deltas; ++i) {
    whole += text;
    answer.steps.push_back({.delay = delay, .item = {}, .delta = text});
  }
  return whole;
}

}  // namespace

ScriptedAnswer echoAnswer(const TurnInput& input) {
  ScriptedAnswer answer;
  answer.process = "echo";
  answer.answerBytes = input.prompt.size();
  Log log;
  log.message = "Echoing the prompt";
  log.status = "running";
  answer.steps.push_back({.item = log});

  const std::size_t fair = base::countCodePoints(input.prompt) / kMaxPieces;
  std::string_view rest = input.prompt;
  while (!rest.empty()) {
    const std::string_view piece = nextPiece(rest, std::max(kPieceCodePoints, fair));
    answer.steps.push_back(
        {.delay = kPieceDelay, .item = answerMessage(input, std::string(piece), "step")});
    rest.remove_prefix(piece.size());
  }
  answer.steps.push_back(
      {.delay = kPieceDelay, .item = answerMessage(input, input.prompt, "last")});
  return answer;
}

ScriptedAnswer scriptAnswer(const TurnInput& input) {
  const BenchOptions options(input.prompt);
  constexpr std::size_t kMaxLogs = 10'000;
  ScriptedAnswer answer;
  answer.process = "script";
  addLogs(answer, options.count("logs", 1, kMaxLogs));
  std::string whole = addChunks(answer, input, options);
  if (std::string written = addDeltas(answer, options); !written.empty())
    whole = std::move(written);
  answer.answerBytes = whole.size();
  if (options.flag("fail")) {
    answer.failure = "The script has failed, as it was told to";
  } else {
    answer.steps.push_back({.item = answerMessage(input, std::move(whole), "last")});
  }
  if (!answer.steps.empty()) answer.steps.front().delay = options.delay("startDelayMs");
  return answer;
}

}  // namespace chatbot::run
