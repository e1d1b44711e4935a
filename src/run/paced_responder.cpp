// The responders that need no network: the steps of each turn's scripted answer are run by one of a
// few threads.
#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <utility>

#include "base/scheduler.h"
#include "chatbot/error.h"
#include "run/scripted_answer.h"

namespace chatbot {
namespace {

// The most steps that are due together and appended in one transaction.
constexpr std::size_t kMaxBatch = 64;

// Threads that append at the same time share their commits.
constexpr std::size_t kWorkers = 4;

using Script = run::ScriptedAnswer (*)(const TurnInput&);

class PacedResponder final : public Responder {
 public:
  PacedResponder(std::shared_ptr<Environment> environment, Script script)
      : environment_(std::move(environment)), script_(script) {
    for (std::unique_ptr<base::Timers>& worker : workers_) {
      worker = std::make_unique<base::Timers>(environment_);
    }
  }

  void respond(Turn turn) override {
    base::Timers& worker = *workers_[turns_.fetch_add(1) % kWorkers];
    const auto job = std::make_shared<Job>(std::move(turn), environment_->now(), worker);
    try {
      job->answer = script_(job->turn.input());
    } catch (const Error& error) {
      job->turn.fail(error.what());
      return;
    }
    goOn(job);
  }

  void stop() noexcept override {
    for (const std::unique_ptr<base::Timers>& worker : workers_) worker->stop();
  }

 private:
  struct Job {
    Job(Turn theTurn, Instant now, base::Timers& theWorker)
        : turn(std::move(theTurn)), startedAt(now), worker(theWorker), due(now) {}

    Turn turn;
    const Instant startedAt;
    base::Timers& worker;
    Instant due;  // of the next step: delays add up without drift
    run::ScriptedAnswer answer;
    std::size_t next = 0;
    bool hasStat = false;  // all that is left is to complete the round
  };
  using JobPointer = std::shared_ptr<Job>;

  void goOn(const JobPointer& job) {
    if (job->next < job->answer.steps.size()) job->due += job->answer.steps[job->next].delay;
    job->worker.schedule(job->due, [this, job] { advance(job); });
  }

  // A job that is not scheduled again drops its turn, which ends the round if it has not ended.
  void advance(const JobPointer& job) noexcept {
    try {
      if (tryToAdvance(job)) return;
      base::retryLater(job->worker, *environment_, [this, job] {
        job->due = environment_->now();
        return tryToAdvance(job);
      });
    } catch (const std::exception&) {
      // Without memory: the dropped turn ends the round as failed.
    }
  }

  // False where the store is away, and the same step is to be tried again.
  bool tryToAdvance(const JobPointer& job) noexcept {
    try {
      if (!appendDue(*job)) return true;
      job->next < job->answer.steps.size() ? goOn(job) : finish(*job);
      return true;
    } catch (const Error& fault) {
      return !base::isPassing(fault);
    } catch (const std::exception&) {
      return true;
    }
  }

  // The steps from the next one on that are due with it and of its kind.
  static std::span<const run::Step> dueOf(const Job& job) {
    const std::span<const run::Step> due = std::span(job.answer.steps).subspan(job.next);
    std::size_t count = 0;
    while (count < std::min(due.size(), kMaxBatch)) {
      const bool later = count > 0 && due[count].delay.count() > 0;
      if (later || due[count].item.has_value() != due.front().item.has_value()) break;
      ++count;
    }
    return due.first(count);
  }

  static bool appendDue(Job& job) {
    const std::span<const run::Step> due = dueOf(job);
    if (due.empty()) return true;
    const bool appended = due.front().item ? appendItems(job, due) : appendText(job, due);
    job.next += due.size();
    return appended;
  }

  static bool appendText(Job& job, std::span<const run::Step> due) {
    return std::ranges::all_of(due,
                               [&](const run::Step& step) { return job.turn.delta(step.delta); });
  }

  static bool appendItems(Job& job, std::span<const run::Step> due) {
    std::vector<ItemContent> batch;
    for (const run::Step& step : due) batch.push_back(*step.item);
    return job.turn.append(batch);
  }

  void finish(Job& job) {
    if (job.answer.failure) {
      job.turn.fail(*job.answer.failure);
      return;
    }
    if (!job.hasStat && !job.turn.append(statOf(job))) return;
    job.hasStat = true;
    job.turn.complete();
  }

  Stat statOf(const Job& job) {
    const std::chrono::duration<double> taken = environment_->now() - job.startedAt;
    Stat stat;
    stat.processingTime = taken.count();
    stat.bytesSent = static_cast<std::int64_t>(job.turn.input().prompt.size());
    stat.bytesReceived = static_cast<std::int64_t>(job.answer.answerBytes);
    stat.process = job.answer.process;
    stat.engine = "built-in";
    return stat;
  }

  std::shared_ptr<Environment> environment_;
  Script script_;
  std::array<std::unique_ptr<base::Timers>, kWorkers> workers_;
  std::atomic<std::size_t> turns_ = 0;
};

}  // namespace

std::shared_ptr<Responder> makeEchoResponder(std::shared_ptr<Environment> environment) {
  return std::make_shared<PacedResponder>(std::move(environment), run::echoAnswer);
}

std::shared_ptr<Responder> makeScriptResponder(std::shared_ptr<Environment> environment) {
  return std::make_shared<PacedResponder>(std::move(environment), run::scriptAnswer);
}

}  // namespace chatbot
