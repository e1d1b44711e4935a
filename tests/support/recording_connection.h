// A connection that remembers the statements that it runs.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "support/forwarding_connection.h"

namespace chatbot::test {

struct Statement {
  std::string sql;
  std::vector<SqlValue> values;
};

class RecordingConnection final : public ForwardingConnection {
 public:
  using ForwardingConnection::ForwardingConnection;

  void execute(std::string_view sql, std::span<const database::SqlView> values) override {
    record(sql, values);
    ForwardingConnection::execute(sql, values);
  }
  std::unique_ptr<database::Cursor> open(std::string_view sql,
                                         std::span<const database::SqlView> values) override {
    record(sql, values);
    return ForwardingConnection::open(sql, values);
  }

  std::vector<Statement> statements;

 private:
  void record(std::string_view sql, std::span<const database::SqlView> values) {
    Statement statement{.sql = std::string(sql), .values = {}};
    for (const database::SqlView& value : values) {
      statement.values.push_back(std::visit(Owned{}, value));
    }
    statements.push_back(std::move(statement));
  }

  struct Owned {
    SqlValue operator()(std::string_view text) const { return std::string(text); }
    template <typename Other>
    SqlValue operator()(Other value) const {
      return value;
    }
  };
};

}  // namespace chatbot::test
