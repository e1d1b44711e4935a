#include "openai/key_guard.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace chatbot::openai {
namespace {

std::string toHex(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return text;
}

std::string toBase64(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');  // with the NUL that OpenSSL writes
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

// The characters that stand for the key alone where `before` bytes stand before it: a character is
// six bits.
std::string base64Within(std::string_view key, std::size_t before) {
  const std::size_t first = (before * 8 + 5) / 6;
  const std::size_t end = (before + key.size()) * 8 / 6;
  return toBase64(std::string(before, '\0').append(key)).substr(first, end - first);
}

std::string percentDecoded(std::string_view text) {
  std::string decoded;
  while (!text.empty()) {
    unsigned byte = 0;
    const char* const end = text.data() + 3;
    const bool isEscape = text.front() == '%' && text.size() >= 3 &&
                          std::from_chars(text.data() + 1, end, byte, 16).ptr == end;
    decoded += isEscape ? static_cast<char>(byte) : text.front();
    text.remove_prefix(isEscape ? 3 : 1);
  }
  return decoded;
}

bool holdsAny(std::string_view text, const std::vector<std::string>& parts) {
  return std::ranges::any_of(
      parts, [&](const std::string& part) { return text.find(part) != std::string_view::npos; });
}

}  // namespace

KeyGuard::KeyGuard(std::string_view key) {
  if (key.empty()) return;
  folded_ = {base::foldCase(key), toHex(key)};
  for (const std::size_t before : {0, 1, 2}) {
    std::string form = base64Within(key, before);
    if (form.empty()) continue;  // of a key of one byte
    exact_.push_back(form);
    std::ranges::replace(form, '+', '-');
    std::ranges::replace(form, '/', '_');
    exact_.push_back(form);
  }
}

std::string KeyGuard::safe(std::string text) const {
  const std::string decoded = percentDecoded(text);
  const bool holdsKey = holdsAny(base::foldCase(decoded), folded_) || holdsAny(decoded, exact_);
  return holdsKey ? "***" : text;
}

}  // namespace chatbot::openai
