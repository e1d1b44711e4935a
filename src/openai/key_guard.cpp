#include "openai/key_guard.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"

namespace chatbot::openai {
namespace {

// The characters that stand for the key alone where `before` bytes stand before it: a character is
// six bits.
std::string base64Within(std::string_view key, std::size_t before) {
  const std::size_t first = (before * 8 + 5) / 6;
  const std::size_t end = (before + key.size()) * 8 / 6;
  return base::toBase64(std::string(before, '\0').append(key)).substr(first, end - first);
}

bool holdsAny(std::string_view text, const std::vector<std::string>& parts) {
  return std::ranges::any_of(
      parts, [&](const std::string& part) { return text.find(part) != std::string_view::npos; });
}

}  // namespace

KeyGuard::KeyGuard(std::string_view key) {
  if (key.empty()) return;
  folded_ = {base::foldCase(key), base::toHex(key)};
  for (std::size_t before = 0; before < 3; ++before) {
    std::string form = base64Within(key, before);
    if (form.empty()) continue;  // of a key of one byte
    exact_.push_back(form);
    std::ranges::replace(form, '+', '-');
    std::ranges::replace(form, '/', '_');
    exact_.push_back(form);
  }
}

std::string KeyGuard::safe(std::string text) const {
  const std::string decoded = base::percentDecoded(text);
  const bool holdsKey = holdsAny(base::foldCase(decoded), folded_) || holdsAny(decoded, exact_);
  if (holdsKey) return "***";
  return text;
}

}  // namespace chatbot::openai
