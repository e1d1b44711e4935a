#include "query/value.h"

#include <limits>
#include <type_traits>

namespace chatbot::query {
namespace {

std::weak_ordering compareReals(double left, double right) noexcept {
  if (left < right) return std::weak_ordering::less;
  return left > right ? std::weak_ordering::greater : std::weak_ordering::equivalent;
}

// A double cannot hold every integer, so the integer is never made one: the real's whole part is
// compared first, then its fraction.
std::weak_ordering compareNumbers(std::int64_t left, double right) noexcept {
  constexpr double kBeyond = 0x1p63;
  if (right >= kBeyond) return std::weak_ordering::less;
  if (right < -kBeyond) return std::weak_ordering::greater;
  const auto whole = static_cast<std::int64_t>(right);
  if (left != whole) return left <=> whole;
  return compareReals(static_cast<double>(whole), right);
}

std::weak_ordering reversed(std::weak_ordering order) noexcept {
  if (std::is_lt(order)) return std::weak_ordering::greater;
  return std::is_gt(order) ? std::weak_ordering::less : order;
}

struct Comparison {
  std::weak_ordering operator()(std::int64_t left, std::int64_t right) const noexcept {
    return left <=> right;
  }
  std::weak_ordering operator()(double left, double right) const noexcept {
    return compareReals(left, right);
  }
  std::weak_ordering operator()(std::int64_t left, double right) const noexcept {
    return compareNumbers(left, right);
  }
  std::weak_ordering operator()(double left, std::int64_t right) const noexcept {
    return reversed(compareNumbers(right, left));
  }
  std::weak_ordering operator()(std::string_view left, std::string_view right) const noexcept {
    return left <=> right;
  }
  // Values of different kinds: null, number and text, in this order.
  template <typename Left, typename Right>
  std::weak_ordering operator()(const Left&, const Right&) const noexcept {
    return kind<Left>() <=> kind<Right>();
  }

  template <typename T>
  static constexpr int kind() noexcept {
    if (std::is_same_v<T, std::monostate>) return 0;
    return std::is_same_v<T, std::string_view> ? 2 : 1;
  }
};

Value readNumber(const base::Json& json) {
  if (json.is_number_float()) return json.get<double>();
  const bool isBeyond =
      json.is_number_unsigned() &&
      json.get<std::uint64_t>() > std::uint64_t{std::numeric_limits<std::int64_t>::max()};
  if (isBeyond) return json.get<double>();
  return json.get<std::int64_t>();
}

}  // namespace

std::optional<Value> readValue(const base::Json& json, FieldType type) {
  if (json.is_null()) return Value{};
  if (type == FieldType::text) {
    if (!json.is_string()) return std::nullopt;
    return std::string_view(json.get_ref<const std::string&>());
  }
  if (!json.is_number()) return std::nullopt;
  return readNumber(json);
}

std::string_view nameOf(FieldType type) noexcept {
  return type == FieldType::text ? "text" : "a number";
}

Value borrow(const SqlValue& value) {
  return std::visit([](const auto& known) -> Value { return known; }, value);
}

SqlValue own(const Value& value) {
  return std::visit(
      [](const auto& known) -> SqlValue {
        if constexpr (std::is_same_v<std::decay_t<decltype(known)>, std::string_view>) {
          return std::string(known);
        } else {
          return known;
        }
      },
      value);
}

std::weak_ordering compare(const Value& left, const Value& right) {
  return std::visit(Comparison{}, left, right);
}

}  // namespace chatbot::query
