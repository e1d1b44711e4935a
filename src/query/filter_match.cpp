#include <algorithm>

#include "query/filter.h"
#include "query/text_match.h"

namespace chatbot {
namespace {

bool isListed(const std::vector<SqlValue>& values, const Value& value) {
  const auto before = [](const Value& left, const Value& right) {
    return compare(left, right) < 0;
  };
  return std::ranges::binary_search(values, value, before, borrow);
}

// An order or a match of text, for which null never holds.
bool holds(Operator operation, const Value& value, const Value& asked) {
  const std::weak_ordering order = compare(value, asked);
  switch (operation) {
    case Operator::contains:
      return containsFolded(std::get<std::string_view>(value), std::get<std::string_view>(asked));
    case Operator::startsWith:
      return startsWithFolded(std::get<std::string_view>(value), std::get<std::string_view>(asked));
    case Operator::endsWith:
      return endsWithFolded(std::get<std::string_view>(value), std::get<std::string_view>(asked));
    case Operator::greater:
      return order > 0;
    case Operator::greaterOrEqual:
      return order >= 0;
    case Operator::less:
      return order < 0;
    case Operator::lessOrEqual:
      return order <= 0;
    default:
      return false;
  }
}

}  // namespace

bool matches(const Filter& filter, const Value& value) {
  switch (filter.operation) {
    case Operator::equals:
      return compare(value, borrow(filter.values.front())) == 0;
    case Operator::notEquals:
      return compare(value, borrow(filter.values.front())) != 0;
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

}  // namespace chatbot
