// PostgreSQL's answers: rows in binary form, and errors.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "database/driver.h"
#include "database/postgres/server.h"

namespace chatbot::database {

// The rows of a result.
class PostgresCursor final : public Cursor {
 public:
  explicit PostgresCursor(PostgresResult result)
      : result_(std::move(result)), rows_(PQntuples(result_.get())) {}

  bool next() override { return ++row_ < rows_; }

  std::int64_t integer(int column) const override;
  double real(int column) const override;
  std::string_view text(int column) const override;
  bool isNull(int column) const override;

 private:
  const PostgresResult result_;
  const int rows_;
  int row_ = -1;
};

// Whether the server has ended the connection with this failure, or can do nothing more for it.
bool endsConnection(std::string_view sqlState) noexcept;

inline constexpr std::string_view kConnectionLost = "08006";

// Throws Error (unavailable, internal), UndoneError or std::bad_alloc for the failure's SQLSTATE
// (PostgreSQL's manual, appendix A).
[[noreturn]] void throwForState(std::string_view sqlState);

std::string_view sqlStateOf(const PGresult* result) noexcept;

}  // namespace chatbot::database
