// SQLite's dialect.
#pragma once

#include "database/dialect.h"

namespace chatbot::database {

const Dialect& sqliteDialect() noexcept;

}  // namespace chatbot::database
