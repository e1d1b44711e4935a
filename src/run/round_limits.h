// How many rounds may run at once: in all, for a mandate and for a user. What comes beyond is
// refused, or waits for a place.
//
// Bookkeeping alone. Those that wait get their places in the order in which they came, but for one
// whose mandate or user is at its own limit: it is passed over until it is not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/text_key.h"

namespace chatbot::run {

struct RoundLimitOptions {
  std::size_t maxRounds = 10'000;
  std::size_t maxPerMandate = 10'000;  // users without a mandate have no such limit
  std::size_t maxPerUser = 1'000;      // of a mandate
  std::size_t maxWaiting = 0;          // 0: nobody waits
};

// One call at a time.
class RoundLimits {
 public:
  using Ticket = std::uint64_t;
  static constexpr Ticket kNoTicket = 0;

  explicit RoundLimits(const RoundLimitOptions& options) : options_(options) {}

  // A place among the running rounds, or else among those that wait. Throws Error (unavailable,
  // with a retry time) where there is neither. `replaces` is the running round of the same user
  // that will leave at once for this one: its place counts as free.
  Ticket enter(std::string_view mandateId, std::string_view userId,
               std::optional<Ticket> replaces = {});

  // Gives a place back; a ticket that has left already is nothing. Returns who gets the place, of
  // those that wait. Takes time with their number.
  std::optional<Ticket> leave(Ticket ticket) noexcept;

  bool isWaiting(Ticket ticket) const noexcept { return waiting_.contains(ticket); }

 private:
  struct Count {
    std::size_t running = 0;
    std::size_t entries = 0;  // running or waiting
  };
  using Counts = base::TextMap<Count>;
  using Counted = Counts::value_type;  // stays where it is as long as it has entries

  struct Entry {
    Counted* mandate;  // null: none
    Counted* user;
  };
  using Entries = std::map<Ticket, Entry>;

  const char* limitReachedBy(const Entry& entry, std::size_t leaving) const noexcept;
  void run(const Entry& entry) noexcept;
  Entry count(std::string_view mandateId, std::string_view userId);
  void forget(const Entry& entry) noexcept;
  std::optional<Ticket> admitNext() noexcept;

  const RoundLimitOptions options_;
  Ticket lastTicket_ = 0;
  Entries running_;
  Entries waiting_;  // in the order in which they came
  Counts mandates_;
  Counts users_;
};

}  // namespace chatbot::run
