// Databases of a test's own.
#pragma once

#include <cstdlib>
#include <map>
#include <string>

#include "support/temporary_folder.h"

namespace chatbot::test {

// The server on which tests have schemas of their own, as a URL: the environment's
// CHATBOT_TEST_POSTGRES. Empty where they have SQLite files.
inline std::string postgresServer() {
  const char* url = std::getenv("CHATBOT_TEST_POSTGRES");
  return url == nullptr ? "" : url;
}

// What it has made is gone with it, so it outlives the stores.
class DatabaseFolder : public TemporaryFolder {
 public:
  DatabaseFolder() = default;
  ~DatabaseFolder();
  DatabaseFolder(const DatabaseFolder&) = delete;
  DatabaseFolder& operator=(const DatabaseFolder&) = delete;

  // The path that a store opens it by; the same for the same name.
  std::string database(const std::string& name = "chat");

 private:
  std::map<std::string, std::string> schemas_;  // by name
};

// Runs statements as another program on the database would.
void runOutside(const std::string& path, const std::string& sql);

}  // namespace chatbot::test
