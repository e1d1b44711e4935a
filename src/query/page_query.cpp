#include <algorithm>
#include <limits>
#include <utility>

#include "base/json_input.h"
#include "base/json_text.h"
#include "base/message.h"
#include "chatbot/query.h"
#include "query/filter.h"
#include "query/row_order.h"

namespace chatbot {
namespace {

constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();

// A whole number from 1 to `largest`; `byDefault` where the client gave none.
std::int64_t readCount(const base::Json& params, const char* name, std::int64_t byDefault,
                       std::int64_t largest) {
  const auto found = params.find(name);
  if (found == params.end()) return byDefault;
  const std::uint64_t count = found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
  const bool isInRange = count >= 1 && count <= static_cast<std::uint64_t>(largest);
  if (!isInRange) base::refuse("{} must be an integer from 1 to {}", name, largest);
  return static_cast<std::int64_t>(count);
}

bool readDescending(const base::Json& direction, std::size_t place) {
  if (direction.is_null() || direction == "asc") return false;
  if (direction == "desc") return true;
  base::refuse("sort[{}].direction must be \"asc\" or \"desc\"", place);
}

SortKey readSortKey(const base::Json& entry, std::size_t place, const Schema& schema) {
  if (!entry.is_object()) base::refuse("sort[{}] must be an object", place);
  const base::Json& name = base::memberOf(entry, "field");
  if (!name.is_string()) base::refuse("sort[{}].field must be the name of a field", place);
  const Field* field = findField(schema, name.get_ref<const std::string&>());
  if (field == nullptr) {
    base::refuse("sort[{}].field: unknown field {}", place,
                 base::excerpt(name.get_ref<const std::string&>()));
  }
  return {*field, readDescending(base::memberOf(entry, "direction"), place)};
}

std::vector<SortKey> readSort(const base::Json& sort, const Schema& schema) {
  std::vector<SortKey> keys;
  if (sort.is_null()) return keys;
  if (!sort.is_array()) base::refuse("sort must be a list");
  for (const base::Json& entry : sort) keys.push_back(readSortKey(entry, keys.size(), schema));
  return keys;
}

std::string toJson(const std::vector<SortKey>& keys) {
  std::string out = "[";
  for (const SortKey& key : keys) {
    if (out.size() > 1) out += ',';
    base::JsonObject(out)
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

std::string orderTerm(const SortKey& key, Direction direction) {
  const bool isBackward = direction == Direction::backward;
  const std::string order = key.descending != isBackward ? " DESC" : "";
  if (!key.field.nullable) return key.field.column + order;
  return fmt::format("{0} IS NULL{1}, {0}{2}", key.field.column, isBackward ? " DESC" : "", order);
}

// Where a client goes on by cursor, the cursor knows which page comes.
std::string readCursor(const base::Json& params) {
  constexpr std::size_t kMaxBytes = 65536;
  const base::Json& cursor = base::memberOf(params, "cursor");
  if (cursor.is_null()) return {};
  if (!cursor.is_string()) base::refuse("cursor must be a string");
  if (params.contains("page")) base::refuse("page and cursor exclude each other");
  const auto& text = cursor.get_ref<const std::string&>();
  if (text.empty() || text.size() > kMaxBytes) {
    base::refuse("cursor must be the nextCursor of an earlier page");
  }
  return text;
}

Field idOf(const Schema& schema) {
  const Field* id = findField(schema, "id");
  if (id == nullptr) base::refuse("schema must have a field named \"id\"");
  return *id;
}

}  // namespace

PageQuery::PageQuery(const Schema& schema) : id_(idOf(schema)) {}

PageQuery PageQuery::parse(std::string_view json, const Schema& schema) {
  const std::optional<base::Json> params = base::parseJson(json);
  if (!params) base::refuse("not valid JSON");
  if (!params->is_object()) base::refuse("must be an object");

  PageQuery query(schema);
  query.page_ = readCount(*params, "page", 1, kLargest);
  query.pageSize_ = readCount(*params, "pageSize", kDefaultPageSize, kMaxPageSize);
  query.cursor_ = readCursor(*params);
  const std::vector<SortKey> sort = readSort(base::memberOf(*params, "sort"), schema);
  query.sort_ = withoutRepetition(sort);
  query.sortJson_ = toJson(sort);
  query.filters_ = query::parseFilters(base::memberOf(*params, "filters"), schema);
  query.filtersJson_ = base::memberOf(*params, "filters").dump();
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

SqlCondition PageQuery::where(const MessagesCondition& messages, Folding folding) const {
  SqlCondition all;
  for (const auto& filter : filters_) {
    SqlCondition one = query::toSql(*filter, messages, folding);
    if (!all.text.empty()) all.text += " AND ";
    all.text += one.text;
    std::ranges::move(one.values, std::back_inserter(all.values));
  }
  if (all.text.empty()) all.text = "TRUE";
  return all;
}

void PageQuery::startAfter(CursorPosition position) {
  page_ = position.page;
  position_ = std::move(position);
}

// The id is unique, so keys after it decide nothing and are left out.
std::vector<SortKey> PageQuery::keys(const std::vector<SortKey>& fallback) const {
  std::vector<SortKey> keys = hasSort() ? sort_ : fallback;
  const auto id = std::ranges::find(keys, id_.name, [](auto& key) { return key.field.name; });
  if (id == keys.end()) {
    keys.push_back({id_, false});
  } else {
    keys.erase(id + 1, keys.end());
  }
  return keys;
}

std::string PageQuery::orderBy(const std::vector<SortKey>& fallback, Direction direction) const {
  std::string order;
  for (const SortKey& key : keys(fallback)) {
    if (!order.empty()) order += ", ";
    order += orderTerm(key, direction);
  }
  return order;
}

SqlCondition PageQuery::after(const std::vector<SortKey>& fallback) const {
  return position_ ? query::rowsAfter(keys(fallback), position_->values) : SqlCondition{"TRUE", {}};
}

bool PageQuery::fits(const ValueOf& valueOf) const {
  return std::ranges::all_of(filters_, [&](const auto& filter) {
    return std::ranges::any_of(filter->fields, [&](const Field& field) {
      return query::matches(*filter, query::borrow(valueOf(field)));
    });
  });
}

bool PageQuery::searchesMessages() const noexcept {
  return std::ranges::any_of(filters_,
                             [](const auto& filter) { return filter->inMessages.has_value(); });
}

bool PageQuery::asksFor(std::string_view field) const noexcept {
  return std::ranges::any_of(filters_, [&](const auto& filter) {
    return std::ranges::find(filter->fields, field, &Field::name) != filter->fields.end();
  });
}

std::string paginationJson(const PageQuery& query, const PageInfo& page) {
  const std::int64_t fullPages = page.totalItems / query.pageSize();
  const bool hasRest = page.totalItems % query.pageSize() != 0;
  std::string out;
  base::JsonObject json(out);
  json.field("currentPage", page.page)
      .field("pageSize", query.pageSize())
      .field("totalItems", page.totalItems)
      .field("totalPages", fullPages + (hasRest ? 1 : 0))
      .raw("sort", query.sortJson())
      .raw("filters", query.filtersJson());
  if (!page.nextCursor.empty()) json.field("nextCursor", page.nextCursor);
  json.close();
  return out;
}

}  // namespace chatbot
