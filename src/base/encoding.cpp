#include "base/encoding.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <new>
#include <optional>

namespace chatbot::base {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

const unsigned char* bytesOf(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* bytesOf(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

int hexValue(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<char> escapedByte(std::string_view text) noexcept {
  if (text.size() < 3 || text[0] != '%') return std::nullopt;
  const int high = hexValue(text[1]);
  const int low = hexValue(text[2]);
  if (high < 0 || low < 0) return std::nullopt;
  return static_cast<char>(high * 16 + low);
}

}  // namespace

std::string toHex(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::string toBase64(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');  // with the NUL that OpenSSL writes
  const int size = EVP_EncodeBlock(bytesOf(text), bytesOf(bytes), static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

std::string toBase64Url(std::string_view bytes) {
  std::string text = toBase64(bytes);
  text.erase(std::ranges::find(text, '='), text.end());
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

std::string fromBase64Url(std::string_view given) {
  std::string text(given);
  if (text.find_first_of("+/=") != std::string::npos) return {};
  std::ranges::replace(text, '-', '+');
  std::ranges::replace(text, '_', '/');
  const std::size_t padding = (4 - text.size() % 4) % 4;
  text.append(padding, '=');
  std::string bytes(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(bytesOf(bytes), bytesOf(text), static_cast<int>(text.size()));
  if (size < 0 || padding > 2) return {};
  bytes.resize(static_cast<std::size_t>(size) - padding);
  // One text for each sequence of bytes: bits that no byte uses must be 0.
  return toBase64Url(bytes) == given ? bytes : std::string();
}

std::string percentDecoded(std::string_view text, char plus) {
  std::string out;
  while (!text.empty()) {
    const std::optional<char> byte = escapedByte(text);
    out += byte ? *byte : (text[0] == '+' ? plus : text[0]);
    text.remove_prefix(byte ? 3 : 1);
  }
  return out;
}

std::string sha256(std::string_view text) {
  std::array<char, EVP_MAX_MD_SIZE> digest = {};
  unsigned int size = 0;
  auto* const bytes = reinterpret_cast<unsigned char*>(digest.data());
  if (EVP_Digest(text.data(), text.size(), bytes, &size, EVP_sha256(), nullptr) != 1) {
    throw std::bad_alloc();
  }
  return toHex({digest.data(), size});
}

}  // namespace chatbot::base
