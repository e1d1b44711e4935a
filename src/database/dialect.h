// The differences between the databases beside their drivers.
#pragma once

#include <string_view>

namespace chatbot::database {

class WordIndex;

enum class DatabaseKind { sqlite, postgres };

// One object for each kind of database, which lives as long as the process. Any thread.
class Dialect {
 public:
  virtual DatabaseKind kind() const noexcept = 0;

  // The type of columns that texts are bound to.
  virtual std::string_view textType() const noexcept = 0;

  // Finds a row where there is a table of the name that is bound.
  virtual std::string_view findTable() const noexcept = 0;

  // Makes chatbot_contains and its sisters (see chatbot/query.h), where the driver does not give
  // them to each connection.
  virtual std::string_view functions() const noexcept = 0;

  // Stands behind a SELECT of rows that the transaction is about to change: it locks them until the
  // transaction ends.
  virtual std::string_view forUpdate() const noexcept = 0;

  // Stands behind forUpdate(): rows that another transaction has locked are left out.
  virtual std::string_view skipLocked() const noexcept = 0;

  // Whether transactions that write go one after the other, so that a trigger can count changes.
  virtual bool countsChanges() const noexcept = 0;

  // Whether a savepoint costs so little that each job of a shared transaction can have one.
  virtual bool hasCheapSavepoints() const noexcept = 0;

  // Whether texts are stored folded, too, for conditions that ignore case.
  virtual bool storesFolded() const noexcept = 0;

  virtual const WordIndex& words() const noexcept = 0;

 protected:
  ~Dialect() = default;
};

}  // namespace chatbot::database
