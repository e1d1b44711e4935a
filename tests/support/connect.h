// A database, and connections to it, beside those of the store that is tested.
#pragma once

#include <memory>
#include <string>

#include "chatbot/environment.h"
#include "database/database.h"

namespace chatbot::test {

inline std::shared_ptr<database::Database> openDatabase(const std::string& path) {
  return database::openDatabase({.path = path}, systemEnvironment(), {});
}

inline std::unique_ptr<database::Connection> connect(const std::string& path) {
  return openDatabase(path)->openWriter();
}

}  // namespace chatbot::test
