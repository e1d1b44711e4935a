#include "run/rounds.h"

#include <array>
#include <utility>
#include <vector>

#include "chatbot/error.h"
#include "run/round.h"
#include "stream/feed.h"

namespace chatbot::run {
namespace {

constexpr std::chrono::seconds kEndRetry{1};
constexpr const char* kInterrupted = "The round was interrupted before it had ended";

}  // namespace

Log failureLog(std::string_view safeText) {
  Log log;
  log.message = safeText;
  log.type = "error";
  log.status = "error";
  return log;
}

Rounds::Rounds(std::shared_ptr<store::EngineStore> store, std::shared_ptr<stream::Hub> streams,
               std::shared_ptr<Environment> environment, LogFunction log, RoundOptions options)
    : store_(std::move(store)),
      streams_(std::move(streams)),
      environment_(std::move(environment)),
      log_(std::move(log)),
      options_(options),
      limits_(options.limits) {}

Rounds::~Rounds() = default;

Rounds::Slot Rounds::reserve(const Identity& caller, std::string_view interrupts) {
  const auto place = std::make_shared<Place>(shared_from_this());
  std::shared_ptr<Round> running;  // let go of without the lock: it may be the last to hold it
  const std::lock_guard lock(mutex_);
  if (closed_) throw Error(ErrorCode::unavailable, "The engine is shut down");
  std::optional<Ticket> replaced;
  if (const auto found = running_.find(interrupts); found != running_.end()) {
    running = found->second.lock();
    if (running != nullptr) replaced = running->ticket();
  }
  place->ticket = limits_.enter(caller.mandateId, caller.userId, replaced);
  return place;
}

void Rounds::run(Slot slot, Scope scope, TurnInput input, Responder& responder) {
  const auto round = std::make_shared<Round>(shared_from_this(), std::move(slot), std::move(scope),
                                             std::move(input));
  add(round);
  // A stop or a delete that came between the round's begin and this has found nothing to cancel.
  if (isOver(*round)) return round->cancel();
  give(Turn(round), round->ticket(), responder);
}

// A turn that is thrown away ends its round.
void Rounds::give(Turn turn, Ticket ticket, Responder& responder) {
  const RoundKey key{turn.input().workflowId, turn.input().round};
  try {
    if (!park(turn, ticket, responder)) responder.respond(std::move(turn));
  } catch (const std::exception& fault) {
    say(LogLevel::error, "a responder has failed to take a turn", key);
  }
}

bool Rounds::park(Turn& turn, Ticket ticket, Responder& responder) {
  const std::lock_guard lock(mutex_);
  if (closed_ || !limits_.isWaiting(ticket)) return false;
  timer();  // made now, so that it is there when a place is free
  parked_.emplace(ticket, Parked{.turn = std::move(turn), .responder = &responder});
  return true;
}

std::optional<Rounds::Parked> Rounds::takeParked(Ticket ticket) noexcept {
  const std::lock_guard lock(mutex_);
  const auto found = parked_.extract(ticket);
  return found ? std::optional(std::move(found.mapped())) : std::nullopt;
}

void Rounds::giveParked(Ticket ticket) noexcept {
  std::optional<Parked> parked = takeParked(ticket);
  if (!parked) return;
  try {
    give(std::move(parked->turn), ticket, *parked->responder);
  } catch (const std::exception&) {
    // Without memory: the turn, dropped, ends its round.
  }
}

std::optional<Rounds::Ticket> Rounds::admitAfter(Ticket left) noexcept {
  const std::lock_guard lock(mutex_);
  return limits_.leave(left);
}

// Who gets the place is given to its responder by the timer's thread: this one may come from a
// responder, with its locks.
void Rounds::leave(Ticket ticket) noexcept {
  if (ticket == RoundLimits::kNoTicket) return;
  const std::optional<Parked> left = takeParked(ticket);
  const std::optional<Ticket> next = admitAfter(ticket);
  if (!next) {
    if (freed_) freed_();
    return;
  }
  try {
    const std::lock_guard lock(mutex_);
    if (closed_ || !parked_.contains(*next)) return;
    timer().schedule(environment_->now(), [this, granted = *next] { giveParked(granted); });
  } catch (const std::exception&) {
    takeParked(*next);  // without memory for the timer: dropped, it ends as failed
  }
}

// Two starts may come here in the other order than they began in: the newer round stays, and the
// older one is over, though nobody may have told it yet.
void Rounds::add(const std::shared_ptr<Round>& round) {
  std::shared_ptr<Round> older;
  {
    const std::lock_guard lock(mutex_);
    std::weak_ptr<Round>& current = running_[round->input().workflowId];
    older = current.lock();
    if (older != nullptr && older->input().round > round->input().round) older = round;
    if (older != round) current = round;
  }
  if (older != nullptr) older->cancel();
}

bool Rounds::isOver(const Round& round) noexcept {
  try {
    return isOver(round, store_->find(round.scope(), round.input().workflowId));
  } catch (const std::exception&) {
    return false;  // its first append will tell
  }
}

bool Rounds::isOver(const Round& round, const std::optional<Workflow>& found) noexcept {
  return !found || found->status != WorkflowStatus::running ||
         found->currentRound != round.input().round;
}

void Rounds::remove(const Round& round) noexcept {
  std::shared_ptr<Round> current;  // let go of without the lock: it may be the last to hold it
  const std::lock_guard lock(mutex_);
  const auto found = running_.find(round.input().workflowId);
  if (found == running_.end()) return;
  current = found->second.lock();
  if (current != nullptr && current.get() != &round) return;  // a later round of the workflow
  running_.erase(found);
}

void Rounds::cancel(const RoundKey& key) noexcept {
  std::shared_ptr<Round> round;
  {
    const std::lock_guard lock(mutex_);
    const auto found = running_.find(key.workflowId);
    if (found == running_.end()) return;
    round = found->second.lock();
    if (round != nullptr && round->input().round > key.round) return;
    running_.erase(found);
  }
  if (round != nullptr) round->cancel();
}

std::shared_ptr<Round> Rounds::find(std::string_view workflowId) const {
  const std::lock_guard lock(mutex_);
  const auto found = running_.find(workflowId);
  return found == running_.end() ? nullptr : found->second.lock();
}

void Rounds::cancelEnded(std::string_view workflowId) {
  const std::shared_ptr<Round> round = find(workflowId);
  if (round != nullptr && isOver(*round)) cancel(round->key());
}

void Rounds::cancelEnded(std::string_view workflowId, const std::optional<Workflow>& found) {
  const std::shared_ptr<Round> round = find(workflowId);
  if (round == nullptr || !isOver(*round, found)) return;
  // It may have begun since: what was found is of before.
  if (isOver(*round)) cancel(round->key());
}

std::vector<std::string> Rounds::workflows() const {
  std::vector<std::string> ids;
  const std::lock_guard lock(mutex_);
  for (const auto& [workflowId, entry] : running_) ids.push_back(workflowId);
  return ids;
}

void Rounds::recover() {
  const std::array<ItemContent, 1> items = {failureLog(kInterrupted)};
  const Scope everyTenant = Scope::system();
  for (const RoundKey& round : store_->reclaim(everyTenant, items)) {
    say(LogLevel::warning, "a round that was left running was ended", round);
  }
  if (orphans_.mayBe(environment_->now())) endOrphans();
}

void Rounds::expectOrphans() noexcept { orphans_.expect(environment_->now()); }

void Rounds::endOrphans() {
  const Scope everyTenant = Scope::system();
  std::vector<RoundKey> unanswered = store_->ownRounds(everyTenant);
  std::erase_if(unanswered, [this](const RoundKey& round) { return isAnswered(round); });
  for (const RoundKey& round : orphans_.among(unanswered, environment_->now())) {
    say(LogLevel::warning, "a round that nobody answers was ended", round);
    tryToEnd({everyTenant, round}, kInterrupted);
  }
}

bool Rounds::isAnswered(const RoundKey& key) const {
  const std::shared_ptr<Round> round = find(key.workflowId);
  return round != nullptr && round->input().round == key.round;
}

bool Rounds::anyRunning() const {
  const std::lock_guard lock(mutex_);
  return !running_.empty();
}

void Rounds::close() noexcept {
  std::map<Ticket, Parked> parked;  // dropped last, when their rounds are ended
  std::vector<std::shared_ptr<Round>> rounds;
  std::unique_ptr<base::Timers> timer;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    for (const auto& [workflowId, running] : running_) {
      if (std::shared_ptr<Round> round = running.lock()) rounds.push_back(std::move(round));
    }
    running_.clear();
    timer = std::move(timer_);
    parked.swap(parked_);
  }
  if (timer != nullptr) timer->stop();
  for (const std::shared_ptr<Round>& round : rounds) {
    tryToEnd({round->scope(), round->key()}, kInterrupted);
    round->cancel();
  }
}

void Rounds::endLater(const ScopedRound& round, const std::string& safeText,
                      const std::shared_ptr<stream::Feed>& feed) noexcept {
  try {
    const std::lock_guard lock(mutex_);
    if (closed_) return;  // the next open ends it
    timer().schedule(environment_->now() + kEndRetry, [this, round, safeText, feed] {
      if (!tryToEnd(round, safeText)) endLater(round, safeText, feed);
    });
  } catch (const std::exception&) {
    say(LogLevel::error, "a round could not be ended; the next open will", round.key);
  }
}

base::Timers& Rounds::timer() {
  if (timer_ == nullptr) timer_ = std::make_unique<base::Timers>(environment_);
  return *timer_;
}

void Rounds::saveSoon(const std::shared_ptr<Round>& round) {
  if (!round->needsSave()) return;
  try {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    unsaved_.push_back(round);
    if (unsaved_.size() > 1) return;  // the first has set the timer for all
    timer().schedule(environment_->now() + options_.draftInterval, [this] { saveDrafts(); });
  } catch (...) {
    round->saving();
    throw;
  }
}

// All drafts in one transaction, whatever their tenants.
void Rounds::saveDrafts() noexcept {
  std::vector<std::weak_ptr<Round>> unsaved;
  {
    const std::lock_guard lock(mutex_);
    unsaved.swap(unsaved_);
  }
  try {
    std::vector<std::string> workflowIds;
    for (const std::weak_ptr<Round>& entry : unsaved) {
      const std::shared_ptr<Round> round = entry.lock();
      if (round == nullptr) continue;
      round->saving();
      workflowIds.push_back(round->input().workflowId);
    }
    if (!workflowIds.empty()) store_->saveDrafts(Scope::system(), workflowIds);
  } catch (const std::exception&) {
    saveAgain(unsaved);
  }
}

void Rounds::saveAgain(const std::vector<std::weak_ptr<Round>>& unsaved) noexcept {
  try {
    for (const std::weak_ptr<Round>& entry : unsaved) {
      if (const std::shared_ptr<Round> round = entry.lock()) saveSoon(round);
    }
  } catch (const std::exception&) {
    // The rounds' next text asks again.
  }
}

bool Rounds::tryToEnd(const ScopedRound& round, const std::string& safeText) noexcept {
  try {
    store_->endRound(round.scope, round.key, WorkflowStatus::error,
                     std::array<ItemContent, 1>{failureLog(safeText)});
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

void Rounds::say(LogLevel level, std::string_view message, const RoundKey& round) const {
  if (!log_) return;
  const std::array fields = {LogField{"workflow", round.workflowId},
                             LogField{"round", std::to_string(round.round)}};
  log_(level, message, fields);
}

}  // namespace chatbot::run
