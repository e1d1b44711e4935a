#include <algorithm>
#include <limits>
#include <utility>

#include "chatbot/query.h"
#include "model/json_member.h"
#include "model/json_text.h"
#include "model/refuse.h"
#include "query/excerpt.h"
#include "query/filter.h"

namespace chatbot {
namespace {

constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();

// A whole number from 1 to `largest`; `byDefault` where the client gave none.
std::int64_t readCount(const Json& params, const char* name, std::int64_t byDefault,
                       std::int64_t largest) {
  const auto found = params.find(name);
  if (found == params.end()) return byDefault;
  const std::uint64_t count = found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
  const bool isInRange = count >= 1 && count <= static_cast<std::uint64_t>(largest);
  if (!isInRange) refuse("{} must be an integer from 1 to {}", name, largest);
  return static_cast<std::int64_t>(count);
}

bool readDescending(const Json& direction, std::size_t place) {
  if (direction.is_null() || direction == "asc") return false;
  if (direction == "desc") return true;
  refuse("sort[{}].direction must be \"asc\" or \"desc\"", place);
}

SortKey readSortKey(const Json& entry, std::size_t place, const Schema& schema) {
  if (!entry.is_object()) refuse("sort[{}] must be an object", place);
  const Json& name = memberOf(entry, "field");
  if (!name.is_string()) refuse("sort[{}].field must be the name of a field", place);
  const Field* field = findField(schema, name.get_ref<const std::string&>());
  if (field == nullptr) {
    refuse("sort[{}].field: unknown field {}", place, excerpt(name.get_ref<const std::string&>()));
  }
  return {*field, readDescending(memberOf(entry, "direction"), place)};
}

std::vector<SortKey> readSort(const Json& sort, const Schema& schema) {
  std::vector<SortKey> keys;
  if (sort.is_null()) return keys;
  if (!sort.is_array()) refuse("sort must be a list");
  for (const Json& entry : sort) keys.push_back(readSortKey(entry, keys.size(), schema));
  return keys;
}

std::string toJson(const std::vector<SortKey>& keys) {
  std::string out = "[";
  for (const SortKey& key : keys) {
    if (out.size() > 1) out += ',';
    JsonObject(out)
        .field("field", key.field.name)
        .field("direction", key.descending ? "desc" : "asc")
        .close();
  }
  return out + "]";
}

bool names(const std::vector<SortKey>& keys, const std::string& field) {
  return std::ranges::any_of(keys, [&](const SortKey& key) { return key.field.name == field; });
}

// A field decides once: what comes later under its name changes nothing.
std::vector<SortKey> withoutRepetition(const std::vector<SortKey>& keys) {
  std::vector<SortKey> distinct;
  for (const SortKey& key : keys) {
    if (!names(distinct, key.field.name)) distinct.push_back(key);
  }
  return distinct;
}

std::string orderTerm(const SortKey& key) {
  const std::string direction = key.descending ? " DESC" : "";
  if (!key.field.nullable) return key.field.column + direction;
  return fmt::format("{0} IS NULL, {0}{1}", key.field.column, direction);
}

Field idOf(const Schema& schema) {
  const Field* id = findField(schema, "id");
  if (id == nullptr) refuse("schema must have a field named \"id\"");
  return *id;
}

}  // namespace

PageQuery::PageQuery(const Schema& schema) : id_(idOf(schema)) {}

PageQuery PageQuery::parse(std::string_view json, const Schema& schema) {
  const std::optional<Json> params = parseJson(json);
  if (!params) refuse("not valid JSON");
  if (!params->is_object()) refuse("must be an object");

  PageQuery query(schema);
  query.page_ = readCount(*params, "page", 1, kLargest);
  query.pageSize_ = readCount(*params, "pageSize", kDefaultPageSize, kMaxPageSize);
  const std::vector<SortKey> sort = readSort(memberOf(*params, "sort"), schema);
  query.sort_ = withoutRepetition(sort);
  query.sortJson_ = toJson(sort);
  query.filters_ = parseFilters(memberOf(*params, "filters"), schema);
  query.filtersJson_ = memberOf(*params, "filters").dump();
  return query;
}

PageQuery PageQuery::everything(const Schema& schema, std::vector<SortKey> order) {
  PageQuery query(schema);
  query.sort_ = std::move(order);
  return query;
}

std::int64_t PageQuery::offset() const noexcept {
  const std::int64_t pagesBefore = page_ - 1;
  return pagesBefore > kLargest / pageSize_ ? kLargest : pagesBefore * pageSize_;
}

SqlCondition PageQuery::where(const MessagesCondition& messages) const {
  SqlCondition all;
  for (const auto& filter : filters_) {
    SqlCondition one = toSql(*filter, messages);
    if (!all.text.empty()) all.text += " AND ";
    all.text += one.text;
    std::ranges::move(one.values, std::back_inserter(all.values));
  }
  if (all.text.empty()) all.text = "1";
  return all;
}

std::vector<SortKey> PageQuery::withTieBreak(std::vector<SortKey> keys) const {
  if (!names(keys, id_.name)) keys.push_back({id_, false});
  return keys;
}

std::string PageQuery::orderBy(const std::vector<SortKey>& fallback) const {
  std::string order;
  for (const SortKey& key : withTieBreak(hasSort() ? sort_ : fallback)) {
    if (!order.empty()) order += ", ";
    order += orderTerm(key);
  }
  return order;
}

std::string paginationJson(const PageQuery& query, std::int64_t totalItems) {
  const std::int64_t fullPages = totalItems / query.pageSize();
  const bool hasRest = totalItems % query.pageSize() != 0;
  std::string out;
  JsonObject(out)
      .field("currentPage", query.page())
      .field("pageSize", query.pageSize())
      .field("totalItems", totalItems)
      .field("totalPages", fullPages + (hasRest ? 1 : 0))
      .raw("sort", query.sortJson())
      .raw("filters", query.filtersJson())
      .close();
  return out;
}

}  // namespace chatbot
