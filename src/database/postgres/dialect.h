// PostgreSQL's dialect: its SQL, its marks of values, and its full-text index.
#pragma once

#include <string>
#include <string_view>

#include "database/dialect.h"

namespace chatbot::database {

const Dialect& postgresDialect() noexcept;

// Returns the statement with `$1`, `$2` … in place of each `?` that is not in quotation marks.
std::string toPostgres(std::string_view sql);

}  // namespace chatbot::database
