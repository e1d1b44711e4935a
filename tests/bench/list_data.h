// The files that lists are measured on, and what is asked of them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "chatbot/engine.h"
#include "dataset.h"
#include "plain_sqlite.h"
#include "support/temporary_folder.h"

namespace chatbot::bench {

// Workflows of which 1,000 are u0's, in 50 mandates, without items; opened by a store, an engine
// and plain SQLite.
class ListData {
 public:
  // Made in `folder` unless it is there already; in a temporary one, where that is empty. Prints
  // what making it has cost.
  ListData(std::int64_t workflows, const std::string& folder);

  std::int64_t workflows() const { return workflows_; }
  const std::string& path() const { return path_; }
  Identity caller(const std::string& role) const;

  Store& store() { return *store_; }
  Engine& engine() { return *engine_; }
  PlainSqlite& plain() { return *plain_; }

 private:
  std::int64_t workflows_;
  std::optional<test::TemporaryFolder> temporary_;
  std::string path_;
  std::shared_ptr<Store> store_;
  std::shared_ptr<Engine> engine_;
  std::unique_ptr<PlainSqlite> plain_;
};

}  // namespace chatbot::bench
