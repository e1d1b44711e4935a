// What is PostgreSQL's own beside its driver.
#pragma once

#include "database/dialect.h"

namespace chatbot::database {

const Dialect& postgresDialect() noexcept;

}  // namespace chatbot::database
