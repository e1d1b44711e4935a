// Passes everything on to a real connection; tests change what they are about.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "database/driver.h"

namespace chatbot::test {

class ForwardingConnection : public database::Connection {
 public:
  explicit ForwardingConnection(std::unique_ptr<database::Connection> real)
      : real_(std::move(real)) {}

  const database::Dialect& dialect() const noexcept override { return real_->dialect(); }
  void execute(std::string_view sql, std::span<const database::SqlView> values) override {
    real_->execute(sql, values);
  }
  std::unique_ptr<database::Cursor> open(std::string_view sql,
                                         std::span<const database::SqlView> values) override {
    return real_->open(sql, values);
  }
  void drain() override { real_->drain(); }
  void runScript(const char* sql) override { real_->runScript(sql); }
  void checkpoint() noexcept override { real_->checkpoint(); }
  void begin() override { real_->begin(); }
  bool tryBegin() override { return real_->tryBegin(); }
  void beginRead() override { real_->beginRead(); }
  void commit() override { real_->commit(); }
  void rollback() override { real_->rollback(); }
  bool inTransaction() const noexcept override { return real_->inTransaction(); }
  void lock(std::string_view name) override { real_->lock(name); }
  bool tryLock(std::string_view name) override { return real_->tryLock(name); }

 private:
  std::unique_ptr<database::Connection> real_;
};

}  // namespace chatbot::test
