#include "store/presence.h"

#include <array>
#include <utility>

namespace chatbot::store {

Presence::Presence(const std::string& databasePath, std::shared_ptr<Environment> environment,
                   std::chrono::milliseconds lease)
    : environment_(std::move(environment)),
      lease_(lease),
      lock_(databasePath),
      beatAt_(environment_->now()) {}

// Locked before others can see the row: they would take it for one that is gone.
void Presence::enter(Connection& connection) {
  connection.run("INSERT INTO runner (beat) VALUES (0) RETURNING id", {}, [this](const Row& row) {
    runner_ = row.integer(0);
    return true;
  });
  lock_.hold(runner_);
}

// Whoever was taken for gone, by others that it was too slow for, is there again.
void Presence::beat(Connection& connection) {
  if (!isBeatDue()) return;
  connection.run(
      "INSERT INTO runner (id, beat) VALUES (?, 1) ON CONFLICT (id) DO UPDATE SET beat = beat + 1",
      std::array{SqlValue(runner_)});
  const std::lock_guard lock(mutex_);
  beatAt_ = environment_->now();
}

void Presence::leave(Connection& connection) { deleteRunner(connection, runner_); }

bool Presence::isBeatDue() const {
  const std::lock_guard lock(mutex_);
  return environment_->now() - beatAt_ >= lease_ / 3;
}

std::vector<std::int64_t> Presence::gone(Connection& connection) {
  std::map<std::int64_t, std::int64_t> beats;
  connection.run("SELECT id, beat FROM runner WHERE id <> ?", std::array{SqlValue(runner_)},
                 [&](const Row& row) {
                   beats.emplace(row.integer(0), row.integer(1));
                   return true;
                 });
  std::vector<std::int64_t> gone;
  const std::lock_guard lock(mutex_);
  std::erase_if(seen_, [&](const auto& entry) { return !beats.contains(entry.first); });
  for (const auto& [runner, beat] : beats) {
    if (isGone(runner, beat)) gone.push_back(runner);
  }
  return gone;
}

bool Presence::isGone(std::int64_t runner, std::int64_t beat) {
  if (!lock_.isHeld(runner)) return true;
  const Instant now = environment_->now();
  Sight& sight = seen_.try_emplace(runner, Sight{beat, now}).first->second;
  if (sight.beat != beat) sight = {beat, now};
  return now - sight.since >= lease_;
}

void deleteRunner(Connection& connection, std::int64_t runner) {
  connection.run("DELETE FROM runner WHERE id = ?", std::array{SqlValue(runner)});
}

}  // namespace chatbot::store
