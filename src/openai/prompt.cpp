#include "openai/prompt.h"

#include <algorithm>
#include <utility>

#include "base/json_text.h"
#include "openai/history.h"

namespace chatbot::openai {
namespace {

constexpr std::string_view kLanguageMark = "{userLanguage}";
constexpr std::size_t kMaxLanguage = 35;  // the longest tag that RFC 5646 expects (section 4.4.1)

// The client names its language. Only a well-formed tag goes into the system prompt: any other text
// could carry instructions to the model.
std::string_view languageOf(const TurnInput& input) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  };
  const std::string_view language = input.userLanguage;
  const bool isTag = !language.empty() && language.size() <= kMaxLanguage &&
                     std::all_of(language.begin(), language.end(), fits);
  return isTag ? language : "en";
}

std::string systemPrompt(const OpenAiOptions& options, const TurnInput& input) {
  std::string text = options.systemPrompt;
  const std::string_view language = languageOf(input);
  std::size_t mark = text.find(kLanguageMark);
  while (mark != std::string::npos) {
    text.replace(mark, kLanguageMark.size(), language);
    mark = text.find(kLanguageMark, mark + language.size());
  }
  return text;
}

std::string contentOf(const DocumentPart& part) {
  std::string out;
  if (part.kind == DocumentPart::Kind::text) {
    base::JsonObject(out).field("type", "text").field("text", part.content).close();
    return out;
  }
  std::string url;
  base::JsonObject(url).field("url", part.content).close();
  base::JsonObject(out).field("type", "image_url").raw("image_url", url).close();
  return out;
}

std::string contentOf(const ChatMessage& message, std::span<const DocumentPart> documents) {
  if (documents.empty()) return base::jsonString(message.text);
  std::string out = "[";
  for (const DocumentPart& part : documents) out += contentOf(part) + ',';
  out += contentOf({.kind = DocumentPart::Kind::text, .content = message.text});
  return out + ']';
}

std::string messagesJson(std::span<const ChatMessage> messages,
                         std::span<const DocumentPart> documents) {
  std::string out = "[";
  for (const ChatMessage& message : messages) {
    if (out.size() > 1) out += ',';
    const bool isNewest = &message == &messages.back();
    const auto itsDocuments = isNewest ? documents : std::span<const DocumentPart>();
    base::JsonObject(out)
        .field("role", message.role)
        .raw("content", contentOf(message, itsDocuments))
        .close();
  }
  return out + ']';
}

bool isIn(RequestMember member, RequestMembers members) {
  return members.test(static_cast<std::size_t>(member));
}

}  // namespace

std::string_view nameOf(RequestMember member) {
  return member == RequestMember::temperature ? "temperature" : "stream_options";
}

std::string beginBody(const OpenAiOptions& options, const TurnInput& input,
                      std::span<const Item> history, std::span<const DocumentPart> documents) {
  std::vector<ChatMessage> messages;
  if (!options.systemPrompt.empty()) messages.push_back({"system", systemPrompt(options, input)});
  for (ChatMessage& message : historyOf(history, historyLimits(options))) {
    messages.push_back(std::move(message));
  }
  messages.push_back({"user", input.prompt});
  messages = joinedByRole(std::move(messages));

  std::string out;
  base::JsonObject(out)
      .field("model", options.model)
      .raw("messages", messagesJson(messages, documents))
      .field("stream", true);
  return out;
}

std::string completeBody(std::string_view begun, const OpenAiOptions& options,
                         RequestMembers leftOut) {
  std::string body(begun);
  if (options.temperature && !isIn(RequestMember::temperature, leftOut)) {
    body += R"(,"temperature":)";
    base::appendJsonNumber(body, *options.temperature);
  }
  if (!isIn(RequestMember::streamOptions, leftOut)) {
    body += R"(,"stream_options":{"include_usage":true})";
  }
  return body += '}';
}

}  // namespace chatbot::openai
