// The in-memory evaluator.
#include <algorithm>
#include <array>
#include <functional>
#include <span>
#include <utility>

#include "chatbot/environment.h"
#include "chatbot/query.h"
#include "model/json_member.h"
#include "model/refuse.h"
#include "query/cursor.h"
#include "query/filter.h"
#include "query/json_list.h"
#include "query/row_order.h"

namespace chatbot {
namespace {

using Places = std::vector<std::size_t>;

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

// What a page is: a part of the rows that fit, in their order, and where it goes on.
struct Page {
  std::span<const std::size_t> places;
  std::string nextCursor;
};

std::span<const std::size_t> pageFrom(const Places& places, std::int64_t first,
                                      std::int64_t pageSize) {
  const auto total = static_cast<std::int64_t>(places.size());
  first = std::min(first, total);
  const std::int64_t count = std::min(pageSize, total - first);
  return std::span(places).subspan(static_cast<std::size_t>(first),
                                   static_cast<std::size_t>(count));
}

// Rows in memory are no caller's, so a secret of the process will do.
const CursorSigner& signer() {
  static const CursorSigner made(newSecret(*systemEnvironment()));
  return made;
}

// Sorts `places`, opens the query's cursor and signs the next one.
Page sortedPage(const Json& rows, Places& places, PageQuery& query) {
  const std::vector<SortKey> keys = query.keys({});
  const RowOrder order(rows, places, keys);
  std::ranges::stable_sort(places, std::cref(order));

  const std::array<std::string_view, 2> binding = {query.sortJson(), query.filtersJson()};
  const double now = systemEnvironment()->wallTime();
  std::int64_t first = query.offset();
  if (!query.cursor().empty()) {
    const CursorPosition position = signer().open(query.cursor(), binding, keys, now);
    const auto isBefore = [&](std::size_t place) { return !order.isAfter(place, position.values); };
    first = std::ranges::partition_point(places, isBefore) - places.begin();
    query.startAfter(position);
  }
  Page page{.places = pageFrom(places, first, query.pageSize()), .nextCursor = {}};
  if (page.places.empty() || page.places.back() == places.back()) return page;
  page.nextCursor = signer().sign(
      {.values = order.positionOf(page.places.back()), .page = query.page() + 1}, binding, now);
  return page;
}

Page pageOf(const Json& rows, Places& places, PageQuery& query) {
  if (query.hasSort()) return sortedPage(rows, places, query);
  if (!query.cursor().empty()) refuse("cursor: rows without a sort have none");
  return {.places = pageFrom(places, query.offset(), query.pageSize()), .nextCursor = {}};
}

}  // namespace

std::string select(std::string_view rowsJson, const Schema& schema, std::string_view paramsJson) {
  PageQuery query = PageQuery::parse(paramsJson, schema);
  refuseMessagesIn(query.filters_);
  const Json rows = parseRows(rowsJson, schema);
  Places places = placesThatFit(rows, query.filters_);
  const Page page = pageOf(rows, places, query);

  const std::vector<std::string_view> texts = splitList(rowsJson);
  std::string out = "{\"items\":[";
  for (const std::size_t place : page.places) {
    if (out.back() != '[') out += ',';
    out += texts[place];
  }
  out += "],\"pagination\":";
  out += paginationJson(query, {.page = query.page(),
                                .totalItems = static_cast<std::int64_t>(places.size()),
                                .nextCursor = page.nextCursor});
  return out + "}";
}

}  // namespace chatbot
