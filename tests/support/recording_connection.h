// A connection that remembers the statements that it runs.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "support/forwarding_connection.h"

namespace chatbot::test {

struct Statement {
  std::string sql;
  std::vector<SqlValue> values;
};

class RecordingConnection final : public ForwardingConnection {
 public:
  using Connection::run;
  using ForwardingConnection::ForwardingConnection;

  void run(std::string_view sql, std::span<const SqlValue> values,
           const database::OnRow& onRow) override {
    statements.push_back({std::string(sql), {values.begin(), values.end()}});
    ForwardingConnection::run(sql, values, onRow);
  }

  std::vector<Statement> statements;
};

}  // namespace chatbot::test
