// The in-memory evaluator.
#include <algorithm>
#include <compare>
#include <functional>
#include <span>
#include <utility>

#include "chatbot/query.h"
#include "model/json_member.h"
#include "model/refuse.h"
#include "query/filter.h"
#include "query/json_list.h"

namespace chatbot {
namespace {

using Places = std::vector<std::size_t>;

// The value of a row that was checked.
Value valueOf(const Json& row, const Field& field) {
  const Value value = *readValue(memberOf(row, field.name), field.type);
  return isNull(value) ? borrow(field.ifNull) : value;
}

void checkRow(const Json& row, std::size_t place, const Schema& schema) {
  if (!row.is_object()) refuse("rows[{}] must be an object", place);
  for (const Field& field : schema) {
    if (readValue(memberOf(row, field.name), field.type)) continue;
    refuse("rows[{}].{} must be {} or null", place, field.name, nameOf(field.type));
  }
}

Json parseRows(std::string_view json, const Schema& schema) {
  std::optional<Json> rows = parseJson(json);
  if (!rows) refuse("rows must be valid JSON");
  if (!rows->is_array()) refuse("rows must be a list");
  for (std::size_t place = 0; place < rows->size(); ++place) {
    checkRow((*rows)[place], place, schema);
  }
  return *std::move(rows);
}

void refuseMessagesIn(const Filters& filters) {
  for (const auto& filter : filters) {
    if (filter->inMessages) refuseMessages();
  }
}

bool fits(const Json& row, const Filters& filters) {
  return std::ranges::all_of(filters, [&](const auto& filter) {
    return std::ranges::any_of(
        filter->fields, [&](const Field& field) { return matches(*filter, valueOf(row, field)); });
  });
}

Places placesThatFit(const Json& rows, const Filters& filters) {
  Places places;
  for (std::size_t place = 0; place < rows.size(); ++place) {
    if (fits(rows[place], filters)) places.push_back(place);
  }
  return places;
}

// Null is last in either direction.
std::weak_ordering compareFor(const SortKey& key, const Value& left, const Value& right) {
  if (isNull(left) || isNull(right)) return isNull(left) <=> isNull(right);
  return key.descending ? compare(right, left) : compare(left, right);
}

class RowOrder {
 public:
  RowOrder(const Json& rows, const Places& places, std::vector<SortKey> keys)
      : keys_(std::move(keys)), values_(rows.size() * keys_.size()) {
    for (const std::size_t place : places) {
      for (std::size_t i = 0; i < keys_.size(); ++i) {
        values_[place * keys_.size() + i] = valueOf(rows[place], keys_[i].field);
      }
    }
  }

  bool operator()(std::size_t left, std::size_t right) const {
    const Value* leftValues = &values_[left * keys_.size()];
    const Value* rightValues = &values_[right * keys_.size()];
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      const std::weak_ordering order = compareFor(keys_[i], leftValues[i], rightValues[i]);
      if (std::is_neq(order)) return std::is_lt(order);
    }
    return false;
  }

 private:
  std::vector<SortKey> keys_;
  std::vector<Value> values_;  // for each row, one for each key
};

// The part of `places` that is on the page.
std::span<const std::size_t> onPage(const Places& places, const PageQuery& query) {
  const auto total = static_cast<std::int64_t>(places.size());
  const std::int64_t first = std::min(query.offset(), total);
  const std::int64_t count = std::min(query.pageSize(), total - first);
  return std::span(places).subspan(static_cast<std::size_t>(first),
                                   static_cast<std::size_t>(count));
}

}  // namespace

std::string select(std::string_view rowsJson, const Schema& schema, std::string_view paramsJson) {
  const PageQuery query = PageQuery::parse(paramsJson, schema);
  refuseMessagesIn(query.filters_);
  const Json rows = parseRows(rowsJson, schema);
  Places places = placesThatFit(rows, query.filters_);
  if (query.hasSort()) {
    const RowOrder order(rows, places, query.withTieBreak(query.sort_));
    std::ranges::stable_sort(places, std::cref(order));
  }

  const std::vector<std::string_view> texts = splitList(rowsJson);
  std::string out = "{\"items\":[";
  for (const std::size_t place : onPage(places, query)) {
    if (out.back() != '[') out += ',';
    out += texts[place];
  }
  out += "],\"pagination\":";
  out += paginationJson(query, static_cast<std::int64_t>(places.size()));
  return out + "}";
}

}  // namespace chatbot
