// What differs between the databases, beside the driver.
#pragma once

#include <span>
#include <string_view>

namespace chatbot::database {

class WordIndex;

// One for each kind of database, for ever. Any thread.
class Dialect {
 public:
  // The scripts that bring the schema from each version to the next. Released ones never change.
  virtual std::span<const char* const> migrations() const noexcept = 0;

  // Finds a row where there is a table schema_version.
  virtual std::string_view findVersion() const noexcept = 0;

  // Behind a SELECT of rows that the transaction is about to change: nobody else changes them
  // before it ends.
  virtual std::string_view forUpdate() const noexcept = 0;

  // Behind that: rows that another transaction holds are left out.
  virtual std::string_view skipLocked() const noexcept = 0;

  // Whether changes to workflows are counted, one after the other (see selectVersion).
  virtual bool countsChanges() const noexcept = 0;

  // Whether a part of a transaction can be undone at no cost worth saving.
  virtual bool hasCheapSavepoints() const noexcept = 0;

  // Whether texts are stored folded, too, for conditions that ignore case.
  virtual bool storesFolded() const noexcept = 0;

  // The full-text index of messages.
  virtual const WordIndex& words() const noexcept = 0;

 protected:
  ~Dialect() = default;
};

}  // namespace chatbot::database
