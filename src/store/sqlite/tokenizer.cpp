#include "store/sqlite/tokenizer.h"

#include <sqlite3.h>

#include <algorithm>
#include <exception>
#include <string>
#include <string_view>

#include "model/text.h"
#include "model/word_split.h"

namespace chatbot::store {
namespace {

using OnToken = int (*)(void* context, int flags, const char* token, int size, int start, int end);

struct Receiver {
  OnToken call;
  void* context;
  int bytes;  // of the text, which no place may be beyond

  int operator()(std::string_view token, std::size_t start) const {
    const auto size = static_cast<int>(token.size());
    const int from = std::min(static_cast<int>(start), bytes);
    return call(context, 0, token.data(), size, from, std::min(from + size, bytes));
  }
};

int splitText(std::string_view text, const Receiver& receive) {
  const std::string folded = foldForms(text);
  WordSplit words(folded);
  int result = SQLITE_OK;
  for (auto word = words.next(); word && result == SQLITE_OK; word = words.next()) {
    result = receive(word->text, static_cast<std::size_t>(word->text.data() - folded.data()));
  }
  return result;
}

int splitQuery(std::string_view query, const Receiver& receive) {
  std::size_t start = 0;
  int result = SQLITE_OK;
  while (start < query.size() && result == SQLITE_OK) {
    const std::size_t end = std::min(query.find(' ', start), query.size());
    if (end > start) result = receive(query.substr(start, end - start), start);
    start = end + 1;
  }
  return result;
}

// The tokenizer has no state; FTS5 only wants to be given something that is not null.
int create(void*, const char**, int, Fts5Tokenizer** out) noexcept {
  static char nothing = 0;
  *out = reinterpret_cast<Fts5Tokenizer*>(&nothing);
  return SQLITE_OK;
}

void destroy(Fts5Tokenizer*) noexcept {}

int tokenize(Fts5Tokenizer*, void* context, int flags, const char* text, int bytes,
             OnToken onToken) noexcept {
  if (text == nullptr || bytes <= 0) return SQLITE_OK;
  const std::string_view given(text, static_cast<std::size_t>(bytes));
  const Receiver receive{onToken, context, bytes};
  try {
    const bool isQuery = (flags & FTS5_TOKENIZE_QUERY) != 0;
    return isQuery ? splitQuery(given, receive) : splitText(given, receive);
  } catch (const std::exception&) {
    return SQLITE_NOMEM;
  }
}

// Null where this SQLite has no FTS5.
fts5_api* apiOf(sqlite3* database) {
  fts5_api* api = nullptr;
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(database, "SELECT fts5(?1)", -1, &statement, nullptr) == SQLITE_OK) {
    sqlite3_bind_pointer(statement, 1, static_cast<void*>(&api), "fts5_api_ptr", nullptr);
    sqlite3_step(statement);
  }
  sqlite3_finalize(statement);
  return api;
}

}  // namespace

int registerTokenizer(sqlite3* database) {
  fts5_api* api = apiOf(database);
  if (api == nullptr) return SQLITE_ERROR;
  fts5_tokenizer tokenizer{create, destroy, tokenize};
  return api->xCreateTokenizer(api, "chatbot", nullptr, &tokenizer, nullptr);
}

}  // namespace chatbot::store
