// The marks of values in a statement, as PostgreSQL writes them.
#pragma once

#include <string>
#include <string_view>

namespace chatbot::database {

// `$1`, `$2` … stand where `?` did, but for those in quotation marks.
std::string toPostgres(std::string_view sql);

}  // namespace chatbot::database
