// What is PostgreSQL's own beside its driver.
#pragma once

#include "store/dialect.h"

namespace chatbot::store {

const Dialect& postgresDialect() noexcept;

}  // namespace chatbot::store
