#include "database/postgres/result.h"

#include <bit>
#include <new>

namespace chatbot::database {
namespace {

Error unavailable(const char* message, int retryAfter) {
  return Error(ErrorCode::unavailable, message).withRetryAfter(retryAfter);
}

// PostgreSQL sends integers in network byte order, in two, four or eight bytes, and booleans in
// one.
std::int64_t readInteger(std::string_view bytes) noexcept {
  if (bytes.empty()) return 0;
  const bool isNegative = (static_cast<unsigned char>(bytes.front()) & 0x80U) != 0;
  std::uint64_t number = isNegative ? ~std::uint64_t{0} : 0;
  for (const char byte : bytes) number = (number << 8U) | static_cast<unsigned char>(byte);
  return static_cast<std::int64_t>(number);
}

}  // namespace

std::string_view PostgresCursor::text(int column) const {
  const int size = PQgetlength(result_.get(), row_, column);
  return {PQgetvalue(result_.get(), row_, column), static_cast<std::size_t>(size)};
}

std::int64_t PostgresCursor::integer(int column) const { return readInteger(text(column)); }

double PostgresCursor::real(int column) const { return std::bit_cast<double>(integer(column)); }

bool PostgresCursor::isNull(int column) const {
  return PQgetisnull(result_.get(), row_, column) == 1;
}

std::string_view sqlStateOf(const PGresult* result) noexcept {
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  return state == nullptr ? std::string_view() : state;
}

// Class 08: connections; 57P: the server goes down, or comes up; 25006: it has become a replica.
bool endsConnection(std::string_view sqlState) noexcept {
  return sqlState.empty() || sqlState.starts_with("08") || sqlState.starts_with("57P") ||
         sqlState.starts_with("25P03") || sqlState == "25006";
}

void throwForState(std::string_view sqlState) {
  if (endsConnection(sqlState)) throw UndoneError(unreachable());
  if (sqlState == "53300") throw unreachable();
  if (sqlState == "53100") throw FullError(unavailable("The store is full", 60));
  if (sqlState == "53200") throw std::bad_alloc();
  const bool isConflict = sqlState == "40001" || sqlState == "40P01";
  if (isConflict) throw UndoneError(unavailable("The store is busy", 1));
  if (sqlState == "55P03" || sqlState == "57014") throw unavailable("The store is busy", 1);
  throw Error(ErrorCode::internal, "The store has failed");
}

}  // namespace chatbot::database
