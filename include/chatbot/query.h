/// @file
/// Pagination, sorting and filtering: one parser, two evaluators.
///
/// A PageQuery is parsed once from JSON text and then evaluated either by the database (condition
/// and order as SQL with bound values) or in memory over JSON rows; both give the same rows in the
/// same order. All functions may be called from any thread; a PageQuery never changes.
///
///   {"page": 1, "pageSize": 20,
///    "sort": [{"field": "name", "direction": "asc" | "desc"}],
///    "filters": {"search": "text", "field": value | [values] | {"operator": OP, "value": V}}}
///
/// `search` looks for its text in the fields; with `"searchIn": "messages"` beside it, a row fits
/// also for its messages, if it is one of a table that has messages.
///
/// In the place of "page" may stand "cursor": the `nextCursor` of an earlier page, which goes on
/// after that page's last row, whatever has come or gone before it.
///
/// Null sorts last in either direction; text sorts by code point. Numbers compare by their exact
/// value, integer or real. An integer beyond 64 bits is read as the nearest real.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chatbot/condition.h"

namespace chatbot {

enum class FieldType { text, integer, real };

/// A field that a client may sort and filter by.
struct Field {
  std::string name;    ///< as clients write it
  std::string column;  ///< as the database calls it: an SQL expression, never a client's text
  FieldType type = FieldType::text;
  bool nullable = true;  ///< whether `column` may be null; where not, an index can serve its order
  SqlValue ifNull = {};  ///< what null reads as in a row in memory, as `column` does by itself

  /// Where Folding::inColumns is asked for, the column that has the text without its case, and null
  /// where that is the same text. Empty: the text has no case.
  std::string foldedColumn = {};
};

/// The fields of a table. One of them must be named `id`; it breaks ties.
using Schema = std::vector<Field>;

/// ChatWorkflow's fields.
const Schema& workflowSchema();

/// The field of that name, or null.
const Field* findField(const Schema& schema, std::string_view name) noexcept;

struct SortKey {
  Field field;
  bool descending = false;
};

namespace query {
struct Filter;  ///< private to the room
}

/// The row after which a page begins.
struct CursorPosition {
  std::vector<SqlValue> values;  ///< of its sort keys, the last one its id
  std::int64_t page = 1;         ///< the number of the page that begins there
};

enum class Direction { forward, backward };

/// How conditions that ignore case and form find a column's folded text.
enum class Folding {
  inFunctions,  ///< chatbot_contains and its sisters fold the text
  inColumns,    ///< the writer of the rows folds the text, see Field::foldedColumn
};

/// Makes the condition that a row's messages match a text, which is as the client wrote it. May
/// throw Error (invalidArgument) for a text that it cannot look for.
using MessagesCondition = std::function<SqlCondition(std::string_view text)>;

inline constexpr std::int64_t kDefaultPageSize = 20;
inline constexpr std::int64_t kMaxPageSize = 1000;
inline constexpr std::size_t kMaxListValues = 1000;  ///< of a filter that lists values

class PageQuery {
 public:
  /// Throws Error (invalidArgument) with a one-line message that names the field at fault.
  static PageQuery parse(std::string_view json, const Schema& schema);

  /// Every row, in `order` (ties broken by id, ascending).
  static PageQuery everything(const Schema& schema, std::vector<SortKey> order = {});

  std::int64_t page() const noexcept { return page_; }          ///< from 1
  std::int64_t pageSize() const noexcept { return pageSize_; }  ///< 1..kMaxPageSize
  std::int64_t offset() const noexcept;  ///< rows before the page; saturates at the type's limit

  /// The cursor as the client sent it, unchecked; empty where there is none. The caller that
  /// answers the query opens it and calls startAfter().
  const std::string& cursor() const noexcept { return cursor_; }
  void startAfter(CursorPosition position);

  /// Sort and filters as the client sent them, as JSON text, to be repeated in the answer: a list
  /// in which each entry has its direction; an object or null.
  const std::string& sortJson() const noexcept { return sortJson_; }
  const std::string& filtersJson() const noexcept { return filtersJson_; }

  /// The same for all queries without a condition.
  std::string_view filtersText() const noexcept {
    return filters_.empty() ? std::string_view("null") : filtersJson_;
  }

  bool hasSort() const noexcept { return !sort_.empty(); }
  bool hasFilters() const noexcept { return !filters_.empty(); }

  /// The filters as one condition; `TRUE` where there are none. It may call the SQL functions
  /// chatbot_contains, chatbot_starts_with and chatbot_ends_with (text, folded text), which the
  /// store's driver provides. Throws Error (invalidArgument) where the client asks for messages and
  /// `messages` is empty.
  SqlCondition where(const MessagesCondition& messages = {},
                     Folding folding = Folding::inFunctions) const;

  /// The sort, or `fallback` where the client asked for none, down to id, which breaks ties.
  std::vector<SortKey> keys(const std::vector<SortKey>& fallback) const;

  /// The terms after ORDER BY: the keys, nulls last; backward, the same rows from the last on.
  std::string orderBy(const std::vector<SortKey>& fallback,
                      Direction direction = Direction::forward) const;

  /// The rows that follow the position in that order; `TRUE` where there is none.
  SqlCondition after(const std::vector<SortKey>& fallback) const;

  /// Whether a row fits the filters, its fields' values given by `valueOf`.
  using ValueOf = std::function<SqlValue(const Field&)>;
  bool fits(const ValueOf& valueOf) const;

  /// Whether a filter looks for text in messages.
  bool searchesMessages() const noexcept;

  /// Whether a filter looks at that field.
  bool asksFor(std::string_view field) const noexcept;

 private:
  friend std::string select(std::string_view, const Schema&, std::string_view);
  explicit PageQuery(const Schema& schema);

  std::int64_t page_ = 1;
  std::int64_t pageSize_ = kDefaultPageSize;
  std::string cursor_;
  std::optional<CursorPosition> position_;
  Field id_;
  std::vector<SortKey> sort_;
  std::vector<std::shared_ptr<const query::Filter>> filters_;
  std::string sortJson_ = "[]";
  std::string filtersJson_ = "null";
};

/// The metadata of a page: {"currentPage", "pageSize", "totalItems", "totalPages", "sort",
/// "filters", "nextCursor"}; the last one is there exactly where another page follows.
struct PageInfo {
  std::int64_t page = 1;
  std::int64_t totalItems = 0;
  std::string_view nextCursor;  ///< empty where nothing follows
};
std::string paginationJson(const PageQuery& query, const PageInfo& page);

/// Evaluates `paramsJson` over `rowsJson`, a list of objects, and returns
/// {"items": […], "pagination": {…}} with the rows of the page as they came. Fields of a row
/// outside the schema are carried along and cannot be asked for; an absent field is null. Without a
/// sort the rows keep their order and there are no cursors. A cursor is good for 24 hours in this
/// process. Throws Error (invalidArgument) naming the row, field or parameter at fault; `searchIn`
/// is one, for rows in memory have no messages.
std::string select(std::string_view rowsJson, const Schema& schema, std::string_view paramsJson);

/// {"name": "text" | "integer" | "real", …}; one of them is `id`, none is `search` or `searchIn`.
/// The columns have the fields' names. Throws Error (invalidArgument) naming the field that does
/// not fit.
Schema parseSchema(std::string_view json);

}  // namespace chatbot
