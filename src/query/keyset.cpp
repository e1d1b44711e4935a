#include "query/keyset.h"

#include <fmt/format.h>

namespace chatbot::query {
namespace {

// Rows whose key comes after a value, in SQL. `orEqual` is "=" for those that have the value too.
std::string follows(const SortKey& key, std::string_view orEqual) {
  const std::string& column = key.field.column;
  const char sign = key.descending ? '<' : '>';
  if (!key.field.nullable) return fmt::format("{} {}{} ?", column, sign, orEqual);
  return fmt::format("({0} {1}{2} ? OR {0} IS NULL)", column, sign, orEqual);
}

}  // namespace

std::weak_ordering compareFor(const SortKey& key, const Value& left, const Value& right) {
  if (isNull(left) || isNull(right)) return isNull(left) <=> isNull(right);
  return key.descending ? compare(right, left) : compare(left, right);
}

// The bound on the first key alone comes first in the condition: an index is entered there.
SqlCondition rowsAfter(std::span<const SortKey> keys, std::span<const SqlValue> values) {
  const SortKey& key = keys.front();
  const SqlValue& value = values.front();
  if (keys.size() == 1) return {follows(key, ""), {value}};
  SqlCondition rest = rowsAfter(keys.subspan(1), values.subspan(1));
  if (isNull(borrow(value))) {
    return {fmt::format("({} IS NULL AND {})", key.field.column, rest.text),
            std::move(rest.values)};
  }
  SqlCondition after{
      fmt::format("({} AND ({} OR {}))", follows(key, "="), follows(key, ""), rest.text),
      {value, value}};
  std::move(rest.values.begin(), rest.values.end(), std::back_inserter(after.values));
  return after;
}

}  // namespace chatbot::query
