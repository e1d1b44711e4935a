// What the fuzz targets share. A target is one file with LLVMFuzzerTestOneInput: Clang's libFuzzer
// calls it with inputs that it makes up, main.cpp with the files of a folder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "chatbot/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace chatbot::fuzz {

inline std::string_view textOf(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// Ends the process, which is how a target reports a fault.
inline void require(bool condition, const char* fault) {
  if (condition) return;
  std::fprintf(stderr, "fault: %s\n", fault);
  std::abort();
}

// Runs `body`, which may refuse its input and do nothing else. False where it has refused.
template <typename Body>
bool isAccepted(Body&& body) {
  try {
    body();
    return true;
  } catch (const Error& error) {
    const std::string_view message = error.what();
    require(error.code() == ErrorCode::invalidArgument, "refused with another code");
    require(message.find_first_of("\r\n") == std::string_view::npos, "refused with several lines");
    return false;
  }
}

}  // namespace chatbot::fuzz
