#include "store/presence.h"

#include <algorithm>
#include <array>
#include <utility>

namespace chatbot::store {
namespace {

// Who is silent for this part of the lease is gone: what is left is for the looks and beats, so
// that rounds are ended within the lease.
constexpr int kSilent = 4;
constexpr int kOf = 5;

void deleteRunner(Connection& connection, std::int64_t runner) {
  connection.run("DELETE FROM runner WHERE id = ?", std::array{SqlValue(runner)});
}

}  // namespace

Presence::Presence(std::unique_ptr<RunnerLock> lock, std::shared_ptr<Environment> environment,
                   std::chrono::milliseconds lease)
    : environment_(std::move(environment)),
      lease_(lease),
      lock_(std::move(lock)),
      beatAt_(environment_->now()) {}

// Locked before others can see the row: they would take it for one that is gone.
void Presence::enter(Connection& connection) {
  connection.run("INSERT INTO runner (beat) VALUES (0) RETURNING id", {}, [this](const Row& row) {
    runner_ = row.integer(0);
    return true;
  });
  lock_->hold(runner_);
}

// Whoever was taken for gone, by others that it was too slow for, is there again.
void Presence::beat(Connection& connection) {
  if (!isBeatDue()) return;
  connection.run(
      "INSERT INTO runner (id, beat) VALUES (?, 1) ON CONFLICT (id) DO UPDATE SET beat = "
      "runner.beat + 1",
      std::array{SqlValue(runner_)});
  const std::lock_guard lock(mutex_);
  beatAt_ = environment_->now();
}

void Presence::leave(Connection& connection) { deleteRunner(connection, runner_); }

bool Presence::isBeatDue() const {
  const std::lock_guard lock(mutex_);
  return environment_->now() - beatAt_ >= lease_ / 3;
}

bool Presence::hasOthers(Connection& connection) const {
  bool others = false;
  connection.run("SELECT 1 FROM runner WHERE id <> ? LIMIT 1", std::array{SqlValue(runner_)},
                 [&](const Row&) { return others = true; });
  return others;
}

std::vector<std::int64_t> Presence::gone(Connection& connection) {
  std::map<std::int64_t, std::int64_t> beats;
  connection.run("SELECT id, beat FROM runner WHERE id <> ?", std::array{SqlValue(runner_)},
                 [&](const Row& row) {
                   beats.emplace(row.integer(0), row.integer(1));
                   return true;
                 });
  std::erase_if(seen_, [&](const auto& entry) { return !beats.contains(entry.first); });
  std::vector<std::int64_t> gone;
  for (const auto& [runner, beat] : beats) {
    look(runner, beat);
    if (!lock_->isHeld(runner) || seen_[runner].silence >= kSilent * lease_ / kOf)
      gone.push_back(runner);
  }
  return gone;
}

// Whoever is there still, though silent, may come to life again, and then says so. Where nobody can
// tell, that is not waited for for ever.
bool Presence::isForgotten(std::int64_t runner) const {
  constexpr int kLeases = 10;
  if (lock_->isExact()) return !lock_->isHeld(runner);
  const auto sight = seen_.find(runner);
  return sight != seen_.end() && sight->second.silence >= kLeases * lease_;
}

void Presence::forget(Connection& connection, std::span<const std::int64_t> gone) const {
  for (const std::int64_t runner : gone) {
    if (isForgotten(runner)) deleteRunner(connection, runner);
  }
}

void Presence::look(std::int64_t runner, std::int64_t beat) {
  const Instant now = environment_->now();
  Sight& sight = seen_.try_emplace(runner, Sight{.beat = beat, .lookedAt = now}).first->second;
  const std::chrono::nanoseconds since = now - sight.lookedAt;
  sight.silence += std::min<std::chrono::nanoseconds>(since, lease_ / 3);
  sight.lookedAt = now;
  if (sight.beat != beat) sight = {.beat = beat, .lookedAt = now};
}

}  // namespace chatbot::store
