// Three threads: one reads what the servers send, so that no text waits for anything else; one
// appends to the conversations and keeps the times; one prepares requests, which may load
// documents.
#include <fmt/format.h>

#include <array>
#include <atomic>
#include <exception>
#include <utility>

#include "base/text.h"
#include "chatbot/error.h"
#include "chatbot/openai.h"
#include "openai/asking.h"
#include "openai/history.h"
#include "openai/options.h"
#include "openai/price.h"
#include "openai/prompt.h"

namespace chatbot {
namespace {

constexpr std::size_t kMaxLoggedCodePoints = 500;
constexpr std::chrono::seconds kStoreRetry{1};

Log logOf(std::string message, const char* type) {
  Log log;
  log.message = std::move(message);
  log.type = type;
  return log;
}

class OpenAiResponder final : public Responder {
 public:
  OpenAiResponder(OpenAiOptions options, std::shared_ptr<Environment> environment, LogFunction log)
      : options_(std::move(options)),
        environment_(std::move(environment)),
        log_(std::move(log)),
        events_{.onNearer = [this](openai::Asking& asking) { watchSoon(asking); },
                .onLogs = [this](openai::Asking& asking, Instant due) { keepAt(asking, due); },
                .onEnd = [this](openai::Asking& asking) { settleSoon(asking); }},
        network_({.url = openai::completionsUrl(options_.baseUrl),
                  .key = options_.key,
                  .caFile = options_.caFile}),
        desk_(environment_),
        preparing_(environment_) {}

  ~OpenAiResponder() override { OpenAiResponder::stop(); }

  void respond(Turn turn) override {
    const auto asking = std::make_shared<openai::Asking>(std::move(turn), ++lastId_, options_,
                                                         *environment_, events_);
    asking->turn().onCancel(
        [this, id = asking->id(), weak = std::weak_ptr(asking)] { cancel(id, weak); });
    preparing_.schedule({}, [this, asking] { prepare(asking); });
  }

  void stop() noexcept override {
    preparing_.stop();
    network_.stop();
    desk_.stop();
  }

 private:
  using Pointer = std::shared_ptr<openai::Asking>;

  // What is thrown drops the turn, which ends the round as failed.
  template <typename Body>
  void guarded(const Pointer& asking, Body&& body) noexcept {
    try {
      if (!asking->turn().cancelled()) body();
    } catch (const std::exception& fault) {
      const TurnInput& input = asking->turn().input();
      say(LogLevel::error, "a round with a model has failed", input, {{"fault", fault.what()}});
    }
  }

  // Called with the cancel of a turn: the transfer ends at once, and what waits is let go of.
  void cancel(std::uint64_t id, const std::weak_ptr<openai::Asking>& cancelled) noexcept {
    try {
      network_.abort(id);
      desk_.schedule({}, [this, cancelled] {
        if (const Pointer asking = cancelled.lock()) takeTimer(*asking);
      });
    } catch (const std::exception&) {
      // Without memory: the transfer's next bytes, or the timer, find the turn cancelled.
    }
  }

  // On the preparing thread.
  void prepare(const Pointer& asking) noexcept {
    guarded(asking, [&] {
      if (isDone(*asking, [&] { prepareNow(asking); })) return;
      preparing_.schedule(environment_->now() + kStoreRetry, [this, asking] { prepare(asking); });
    });
  }

  void prepareNow(const Pointer& asking) {
    const TurnInput& input = asking->turn().input();
    const std::vector<Item> history =
        asking->turn().history(openai::itemsFor(openai::historyLimits(options_)));
    const openai::DocumentParts documents = openai::loadDocuments(input, options_);
    asking->body = openai::requestBody(options_, input, history, documents.parts);
    std::vector<ItemContent> logs;
    for (const std::string& warning : documents.warnings) {
      logs.emplace_back(logOf(warning, "warning"));
    }
    logs.emplace_back(logOf("Asking the model " + options_.model, "info"));
    if (asking->turn().append(logs)) desk_.schedule({}, [this, asking] { ask(asking); });
  }

  // From here on all is on the desk's thread, but for the network's own.
  void ask(const Pointer& asking) noexcept {
    guarded(asking, [&] {
      asking->timer.reset();
      asking->begin();
      asking->isSent = true;
      watch(asking);
      network_.begin(asking->id(), asking->body, asking);
    });
  }

  // Ends a transfer that is silent for too long. Its deadline moves with each byte: looking again
  // when the last one known has passed is cheaper than a timer for each.
  void watch(const Pointer& asking) {
    if (!asking->isSent) return;
    takeTimer(*asking);
    const Instant due = asking->dueAt();
    if (due > environment_->now()) {
      asking->timer = watchAt(due, asking);
      return;
    }
    asking->timeOut();
    network_.abort(asking->id());
  }

  base::Scheduler::Key watchAt(Instant due, const std::weak_ptr<openai::Asking>& watched) {
    return desk_.schedule(due, [this, watched] {
      const Pointer asking = watched.lock();
      if (asking != nullptr) guarded(asking, [&] { watch(asking); });
    });
  }

  // On the network's thread: the deadline has come nearer.
  void watchSoon(openai::Asking& asking) { watchAt(asking.dueAt(), asking.weak_from_this()); }

  // On the network's thread: there are logs to append.
  void keepAt(openai::Asking& thinking, Instant due) {
    desk_.schedule(due, [this, kept = thinking.weak_from_this()] {
      const Pointer asking = kept.lock();
      if (asking != nullptr) guarded(asking, [&] { asking->keep(); });
    });
  }

  // On the network's thread.
  void settleSoon(openai::Asking& asking) noexcept {
    try {
      desk_.schedule({}, [this, ended = asking.shared_from_this()] { settle(ended); });
    } catch (const std::exception&) {
      // Without memory: the turn, dropped, ends the round as failed.
    }
  }

  void takeTimer(openai::Asking& asking) noexcept {
    if (asking.timer) desk_.cancel(*std::exchange(asking.timer, std::nullopt));
  }

  void settle(const Pointer& asking) noexcept {
    asking->isSent = false;
    takeTimer(*asking);
    guarded(asking, [&] {
      asking->collect();
      const std::optional<openai::Failure> failure = asking->failure();
      if (!failure) return complete(asking);
      report(*asking, *failure);
      std::optional<std::chrono::milliseconds> delay;
      if (!asking->hasText()) {
        delay = openai::retryDelay(*failure, asking->tries(), options_, environment_->random());
      }
      if (delay) return tryAgain(asking, *failure, *delay);
      asking->ending.failure = openai::textOf(*failure);
      finish(asking);
    });
  }

  void tryAgain(const Pointer& asking, const openai::Failure& failure,
                std::chrono::milliseconds delay) {
    const std::chrono::duration<double> seconds = delay;
    const std::string text =
        fmt::format("{}; trying again in {:.1f} s ({} of {})", openai::textOf(failure),
                    seconds.count(), asking->tries(), options_.maxRetries);
    asking->ending.items.emplace_back(logOf(text, "warning"));
    asking->keep();
    asking->timer = desk_.schedule(environment_->now() + delay, [this, asking] { ask(asking); });
  }

  void complete(const Pointer& asking) {
    std::vector<ItemContent>& items = asking->ending.items;
    if (asking->hasText()) {
      Message message;  // its text is what was streamed
      message.parentMessageId = asking->turn().input().messageId;
      message.status = "last";
      items.emplace_back(std::move(message));
    } else {
      items.emplace_back(logOf("The model has sent no text", "warning"));
    }
    items.emplace_back(statOf(*asking));
    finish(asking);
  }

  // Nothing of a finished answer is lost because the store is busy: it is asked again and again, as
  // long as the round is not over.
  void finish(const Pointer& asking) noexcept {
    guarded(asking, [&] {
      asking->timer.reset();
      if (isDone(*asking, [&] { asking->finish(); })) return;
      asking->timer =
          desk_.schedule(environment_->now() + kStoreRetry, [this, asking] { finish(asking); });
    });
  }

  // False where the store is busy.
  template <typename Step>
  bool isDone(const openai::Asking& asking, Step&& step) const {
    try {
      step();
      return true;
    } catch (const Error& fault) {
      if (fault.code() != ErrorCode::unavailable) throw;
      say(LogLevel::warning, "the store is busy; a round with a model waits for it",
          asking.turn().input(), {{"fault", fault.what()}});
      return false;
    }
  }

  Stat statOf(const openai::Asking& asking) {
    const std::chrono::duration<double> taken = environment_->now() - asking.startedAt();
    const openai::TokenUsage usage = asking.answer()->usage().value_or(openai::TokenUsage{});
    Stat stat;
    stat.processingTime = taken.count();
    stat.bytesSent = asking.bytesSent();
    stat.bytesReceived = asking.bytesReceived();
    stat.errorCount = asking.tries() - 1;
    stat.process = "openai";
    stat.engine = options_.model;
    stat.tokensIn = usage.input;
    stat.tokensOut = usage.output;
    stat.priceUsd = openai::priceOf(options_.prices, options_.model, usage);
    return stat;
  }

  // What clients are not told.
  void report(openai::Asking& asking, const openai::Failure& failure) {
    std::string words = openai::withoutKey(asking.serverWords(), options_.key);
    words.resize(base::bytesOfCodePoints(words, kMaxLoggedCodePoints));
    say(LogLevel::warning, "a model server has failed a round", asking.turn().input(),
        {{"failure", openai::textOf(failure)},
         {"try", std::to_string(asking.tries())},
         {"detail", openai::withoutKey(asking.end().detail, options_.key)},
         {"server", std::move(words)}});
  }

  void say(LogLevel level, std::string_view message, const TurnInput& input,
           std::vector<LogField> fields) const {
    if (!log_) return;
    fields.push_back({"workflow", input.workflowId});
    fields.push_back({"round", std::to_string(input.round)});
    log_(level, message, fields);
  }

  const OpenAiOptions options_;
  const std::shared_ptr<Environment> environment_;
  const LogFunction log_;
  const openai::Asking::Events events_;
  std::atomic<std::uint64_t> lastId_ = 0;
  openai::Network network_;
  base::Scheduler desk_;
  base::Scheduler preparing_;
};

}  // namespace

std::shared_ptr<Responder> makeOpenAiResponder(OpenAiOptions options,
                                               std::shared_ptr<Environment> environment,
                                               LogFunction log) {
  openai::checkOptions(options);
  return std::make_shared<OpenAiResponder>(std::move(options), std::move(environment),
                                           std::move(log));
}

bool hasOpenAiResponder() noexcept { return true; }

}  // namespace chatbot
