// Streams over a real store, woken by its changes.
#pragma once

#include <doctest/doctest.h>
#include <poll.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "chatbot/stream.h"
#include "stream/hub.h"
#include "support/fixtures.h"

namespace chatbot::test {

constexpr Timeout kTry{0};

inline bool readable(int descriptor, int milliseconds = 0) {
  pollfd entry{.fd = descriptor, .events = POLLIN, .revents = 0};
  return poll(&entry, 1, milliseconds) == 1;
}

struct StreamFixture : StoreFixture {
  StreamFixture() {
    store->onChange([this](const Change& change) { hub.notify(change); });
    store->draftsFrom(
        [this](std::string_view id, store::DraftAccess access) { return hub.draft(id, access); });
  }

  std::unique_ptr<Stream> open(const Workflow& workflow, StreamStart start = {}) {
    return hub.open(hub.reserve(user("ann")), Scope::system(), workflow.id, start,
                    [this] { return mayRead; });
  }

  void append(const Workflow& workflow, const std::string& text, std::int64_t round = 1) {
    REQUIRE(store->append(Scope::system(), {workflow.id, round},
                          std::array<ItemContent, 1>{textLog(text)}));
  }

  void end(const Workflow& workflow, WorkflowStatus status = WorkflowStatus::completed) {
    REQUIRE(store->endRound(Scope::system(), {workflow.id, workflow.currentRound}, status, {}));
  }

  bool mayRead = true;
  StreamOptions streamOptions{.maxStreamsPerUser = 100'000};
  stream::Hub hub{store, environment, streamOptions};
};

}  // namespace chatbot::test
