// The in-memory evaluator.
#include <algorithm>
#include <array>
#include <functional>
#include <numeric>
#include <span>
#include <utility>

#include "base/json_input.h"
#include "base/message.h"
#include "chatbot/environment.h"
#include "chatbot/query.h"
#include "query/cursor.h"
#include "query/filter.h"
#include "query/row_order.h"
#include "query/row_table.h"

namespace chatbot {
namespace {

using Places = std::vector<std::size_t>;

void refuseMessagesIn(const query::Filters& filters) {
  for (const auto& filter : filters) {
    if (filter->inMessages) query::refuseMessages();
  }
}

// Keeps the places of the rows that one filter lets through.
void keepFitting(const query::RowTable& rows, const query::Filter& filter, Places& places) {
  std::vector<std::size_t> columns;
  for (const Field& field : filter.fields) columns.push_back(rows.columnOf(field));
  std::erase_if(places, [&](std::size_t place) {
    return std::ranges::none_of(columns, [&](std::size_t column) {
      return query::matches(filter, rows.value(place, column));
    });
  });
}

Places placesThatFit(const query::RowTable& rows, const query::Filters& filters) {
  Places places(rows.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  for (const auto& filter : filters) keepFitting(rows, *filter, places);
  return places;
}

// A page: a part of the rows that fit, in their order, and the cursor of the next one.
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
const query::CursorSigner& signer() {
  static const query::CursorSigner made(query::newSecret(*systemEnvironment()));
  return made;
}

// Sorts `places`, opens the query's cursor and signs the next one.
Page sortedPage(const query::RowTable& rows, Places& places, PageQuery& query) {
  const std::vector<SortKey> keys = query.keys({});
  const query::RowOrder order(rows, places, keys);
  std::ranges::stable_sort(places, std::cref(order));

  const std::string sort = query.orderBy({});
  const std::array<std::string_view, 2> binding = {sort, query.filtersText()};
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

Page pageOf(const query::RowTable& rows, Places& places, PageQuery& query) {
  if (query.hasSort()) return sortedPage(rows, places, query);
  if (!query.cursor().empty()) base::refuse("cursor: rows without a sort have none");
  return {.places = pageFrom(places, query.offset(), query.pageSize()), .nextCursor = {}};
}

}  // namespace

std::string select(std::string_view rowsJson, const Schema& schema, std::string_view paramsJson) {
  PageQuery query = PageQuery::parse(paramsJson, schema);
  refuseMessagesIn(query.filters_);
  const query::RowTable rows(rowsJson, schema);
  Places places = placesThatFit(rows, query.filters_);
  const Page page = pageOf(rows, places, query);

  const std::vector<std::string_view> texts = base::splitList(rowsJson);
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
