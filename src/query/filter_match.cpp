#include <algorithm>
#include <compare>

#include "base/text_match.h"
#include "query/filter.h"

namespace chatbot::query {
namespace {

bool isListed(const std::vector<SqlValue>& values, const Value& value) {
  const auto before = [](const Value& left, const Value& right) {
    return std::is_lt(compare(left, right));
  };
  return std::ranges::binary_search(values, value, before, borrow);
}

// An order or a match of text, for which null never holds.
bool holds(Operator operation, const Value& value, const Value& asked) {
  const std::weak_ordering order = compare(value, asked);
  switch (operation) {
    case Operator::contains:
      return base::containsFolded(std::get<std::string_view>(value),
                                  std::get<std::string_view>(asked));
    case Operator::startsWith:
      return base::startsWithFolded(std::get<std::string_view>(value),
                                    std::get<std::string_view>(asked));
    case Operator::endsWith:
      return base::endsWithFolded(std::get<std::string_view>(value),
                                  std::get<std::string_view>(asked));
    case Operator::greater:
      return std::is_gt(order);
    case Operator::greaterOrEqual:
      return std::is_gteq(order);
    case Operator::less:
      return std::is_lt(order);
    case Operator::lessOrEqual:
      return std::is_lteq(order);
    default:
      return false;
  }
}

}  // namespace

bool matches(const Filter& filter, const Value& value) {
  switch (filter.operation) {
    case Operator::equals:
      return std::is_eq(compare(value, borrow(filter.values.front())));
    case Operator::notEquals:
      return std::is_neq(compare(value, borrow(filter.values.front())));
    case Operator::in:
      return isListed(filter.values, value);
    case Operator::notIn:
      return !isListed(filter.values, value);
    case Operator::isNull:
      return isNull(value);
    case Operator::isNotNull:
      return !isNull(value);
    default:
      return !isNull(value) && holds(filter.operation, value, borrow(filter.values.front()));
  }
}

}  // namespace chatbot::query
