// What is SQLite's own beside its driver.
#pragma once

#include "store/dialect.h"

namespace chatbot::store {

const Dialect& sqliteDialect() noexcept;

}  // namespace chatbot::store
