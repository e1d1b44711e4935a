// PostgreSQL's dialect.
#pragma once

#include "database/dialect.h"

namespace chatbot::database {

const Dialect& postgresDialect() noexcept;

}  // namespace chatbot::database
