// A database, and connections to it, beside those of the store that is tested.
#pragma once

#include <memory>
#include <string>

#include "chatbot/environment.h"
#include "store/database.h"

namespace chatbot::test {

inline std::shared_ptr<store::Database> openDatabase(const std::string& path) {
  return store::openDatabase({.path = path}, systemEnvironment(), {});
}

inline std::unique_ptr<store::Connection> connect(const std::string& path) {
  return openDatabase(path)->openWriter();
}

}  // namespace chatbot::test
