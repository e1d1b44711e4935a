#include "query/cursor.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <new>

#include "base/encoding.h"
#include "base/json_input.h"
#include "base/message.h"
#include "query/value.h"

namespace chatbot::query {
namespace {

constexpr std::size_t kTagBytes = 16;

// With its length before it, so that no two lists of texts look the same.
void addTo(std::string& message, std::string_view text) {
  const std::uint64_t size = text.size();
  for (int shift = 0; shift < 64; shift += 8) message += static_cast<char>(size >> shift);
  message += text;
}

base::Json toJson(const SqlValue& value) {
  return std::visit(
      [](const auto& known) -> base::Json {
        if constexpr (std::is_same_v<std::decay_t<decltype(known)>, std::monostate>) {
          return nullptr;
        } else {
          return known;
        }
      },
      value);
}

std::int64_t hourOf(double seconds) { return static_cast<std::int64_t>(seconds / 3600); }

[[noreturn]] void refuseForeign() {
  base::refuse("cursor: it was not made for this caller, sort and filters");
}

// The position in a payload whose tag was right; a newer version of the fields may not fit.
CursorPosition read(const base::Json& payload, std::span<const SortKey> keys) {
  const base::Json& values = payload.at(2);
  if (values.size() != keys.size()) refuseForeign();
  CursorPosition position{.values = {}, .page = payload.at(1).get<std::int64_t>()};
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::optional<Value> value = readValue(values[i], keys[i].field.type);
    if (!value) refuseForeign();
    position.values.push_back(own(*value));
  }
  return position;
}

}  // namespace

// 256 bits.
std::string newSecret(Environment& environment) {
  std::string secret;
  for (int i = 0; i < 4; ++i) secret += fmt::format("{:016x}", environment.random());
  return secret;
}

std::string CursorSigner::tag(Binding binding, std::string_view payload) const {
  std::string message;
  for (const std::string_view text : binding) addTo(message, text);
  addTo(message, payload);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  const auto* made = HMAC(EVP_sha256(), secret_.data(), static_cast<int>(secret_.size()),
                          reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                          digest.data(), nullptr);
  if (made == nullptr) throw std::bad_alloc();
  return {reinterpret_cast<const char*>(digest.data()), kTagBytes};
}

std::string CursorSigner::sign(const CursorPosition& position, Binding binding, double now) const {
  base::Json values = base::Json::array();
  for (const SqlValue& value : position.values) values.push_back(toJson(value));
  const std::string payload =
      base::Json::array({hourOf(now), position.page, std::move(values)}).dump();
  return base::toBase64Url(tag(binding, payload) + payload);
}

CursorPosition CursorSigner::open(std::string_view cursor, Binding binding,
                                  std::span<const SortKey> keys, double now) const {
  const std::string bytes = base::fromBase64Url(cursor);
  if (bytes.size() <= kTagBytes) refuseForeign();
  const std::string_view payload = std::string_view(bytes).substr(kTagBytes);
  if (CRYPTO_memcmp(tag(binding, payload).data(), bytes.data(), kTagBytes) != 0) refuseForeign();
  const std::optional<base::Json> parsed = base::parseJson(payload);
  if (!parsed) refuseForeign();
  const auto madeIn = parsed->at(0).get<std::int64_t>();
  if (hourOf(now) - madeIn > kLifetimeHours) base::refuse("cursor: it is older than a day");
  return read(*parsed, keys);
}

}  // namespace chatbot::query
