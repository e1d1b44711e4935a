#include "run/round_limits.h"

#include <doctest/doctest.h>

#include <deque>
#include <random>
#include <vector>

#include "chatbot/error.h"

using namespace chatbot;
using namespace chatbot::run;

namespace {

using Ticket = RoundLimits::Ticket;

template <typename Call>
std::string refusalOf(Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::unavailable);
    CHECK(error.retryAfter() > 0);
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("each limit refuses what is beyond it, until one has left") {
  RoundLimits limits({.maxRounds = 4, .maxPerMandate = 3, .maxPerUser = 2, .maxWaiting = 0});
  const Ticket first = limits.enter("m1", "ann");
  limits.enter("m1", "ann");
  CHECK(refusalOf([&] { limits.enter("m1", "ann"); }) == "Too many running rounds of this user");
  const Ticket bob = limits.enter("m1", "bob");
  CHECK(refusalOf([&] { limits.enter("m1", "bob"); }) == "Too many running rounds of this mandate");
  limits.enter("m2", "ann");
  CHECK(refusalOf([&] { limits.enter("m3", "eve"); }) == "Too many running rounds");
  CHECK_FALSE(limits.leave(first));
  CHECK_FALSE(limits.isWaiting(limits.enter("m1", "ann")));
  CHECK_FALSE(limits.leave(bob));
  CHECK(refusalOf([&] { limits.enter("m1", "ann"); }) == "Too many running rounds of this user");
  CHECK_FALSE(limits.isWaiting(limits.enter("m3", "eve")));
}

TEST_CASE("users without a mandate have only their own limit") {
  RoundLimits limits({.maxRounds = 9, .maxPerMandate = 1, .maxPerUser = 1, .maxWaiting = 0});
  limits.enter("", "ann");
  limits.enter("", "bob");
  CHECK(refusalOf([&] { limits.enter("", "ann"); }) == "Too many running rounds of this user");
}

TEST_CASE("mandates and users are told apart, however they are called") {
  RoundLimits limits({.maxRounds = 9, .maxPerMandate = 9, .maxPerUser = 1, .maxWaiting = 0});
  for (const auto& owner : std::vector<std::pair<std::string, std::string>>{
           {"ab", "c"}, {"a", "bc"}, {"", "abc"}, {"a:", "bc"}, {"1:a", "bc"}}) {
    CHECK(refusalOf([&] { limits.enter(owner.first, owner.second); }) == "accepted");
  }
}

TEST_CASE("those that wait get places in the order in which they came") {
  RoundLimits limits({.maxRounds = 1, .maxWaiting = 2});
  const Ticket running = limits.enter("m", "a");
  const Ticket second = limits.enter("m", "b");
  const Ticket third = limits.enter("m", "a");
  CHECK_FALSE(limits.isWaiting(running));
  CHECK(limits.isWaiting(second));
  CHECK(refusalOf([&] { limits.enter("m", "d"); }) ==
        "Too many running rounds, and too many wait for a place");
  CHECK(limits.leave(running) == second);
  CHECK_FALSE(limits.isWaiting(second));
  CHECK(limits.isWaiting(limits.enter("m", "d")));
  CHECK(limits.leave(second) == third);
}

TEST_CASE("one that is at its own limit does not hold up those behind it") {
  RoundLimits limits({.maxRounds = 3, .maxPerMandate = 2, .maxPerUser = 1, .maxWaiting = 9});
  const Ticket ann = limits.enter("m1", "ann");
  const Ticket annAgain = limits.enter("m1", "ann");
  const Ticket bob = limits.enter("m1", "bob");
  const Ticket cleo = limits.enter("m1", "cleo");
  const Ticket dan = limits.enter("m2", "dan");
  CHECK(limits.isWaiting(annAgain));
  CHECK_FALSE(limits.isWaiting(bob));
  CHECK(limits.isWaiting(cleo));
  CHECK_FALSE(limits.isWaiting(dan));
  CHECK(limits.leave(bob) == cleo);  // ann is still at her limit
  CHECK(limits.leave(ann) == annAgain);
  CHECK_FALSE(limits.leave(dan));
}

TEST_CASE("one that waits may leave, and one that has left is nothing") {
  RoundLimits limits({.maxRounds = 1, .maxWaiting = 1});
  const Ticket running = limits.enter("m", "a");
  const Ticket waiting = limits.enter("m", "b");
  CHECK_FALSE(limits.leave(waiting));
  CHECK_FALSE(limits.leave(waiting));
  CHECK_FALSE(limits.leave(RoundLimits::kNoTicket));
  const Ticket next = limits.enter("m", "c");
  CHECK(limits.leave(running) == next);
  CHECK_FALSE(limits.leave(running));
}

TEST_CASE("the place of the user's own round that is replaced counts as free, another's does not") {
  for (const std::size_t waiting : {0U, 5U}) {
    RoundLimits limits(
        {.maxRounds = 2, .maxPerMandate = 2, .maxPerUser = 1, .maxWaiting = waiting});
    const Ticket ann = limits.enter("m", "ann");
    const Ticket bob = limits.enter("m", "bob");
    const Ticket next = limits.enter("m", "ann", ann);
    CHECK_FALSE(limits.isWaiting(next));
    CHECK_FALSE(limits.leave(ann));
    if (waiting == 0) {
      CHECK(refusalOf([&] { limits.enter("m", "ann", bob); }) == "Too many running rounds");
      CHECK(refusalOf([&] { limits.enter("m", "ann", ann); }) == "Too many running rounds");
    } else {
      const Ticket later = limits.enter("m", "ann", bob);
      CHECK(limits.isWaiting(later));
      CHECK(limits.isWaiting(limits.enter("m", "ann", later)));  // that one has no place to leave
    }
  }
}

namespace {

// The same by counting, over lists.
class Counted {
 public:
  struct Entry {
    Ticket ticket;
    std::string mandate, user;
    bool operator==(const Entry&) const = default;
  };

  bool fits(const Entry& entry) const {
    std::size_t ofMandate = 0;
    std::size_t ofUser = 0;
    for (const Entry& other : running) {
      const bool same = other.mandate == entry.mandate;
      ofMandate += same && !entry.mandate.empty() ? 1 : 0;
      ofUser += same && other.user == entry.user ? 1 : 0;
    }
    return running.size() < 6 && ofMandate < 3 && ofUser < 2;
  }

  std::optional<Ticket> leave(Ticket ticket) {
    const auto has = [&](const Entry& entry) { return entry.ticket == ticket; };
    if (std::erase_if(waiting, has) > 0 || std::erase_if(running, has) == 0) return std::nullopt;
    for (const Entry& entry : waiting) {
      if (!fits(entry)) continue;
      const Entry next = entry;
      running.push_back(next);
      std::erase(waiting, next);
      return next.ticket;
    }
    return std::nullopt;
  }

  std::deque<Entry> running;
  std::deque<Entry> waiting;
};

}  // namespace

TEST_CASE("any sequence of comings and goings ends where counting does") {
  std::mt19937 random(11);
  RoundLimits limits({.maxRounds = 6, .maxPerMandate = 3, .maxPerUser = 2, .maxWaiting = 8});
  Counted counted;
  Ticket last = 0;
  for (int step = 0; step < 20'000; ++step) {
    if (random() % 2 == 0) {
      Counted::Entry entry{0, std::vector<std::string>{"", "m1", "m2"}[random() % 3],
                           std::vector<std::string>{"ann", "bob", "cleo"}[random() % 3]};
      const bool fits = counted.fits(entry);
      const bool refused = !fits && counted.waiting.size() == 8;
      const auto enter = [&] { entry.ticket = last = limits.enter(entry.mandate, entry.user); };
      CHECK((refusalOf(enter) != "accepted") == refused);
      if (refused) continue;
      (fits ? counted.running : counted.waiting).push_back(entry);
      CHECK(limits.isWaiting(entry.ticket) == !fits);
    } else if (last > 0) {
      const Ticket ticket = last - random() % std::min<Ticket>(last, 20);
      CHECK(limits.leave(ticket) == counted.leave(ticket));
    }
  }
}
