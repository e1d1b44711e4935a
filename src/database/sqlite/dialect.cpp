#include "database/sqlite/dialect.h"

#include "database/sqlite/word_index.h"

namespace chatbot::database {
namespace {

class SqliteDialect final : public Dialect {
 public:
  DatabaseKind kind() const noexcept override { return DatabaseKind::sqlite; }
  std::string_view textType() const noexcept override { return "TEXT"; }
  std::string_view findTable() const noexcept override {
    return "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?";
  }
  std::string_view functions() const noexcept override { return ""; }  // each connection has them
  std::string_view forUpdate() const noexcept override { return ""; }
  std::string_view skipLocked() const noexcept override { return ""; }
  bool countsChanges() const noexcept override { return true; }
  bool hasCheapSavepoints() const noexcept override { return true; }
  bool storesFolded() const noexcept override { return false; }
  const WordIndex& words() const noexcept override { return sqliteWordIndex(); }
};

}  // namespace

const Dialect& sqliteDialect() noexcept {
  static const SqliteDialect dialect;
  return dialect;
}

}  // namespace chatbot::database
