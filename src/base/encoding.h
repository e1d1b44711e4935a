// Bytes as text: hexadecimal digits, base64 (RFC 4648), percent-encoding (RFC 3986), and digests.
#pragma once

#include <string>
#include <string_view>

namespace chatbot::base {

// Two lower-case digits for each byte.
std::string toHex(std::string_view bytes);

// With padding, section 4. At most 2^30 bytes.
std::string toBase64(std::string_view bytes);

// For URLs and without padding, section 5. At most 2^30 bytes.
std::string toBase64Url(std::string_view bytes);

// The bytes that toBase64Url makes this text of; empty where it makes it of none.
std::string fromBase64Url(std::string_view text);

// `text` with the byte for each `%XX`, and with `plus` for each `+`. Other uses of `%` stay.
std::string percentDecoded(std::string_view text, char plus = '+');

// SHA-256 (FIPS 180-4), by libcrypto: 64 hexadecimal digits. Throws std::bad_alloc where there is
// no memory.
std::string sha256(std::string_view text);

}  // namespace chatbot::base
