// SHA-256 (FIPS 180-4), by libcrypto.
#pragma once

#include <string>
#include <string_view>

namespace chatbot::base {

// 64 hexadecimal digits. Throws std::bad_alloc where there is no memory.
std::string sha256(std::string_view text);

}  // namespace chatbot::base
