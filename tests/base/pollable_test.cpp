#include "base/pollable.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <optional>

#include "chatbot/error.h"

using namespace chatbot;
using namespace chatbot::base;

namespace {

bool readable(int descriptor) {
  pollfd entry{.fd = descriptor, .events = POLLIN, .revents = 0};
  return poll(&entry, 1, 0) == 1;
}

// Takes the process's descriptors away while it lives. The sanitizers need some too: nothing but
// the code under test belongs in its scope.
class NoDescriptors {
 public:
  NoDescriptors() {
    REQUIRE(getrlimit(RLIMIT_NOFILE, &before_) == 0);
    const rlimit none{.rlim_cur = 0, .rlim_max = before_.rlim_max};
    REQUIRE(setrlimit(RLIMIT_NOFILE, &none) == 0);
  }
  ~NoDescriptors() { setrlimit(RLIMIT_NOFILE, &before_); }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;

 private:
  rlimit before_{};
};

}  // namespace

TEST_CASE("the descriptor is readable exactly while the level is set") {
  Pollable pollable;
  const int descriptor = pollable.descriptor();
  CHECK_FALSE(readable(descriptor));
  for (int i = 0; i < 3; ++i) {
    pollable.set(true);
    pollable.set(true);
    CHECK(readable(descriptor));
    CHECK(readable(descriptor));
    pollable.set(false);
    pollable.set(false);
    CHECK_FALSE(readable(descriptor));
  }
}

TEST_CASE("a descriptor that is asked for later shows the level as it is") {
  Pollable pollable;
  pollable.set(true);
  CHECK(readable(pollable.descriptor()));
}

TEST_CASE("the descriptor stays the same, is closed on exec and is no standard stream") {
  Pollable pollable;
  const int descriptor = pollable.descriptor();
  CHECK(pollable.descriptor() == descriptor);
  CHECK((fcntl(descriptor, F_GETFD) & FD_CLOEXEC) != 0);
  CHECK(descriptor > 2);
}

TEST_CASE("a process without descriptors left is told so, and may try again") {
  Pollable pollable;
  std::optional<Error> refusal;
  try {
    const NoDescriptors none;
    pollable.descriptor();
  } catch (const Error& error) {
    refusal = error;
  }
  REQUIRE(refusal);
  CHECK(refusal->code() == ErrorCode::unavailable);
  CHECK_NOTHROW(pollable.descriptor());
}
