// The values that a statement is given, and the rows that it answers.
#pragma once

#include <concepts>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "chatbot/condition.h"

namespace chatbot::database {

// A value to bind: null, a number, or a text, which is borrowed until the statement has ended.
using SqlView = std::variant<std::monostate, std::int64_t, double, std::string_view>;

// Any integer, a double, any text, null (std::monostate), an SqlValue, or one of these in an
// optional, where nothing is null.
template <typename T>
SqlView viewOf(const T& value) {
  if constexpr (std::is_same_v<T, SqlValue>) {
    return std::visit([](const auto& held) { return SqlView(held); }, value);
  } else if constexpr (std::integral<T>) {
    return static_cast<std::int64_t>(value);
  } else if constexpr (std::convertible_to<const T&, std::string_view>) {
    return std::string_view(value);
  } else if constexpr (std::constructible_from<SqlView, const T&>) {
    return value;
  } else {
    return value ? viewOf(*value) : SqlView();
  }
}

// An argument whose text ends with the call, while rows are read after it.
template <typename T>
concept TemporaryText =
    !std::is_lvalue_reference_v<T> &&
    (std::same_as<std::remove_cv_t<T>, std::string> || std::same_as<std::remove_cv_t<T>, SqlValue>);

// One row. Columns count from 0; texts live until the next row is read.
class Row {
 public:
  virtual std::int64_t integer(int column) const = 0;
  virtual double real(int column) const = 0;
  virtual std::string_view text(int column) const = 0;
  virtual bool isNull(int column) const = 0;

 protected:
  ~Row() = default;
};

// The driver's part of Rows. It is itself the row that was read last.
class Cursor : public Row {
 public:
  virtual ~Cursor() = default;

  // Reads the next row. False behind the last one.
  virtual bool next() = 0;
};

// The rows of a statement, which are read once:
//
//   for (const Row& row : connection.query("SELECT name FROM pet WHERE age > ?", 3)) …
//
// The loop may end early. A connection must not be used for anything but statements meanwhile, and
// outlives its rows.
class Rows {
 public:
  // `kept` holds texts that the statement has borrowed.
  explicit Rows(std::unique_ptr<Cursor> cursor, std::vector<SqlCondition> kept = {})
      : kept_(std::move(kept)), cursor_(std::move(cursor)) {}

  class Iterator {
   public:
    explicit Iterator(Cursor& cursor) : cursor_(&cursor), isAtRow_(cursor.next()) {}
    const Row& operator*() const noexcept { return *cursor_; }
    Iterator& operator++() {
      isAtRow_ = cursor_->next();
      return *this;
    }
    bool operator==(std::default_sentinel_t) const noexcept { return !isAtRow_; }

   private:
    Cursor* cursor_;
    bool isAtRow_;
  };
  Iterator begin() { return Iterator(*cursor_); }
  std::default_sentinel_t end() const noexcept { return {}; }

  // Calls `read` with the first row and returns its result, or nothing where there is no row. The
  // other rows are passed over, so that a change with RETURNING runs to its end.
  template <typename Read>
  std::optional<std::invoke_result_t<const Read&, const Row&>> first(const Read& read) {
    std::optional<std::invoke_result_t<const Read&, const Row&>> found;
    if (!cursor_->next()) return found;
    found.emplace(read(*cursor_));
    while (cursor_->next()) continue;
    return found;
  }

  // Calls `read` with each row and returns the results.
  template <typename Read>
  std::vector<std::invoke_result_t<const Read&, const Row&>> all(const Read& read) {
    std::vector<std::invoke_result_t<const Read&, const Row&>> found;
    while (cursor_->next()) found.push_back(read(*cursor_));
    return found;
  }

  // Whether there is a row.
  bool any() {
    return first([](const Row&) { return true; }).has_value();
  }

 private:
  std::vector<SqlCondition> kept_;
  std::unique_ptr<Cursor> cursor_;  // last: it goes before what it has borrowed
};

// For Rows::first and Rows::all: the first column alone.
inline std::int64_t integerOf(const Row& row) { return row.integer(0); }
inline std::string textOf(const Row& row) { return std::string(row.text(0)); }

}  // namespace chatbot::database
