// The store's statements as PostgreSQL reads them.
#pragma once

#include <string>
#include <string_view>

namespace chatbot::database {

// `$1`, `$2` … stand where `?` did, but for those in quotation marks. Conditions that ignore case
// look at what is stored folded (see store/folded.h).
std::string toPostgres(std::string_view sql);

}  // namespace chatbot::database
