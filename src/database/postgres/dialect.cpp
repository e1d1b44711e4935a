#include "database/postgres/dialect.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <span>
#include <unordered_map>
#include <vector>

namespace chatbot::database {
namespace {

// A tsvector knows no place beyond 16,383, and 256 places of a word (PostgreSQL's manual, section
// 12.11). A long message is kept in parts; each begins with the end of the one before, so that no
// phrase is cut.
constexpr std::size_t kWordsOfPart = 16'000;
constexpr std::size_t kPlacesOfWord = 255;
constexpr std::size_t kOverlap = kMaxSearchWords;

std::vector<std::string_view> split(std::string_view words) {
  std::vector<std::string_view> out;
  while (!words.empty()) {
    const std::size_t end = std::min(words.find(' '), words.size());
    out.push_back(words.substr(0, end));
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return out;
}

std::size_t sizeOfPart(std::span<const std::string_view> words) {
  std::unordered_map<std::string_view, std::size_t> places;
  std::size_t size = 0;
  while (size < std::min(kWordsOfPart, words.size()) && ++places[words[size]] <= kPlacesOfWord) {
    ++size;
  }
  return size;
}

// Writes the text form of a tsvector: each word in quotation marks, with its place. The owner's
// words begin with a sign that no other word has.
std::string partOf(std::span<const std::string_view> words, std::string_view owner) {
  std::string part;
  std::size_t place = 0;
  for (const std::string_view word : words) part += fmt::format("'{}':{} ", word, ++place);
  for (const std::string_view word : split(owner)) part += fmt::format("'={}' ", word);
  return part;
}

// Writes the text form of a tsquery.
std::string queryOf(const Phrase& phrase) {
  std::string query;
  for (const std::string& word : phrase.words) {
    if (!query.empty()) query += " <-> ";
    query += fmt::format("'{}'", word);
  }
  if (phrase.mayGoOn) query += ":*";
  return phrase.owner.empty() ? query : fmt::format("'={}' & ({})", phrase.owner, query);
}

class PostgresWordIndex final : public WordIndex {
 public:
  std::string_view table() const noexcept override {
    return R"sql(
CREATE TABLE message_text (
  id BIGINT NOT NULL,
  part BIGINT NOT NULL,
  words TSVECTOR NOT NULL,
  PRIMARY KEY (id, part)
);
CREATE INDEX message_text_words ON message_text USING gin (words);
)sql";
  }

  void add(Connection& connection, const IndexEntry& entry) const override {
    const std::vector<std::string_view> words = split(entry.text);
    std::int64_t part = 0;
    std::size_t begin = 0;
    do {
      const std::size_t size = sizeOfPart(std::span(words).subspan(begin));
      const std::string vector = partOf(std::span(words).subspan(begin, size), entry.owner);
      connection.run(
          "INSERT INTO message_text (id, part, words) "
          "VALUES (?, ?, CAST(convert_from(?, 'UTF8') AS TSVECTOR))",
          entry.id, part, vector);
      ++part;
      if (begin + size == words.size()) return;
      begin += size - kOverlap;
    } while (true);
  }

  void forget(Connection& connection, const IndexEntry& entry) const override {
    connection.run("DELETE FROM message_text WHERE id = ?", entry.id);
  }

  void clear(Connection& connection) const override { connection.run("DELETE FROM message_text"); }

  SqlCondition idsWith(const Phrase& phrase) const override {
    return {"SELECT id FROM message_text WHERE words @@ CAST(convert_from(?, 'UTF8') AS TSQUERY)",
            {queryOf(phrase)}};
  }
};

constexpr const char* kFunctions = R"sql(
CREATE FUNCTION chatbot_contains(haystack BYTEA, needle BYTEA) RETURNS BOOLEAN
  LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN position(needle IN haystack) > 0;
CREATE FUNCTION chatbot_starts_with(haystack BYTEA, needle BYTEA) RETURNS BOOLEAN
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN substring(haystack FROM 1 FOR length(needle)) = needle;
CREATE FUNCTION chatbot_ends_with(haystack BYTEA, needle BYTEA) RETURNS BOOLEAN
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN length(haystack) >= length(needle)
    AND substring(haystack FROM length(haystack) - length(needle) + 1) = needle;
)sql";

class PostgresDialect final : public Dialect {
 public:
  DatabaseKind kind() const noexcept override { return DatabaseKind::postgres; }
  std::string_view textType() const noexcept override { return "BYTEA"; }
  std::string_view findTable() const noexcept override {
    return "SELECT 1 WHERE to_regclass(convert_from(?, 'UTF8')) IS NOT NULL";
  }
  std::string_view functions() const noexcept override { return kFunctions; }
  std::string_view forUpdate() const noexcept override { return " FOR UPDATE"; }
  std::string_view skipLocked() const noexcept override { return " SKIP LOCKED"; }
  bool countsChanges() const noexcept override { return false; }
  bool hasCheapSavepoints() const noexcept override { return false; }
  bool storesFolded() const noexcept override { return true; }
  const WordIndex& words() const noexcept override {
    static const PostgresWordIndex index;
    return index;
  }
};

}  // namespace

const Dialect& postgresDialect() noexcept {
  static const PostgresDialect dialect;
  return dialect;
}

std::string toPostgres(std::string_view sql) {
  std::string out;
  out.reserve(sql.size() + sql.size() / 8);
  int values = 0;
  bool inQuotes = false;
  for (const char c : sql) {
    if (c == '\'') inQuotes = !inQuotes;
    if (c == '?' && !inQuotes) {
      fmt::format_to(std::back_inserter(out), "${}", ++values);
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace chatbot::database
