#include "store/search/message_words.h"

#include <fmt/format.h>

#include <optional>

#include "base/encoding.h"
#include "base/json_input.h"
#include "base/message.h"
#include "base/text.h"
#include "base/text_key.h"
#include "base/word_split.h"

namespace chatbot::store {
namespace {

// A word for the tenant, and one for the user in it. Letters that are no hexadecimal digits begin
// and end them, so that none is the beginning, the end or a part of another.
std::string mandateWord(std::string_view mandateId) { return "m" + base::toHex(mandateId) + "z"; }

std::string userWord(std::string_view mandateId, std::string_view userId) {
  return "u" + base::toHex(base::ownerKey(mandateId, userId)) + "z";
}

// The text of the message in a chat item's JSON. SQLite's own JSON functions end a text at a NUL.
std::string textOf(std::string_view itemJson) {
  const std::optional<base::Json> item = base::parseJson(itemJson);
  if (!item || !item->is_object()) return {};
  const base::Json& content = base::memberOf(*item, "item");
  if (!content.is_object()) return {};
  const base::Json& text = base::memberOf(content, "message");
  if (!text.is_string()) return {};
  const auto& whole = text.get_ref<const std::string&>();
  return whole.substr(0, base::bytesOfWhole(std::string_view(whole).substr(0, kMaxMessageBytes)));
}

std::string wordsOf(std::string_view text) {
  const std::string folded = base::foldForms(text);
  base::WordSplit words(folded);
  std::string joined;
  for (auto word = words.next(); word; word = words.next()) {
    if (!joined.empty()) joined += ' ';
    joined += word->text;
  }
  return joined;
}

}  // namespace

std::string wordsOfItem(std::string_view itemJson) { return wordsOf(textOf(itemJson)); }

std::string ownerWords(std::string_view mandateId, std::string_view userId) {
  return mandateWord(mandateId) + " " + userWord(mandateId, userId);
}

std::string ownerIn(const Scope& scope) {
  if (scope.level() == Level::my) return userWord(scope.mandateId(), scope.userId());
  if (scope.level() == Level::group) return mandateWord(scope.mandateId());
  return {};
}

database::Phrase phraseOf(std::string_view text) {
  const std::string folded = base::foldForms(text);
  base::WordSplit words(folded);
  database::Phrase phrase;
  for (auto word = words.next(); word; word = words.next()) {
    if (phrase.words.size() == database::kMaxSearchWords) {
      base::refuse("filters.search must be at most {} words where messages are searched",
                   database::kMaxSearchWords);
    }
    phrase.words.emplace_back(word->text);
    phrase.mayGoOn = !word->isSingle && base::countCodePoints(word->text) > 1;
  }
  return phrase;
}

}  // namespace chatbot::store
