#include "store/presence.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "database/dialect.h"

namespace chatbot::store {
namespace {

// Of a lease: how often a store says that it lives, and how long another one is silent that is
// gone. What is left is for the looks, so that rounds are ended within the lease.
constexpr double kBeat = 0.25;
constexpr double kSilent = 0.75;

// What counts at most between two looks.
constexpr double kLongestLook = 0.2;

std::chrono::nanoseconds part(std::chrono::milliseconds lease, double of) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(lease * of);
}

void deleteRunner(database::Connection& connection, std::int64_t runner) {
  connection.run("DELETE FROM runner WHERE id = ?", runner);
}

}  // namespace

Presence::Presence(std::unique_ptr<database::RunnerLock> lock,
                   std::shared_ptr<Environment> environment, std::chrono::milliseconds lease)
    : environment_(std::move(environment)),
      lease_(lease),
      lock_(std::move(lock)),
      beatAt_(environment_->now()) {}

// Locked before others can see the row: they would take it for one that is gone.
void Presence::enter(database::Connection& connection) {
  runner_ = connection.query("INSERT INTO runner (beat) VALUES (0) RETURNING id")
                .first(database::integerOf)
                .value();
  lock_->hold(runner_);
}

// Whoever was taken for gone, by others that it was too slow for, is there again.
void Presence::beat(database::Connection& connection, Changes& changes) {
  if (!isBeatDue()) return;
  changes.beatAt = environment_->now();
  connection.run(
      "INSERT INTO runner (id, beat) VALUES (?, ?) "
      "ON CONFLICT (id) DO UPDATE SET beat = excluded.beat",
      runner_, ++beats_);
}

void Presence::hasBeaten(Instant at) {
  const std::lock_guard lock(mutex_);
  beatAt_ = at;
}

void Presence::leave(database::Connection& connection) { deleteRunner(connection, runner_); }

bool Presence::isBeatDue() const {
  const std::lock_guard lock(mutex_);
  return environment_->now() - beatAt_ >= part(lease_, kBeat);
}

bool Presence::hasOthers(database::Connection& connection) const {
  return connection.query("SELECT 1 FROM runner WHERE id <> ? LIMIT 1", runner_).any();
}

// Looked at again before it counts, so that who says at this moment that it lives either is seen to
// do so, or comes after all that is done to what it has left.
std::vector<std::int64_t> Presence::gone(database::Connection& connection) {
  lookAtAll(connection);
  const std::string beatOf =
      fmt::format("SELECT beat FROM runner WHERE id = ?{}{}", connection.dialect().forUpdate(),
                  connection.dialect().skipLocked());
  std::vector<std::int64_t> gone;
  for (const auto& entry : seen_) {
    if (!isSilent(entry.first, entry.second)) continue;
    const auto beat = connection.query(beatOf, entry.first).first(database::integerOf);
    if (beat == entry.second.beat) gone.push_back(entry.first);
  }
  return gone;
}

bool Presence::isSilent(std::int64_t runner, const Sight& sight) const {
  return !lock_->isHeld(runner) || sight.silence >= part(lease_, kSilent);
}

void Presence::lookAtAll(database::Connection& connection) {
  std::map<std::int64_t, std::int64_t> beats;
  for (const database::Row& row :
       connection.query("SELECT id, beat FROM runner WHERE id <> ?", runner_)) {
    beats.emplace(row.integer(0), row.integer(1));
  }
  std::erase_if(seen_, [&](const auto& entry) { return !beats.contains(entry.first); });
  for (const auto& [runner, beat] : beats) look(runner, beat);
}

// Whoever is there still, though silent, may come to life again, and then says so. Where nobody can
// tell, that is not waited for for ever.
bool Presence::isForgotten(std::int64_t runner) const {
  constexpr int kLeases = 10;
  if (lock_->isExact()) return !lock_->isHeld(runner);
  const auto sight = seen_.find(runner);
  return sight != seen_.end() && sight->second.silence >= kLeases * lease_;
}

void Presence::forget(database::Connection& connection, std::span<const std::int64_t> gone) const {
  for (const std::int64_t runner : gone) {
    if (isForgotten(runner)) deleteRunner(connection, runner);
  }
}

void Presence::look(std::int64_t runner, std::int64_t beat) {
  const Instant now = environment_->now();
  Sight& sight = seen_.try_emplace(runner, Sight{.beat = beat, .lookedAt = now}).first->second;
  const std::chrono::nanoseconds since = now - sight.lookedAt;
  sight.silence += std::min(since, part(lease_, kLongestLook));
  sight.lookedAt = now;
  if (sight.beat != beat) sight = {.beat = beat, .lookedAt = now};
}

}  // namespace chatbot::store
