#include "chatbot/environment.h"

#include <unistd.h>

#include <array>
#include <cmath>
#include <string_view>
#include <system_error>

namespace chatbot {
namespace {

class SystemEnvironment final : public Environment {
 public:
  double wallTime() override {
    using std::chrono::duration_cast;
    const auto sinceEpoch = std::chrono::system_clock::now().time_since_epoch();
    const auto micros = duration_cast<std::chrono::microseconds>(sinceEpoch).count();
    return static_cast<double>(micros) / 1e6;
  }

  Instant now() override { return std::chrono::steady_clock::now(); }

  // The kernel's generator: no state of ours that a fork or a thread could repeat.
  std::uint64_t random() override {
    std::uint64_t value = 0;
    if (getentropy(&value, sizeof value) != 0) {
      throw std::system_error(errno, std::generic_category(), "getentropy");
    }
    return value;
  }

  void waitUntil(std::condition_variable& condition, std::unique_lock<std::mutex>& lock,
                 Instant deadline) override {
    condition.wait_until(lock, deadline);
  }
};

void appendHex(std::string& out, std::uint64_t value, int digits) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) out += kDigits[(value >> shift) & 0xF];
}

bool isHexDigit(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

}  // namespace

std::shared_ptr<Environment> systemEnvironment() { return std::make_shared<SystemEnvironment>(); }

// RFC 9562, section 6.2, method 3: the twelve bits after the version hold the fraction of the
// millisecond, so that ids made within one sort by time too.
std::string newId(Environment& environment) {
  const double millis = environment.wallTime() * 1e3;
  const auto whole = static_cast<std::uint64_t>(millis);
  const auto fraction = static_cast<std::uint64_t>((millis - std::floor(millis)) * 4096);
  const std::uint64_t random = environment.random();
  constexpr std::uint64_t kVersion = 0x7000;
  constexpr std::uint64_t kVariant = 0x8000;

  std::string id;
  id.reserve(36);
  appendHex(id, whole >> 16, 8);
  id += '-';
  appendHex(id, whole & 0xFFFF, 4);
  id += '-';
  appendHex(id, kVersion | (fraction & 0xFFF), 4);
  id += '-';
  appendHex(id, kVariant | ((random >> 48) & 0x3FFF), 4);
  id += '-';
  appendHex(id, random & 0xFFFF'FFFF'FFFF, 12);
  return id;
}

bool isId(std::string_view text) noexcept {
  constexpr std::string_view kForm = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  if (text.size() != kForm.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool fits = kForm[i] == '-' ? text[i] == '-' : isHexDigit(text[i]);
    if (!fits) return false;
  }
  return true;
}

}  // namespace chatbot
