// A connection that remembers the statements that it runs.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/driver.h"

namespace chatbot::test {

struct Statement {
  std::string sql;
  std::vector<SqlValue> values;
};

class RecordingConnection final : public store::Connection {
 public:
  explicit RecordingConnection(std::unique_ptr<store::Connection> real) : real_(std::move(real)) {}

  void run(std::string_view sql, std::span<const SqlValue> values,
           const store::OnRow& onRow) override {
    statements.push_back({std::string(sql), {values.begin(), values.end()}});
    real_->run(sql, values, onRow);
  }
  void runScript(const char* sql) override { real_->runScript(sql); }
  void maintain() noexcept override { real_->maintain(); }
  bool tryBegin() override { return real_->tryBegin(); }
  bool inTransaction() const noexcept override { return real_->inTransaction(); }

  std::vector<Statement> statements;

 private:
  std::unique_ptr<store::Connection> real_;
};

}  // namespace chatbot::test
