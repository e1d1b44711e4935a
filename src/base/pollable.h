// A level that a host's poll loop can wait for, as a file descriptor.
#pragma once

namespace chatbot::base {

// Its owner serialises all calls. The descriptor is readable exactly while the level is set. A
// level that is never polled costs no descriptor.
class Pollable {
 public:
  Pollable() = default;
  ~Pollable();
  Pollable(const Pollable&) = delete;
  Pollable& operator=(const Pollable&) = delete;

  void set(bool ready) noexcept;

  // Made on first request. Throws Error (unavailable) when the process has no descriptor left.
  int descriptor();

 private:
  int descriptor_ = -1;
  bool ready_ = false;
};

}  // namespace chatbot::base
