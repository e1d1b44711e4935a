#include <doctest/doctest.h>

#include "database/postgres/dialect.h"

using chatbot::database::toPostgres;

TEST_CASE("each value has its number, but for marks in quotation marks") {
  CHECK(toPostgres("SELECT 1") == "SELECT 1");
  CHECK(toPostgres("a = ? AND b IN (?, ?)") == "a = $1 AND b IN ($2, $3)");
  CHECK(toPostgres("a = '?' AND b = ? AND c = 'it''s ?'") ==
        "a = '?' AND b = $1 AND c = 'it''s ?'");
}
