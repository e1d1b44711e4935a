#include "database/postgres/translation.h"

#include <doctest/doctest.h>

using chatbot::database::toPostgres;

TEST_CASE("each value has its number, but for marks in quotation marks") {
  CHECK(toPostgres("SELECT 1") == "SELECT 1");
  CHECK(toPostgres("a = ? AND b IN (?, ?)") == "a = $1 AND b IN ($2, $3)");
  CHECK(toPostgres("a = '?' AND b = ? AND c = 'it''s ?'") ==
        "a = '?' AND b = $1 AND c = 'it''s ?'");
}

TEST_CASE("conditions that ignore case look at what is stored folded") {
  CHECK(toPostgres("(chatbot_contains(name, ?) OR chatbot_ends_with(createdBy, ?))") ==
        "(chatbot_contains(coalesce(nameFolded, name), $1) OR "
        "chatbot_ends_with(coalesce(createdByFolded, createdBy), $2))");
  CHECK(toPostgres("chatbot_starts_with(status, ?)") == "chatbot_starts_with(status, $1)");
  CHECK(toPostgres("name = 'chatbot_contains(id, ?)'") == "name = 'chatbot_contains(id, ?)'");
}
