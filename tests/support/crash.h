// A process that dies, without one.
#pragma once

#include <filesystem>
#include <string>

namespace chatbot::test {

// The database as a process leaves it that is killed now: a copy of its files, whose instances live
// no more. Returns the copy's path.
inline std::string crashedCopy(const std::string& path) {
  const std::string copy = path + "-crashed";
  for (const char* suffix : {"", "-wal"}) {
    const auto always = std::filesystem::copy_options::overwrite_existing;
    std::filesystem::copy_file(path + suffix, copy + suffix, always);
  }
  return copy;
}

}  // namespace chatbot::test
