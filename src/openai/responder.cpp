// The responder that asks a model server.
//
// Threads: the network's thread reads what servers send and streams text, so that text waits for
// nothing else; the timer thread appends to workflows, ends rounds and keeps deadlines, and may
// wait for the store; the preparing thread reads histories and loads documents, and may wait for
// the host. A CompletionRequest goes from the preparing thread to the timer thread and stays there;
// the network's thread only calls its listener functions.
#include <fmt/format.h>

#include <array>
#include <atomic>
#include <exception>
#include <utility>

#include "chatbot/error.h"
#include "chatbot/openai.h"
#include "openai/completion_request.h"
#include "openai/history.h"
#include "openai/key_guard.h"
#include "openai/options.h"
#include "openai/prompt.h"

namespace chatbot::openai {
namespace {

constexpr std::chrono::seconds kStoreRetry{1};

class OpenAiResponder final : public Responder {
 public:
  OpenAiResponder(OpenAiOptions options, std::shared_ptr<Environment> environment, LogFunction log)
      : options_(std::move(options)),
        guard_(options_.key),
        environment_(std::move(environment)),
        log_(std::move(log)),
        events_{.onNearer = [this](CompletionRequest& request) { watchSoon(request); },
                .onLogs = [this](CompletionRequest& request,
                                 Instant due) { appendLogsAt(request, due); },
                .onEnd = [this](CompletionRequest& request) { concludeSoon(request); }},
        network_({.url = completionsUrl(options_.baseUrl),
                  .key = options_.key,
                  .caFile = options_.caFile}),
        timers_(environment_),
        preparing_(environment_) {}

  ~OpenAiResponder() override { OpenAiResponder::stop(); }

  void respond(Turn turn) override {
    const auto request = std::make_shared<CompletionRequest>(std::move(turn), ++lastId_, options_,
                                                             *environment_, events_);
    request->turn().onCancel(
        [this, id = request->id(), weak = std::weak_ptr(request)] { cancel(id, weak); });
    preparing_.schedule({}, [this, request] { prepare(request); });
  }

  void stop() noexcept override {
    preparing_.stop();
    network_.stop();
    timers_.stop();
  }

 private:
  using Pointer = std::shared_ptr<CompletionRequest>;

  // A throw lets go of the turn, which ends its round as failed.
  template <typename Body>
  void guarded(const Pointer& request, Body&& body) noexcept {
    try {
      if (!request->turn().cancelled()) body();
    } catch (const std::exception& fault) {
      const TurnInput& input = request->turn().input();
      log(LogLevel::error, "a round with a model has failed", input, {{"fault", fault.what()}});
    }
  }

  // Called when the turn is cancelled, on the canceller's thread: ends the transfer at once and
  // lets go of a request that waits for its timer.
  void cancel(std::uint64_t id, const std::weak_ptr<CompletionRequest>& cancelled) noexcept {
    try {
      network_.abort(id);
      timers_.schedule({}, [this, cancelled] {
        if (const Pointer request = cancelled.lock()) takeTimer(*request);
      });
    } catch (const std::exception&) {
      // Out of memory: the transfer's next bytes, or the timer, find the turn cancelled.
    }
  }

  // On the preparing thread.
  void prepare(const Pointer& request) noexcept {
    guarded(request, [&] {
      if (isTaken(*request, [&] { prepareNow(request); })) return;
      preparing_.schedule(environment_->now() + kStoreRetry, [this, request] { prepare(request); });
    });
  }

  void prepareNow(const Pointer& request) {
    const TurnInput& input = request->turn().input();
    const std::vector<Item> history = request->turn().history(itemsFor(historyLimits(options_)));
    const DocumentParts documents = loadDocuments(input, options_);
    request->body = beginBody(options_, input, history, documents.parts);
    std::vector<ItemContent> logs;
    for (const std::string& warning : documents.warnings) {
      logs.emplace_back(logOf(warning, "warning"));
    }
    logs.emplace_back(logOf("Asking the model " + options_.model, "info"));
    if (request->turn().append(logs)) timers_.schedule({}, [this, request] { ask(request); });
  }

  // From here on everything runs on the timer thread, unless the comment names another.
  void ask(const Pointer& request) noexcept {
    guarded(request, [&] {
      request->timer.reset();
      request->begin();
      request->isSent = true;
      request->leftOut = leftOut_;
      watch(request);
      network_.begin(request->id(), completeBody(request->body, options_, leftOut_), request);
    });
  }

  // Ends a transfer that has been silent for too long. Each byte moves its deadline: a check at the
  // last known deadline is cheaper than a new timer for each byte.
  void watch(const Pointer& request) {
    if (!request->isSent) return;
    takeTimer(*request);
    const Instant due = request->dueAt();
    if (due > environment_->now()) {
      request->timer = watchAt(due, request);
      return;
    }
    request->timeOut();
    network_.abort(request->id());
  }

  base::Timers::Key watchAt(Instant due, const std::weak_ptr<CompletionRequest>& watched) {
    return timers_.schedule(due, [this, watched] {
      const Pointer request = watched.lock();
      if (request != nullptr) guarded(request, [&] { watch(request); });
    });
  }

  // On the network's thread: the deadline has become earlier.
  void watchSoon(CompletionRequest& request) { watchAt(request.dueAt(), request.weak_from_this()); }

  // On the network's thread: there are logs to append.
  void appendLogsAt(CompletionRequest& thinking, Instant due) {
    timers_.schedule(due, [this, kept = thinking.weak_from_this()] {
      const Pointer request = kept.lock();
      if (request != nullptr) guarded(request, [&] { request->appendLogs(); });
    });
  }

  // On the network's thread.
  void concludeSoon(CompletionRequest& request) noexcept {
    try {
      timers_.schedule({}, [this, ended = request.shared_from_this()] { conclude(ended); });
    } catch (const std::exception&) {
      // Out of memory: the turn is dropped, which ends its round as failed.
    }
  }

  void takeTimer(CompletionRequest& request) noexcept {
    if (request.timer) timers_.cancel(*std::exchange(request.timer, std::nullopt));
  }

  void conclude(const Pointer& request) noexcept {
    request->isSent = false;
    takeTimer(*request);
    guarded(request, [&] {
      request->collect();
      const std::optional<Failure> failure = request->failure();
      if (!failure) return complete(request);
      report(*request, *failure);
      if (leaveOutRefused(*request)) return ask(request);
      if (const auto delay = delayBeforeRetry(*request, *failure)) {
        return tryAgain(request, *failure, *delay);
      }
      request->ending.failure = shown(*failure);
      finish(request);
    });
  }

  std::string shown(const Failure& failure) const { return textOf(failure, !options_.key.empty()); }

  // The time before the next try; nothing where there is none. An answer that has begun was paid
  // for and is not asked for again.
  std::optional<std::chrono::milliseconds> delayBeforeRetry(const CompletionRequest& request,
                                                            const Failure& failure) const {
    if (request.hasBegun()) return std::nullopt;
    const auto delay = retryDelay(failure, request.tries(), options_, environment_->random());
    const bool isInTime = delay && environment_->now() + *delay < request.deadline();
    return isInTime ? delay : std::nullopt;
  }

  // Some servers refuse members that others need. What one is refused for is not sent to the server
  // again. Returns whether the request can be sent without it.
  bool leaveOutRefused(const CompletionRequest& request) {
    bool isLess = false;
    for (const RequestMember member : {RequestMember::temperature, RequestMember::streamOptions}) {
      const auto index = static_cast<std::size_t>(member);
      if (request.leftOut.test(index) || !request.isRefused(member)) continue;
      isLess = true;
      leftOut_.set(index);
      log(LogLevel::warning, "the model server does not take a member of the request",
          request.turn().input(), {{"member", std::string(nameOf(member))}});
    }
    return isLess;
  }

  void tryAgain(const Pointer& request, const Failure& failure, std::chrono::milliseconds delay) {
    const std::chrono::duration<double> seconds = delay;
    const std::string text = fmt::format("{}; trying again in {:.1f} s ({} of {})", shown(failure),
                                         seconds.count(), request->tries(), options_.maxRetries);
    request->ending.items.emplace_back(logOf(text, "warning"));
    request->appendLogs();
    request->timer =
        timers_.schedule(environment_->now() + delay, [this, request] { ask(request); });
  }

  void complete(const Pointer& request) {
    std::vector<ItemContent>& items = request->ending.items;
    if (request->hasText()) {
      Message message;  // its text is what was streamed
      message.parentMessageId = request->turn().input().messageId;
      message.status = "last";
      items.emplace_back(std::move(message));
    } else {
      items.emplace_back(logOf("The model has sent no text", "warning"));
    }
    items.emplace_back(statOf(*request));
    finish(request);
  }

  // A finished answer is not lost because the store is busy: the store is asked until it takes the
  // answer or the round is over.
  void finish(const Pointer& request) noexcept {
    guarded(request, [&] {
      request->timer.reset();
      if (isTaken(*request, [&] { request->finish(); })) return;
      request->timer =
          timers_.schedule(environment_->now() + kStoreRetry, [this, request] { finish(request); });
    });
  }

  // False where the store is busy.
  template <typename Step>
  bool isTaken(const CompletionRequest& request, Step&& step) const {
    try {
      step();
      return true;
    } catch (const Error& fault) {
      if (fault.code() != ErrorCode::unavailable) throw;
      log(LogLevel::warning, "the store is busy; a round with a model waits for it",
          request.turn().input(), {{"fault", fault.what()}});
      return false;
    }
  }

  Stat statOf(const CompletionRequest& request) {
    const std::chrono::duration<double> taken = environment_->now() - request.startedAt();
    const TokenUsage& usage = request.answer()->usage();
    Stat stat;
    stat.processingTime = taken.count();
    stat.bytesSent = request.bytesSent();
    stat.bytesReceived = request.bytesReceived();
    stat.errorCount = request.tries() - 1;
    stat.process = "openai";
    stat.engine = options_.model;
    stat.tokensIn = usage.input;
    stat.tokensOut = usage.output;
    stat.priceUsd = priceOf(options_.prices, options_.model, usage);
    return stat;
  }

  // Logs what the server says of its failure, but for its sentences: these may hold the prompt.
  void report(const CompletionRequest& request, const Failure& failure) const {
    log(LogLevel::warning, "a model server has failed a round", request.turn().input(),
        {{"failure", shown(failure)},
         {"try", std::to_string(request.tries())},
         {"status", std::to_string(failure.error.status)},
         {"code", guard_.safe(failure.error.code)},
         {"type", guard_.safe(failure.error.type)},
         {"requestId", guard_.safe(request.end().headers.requestId)},
         {"detail", guard_.safe(request.end().detail)}});
  }

  void log(LogLevel level, std::string_view message, const TurnInput& input,
           std::vector<LogField> fields) const {
    if (!log_) return;
    fields.push_back({"workflow", input.workflowId});
    fields.push_back({"round", std::to_string(input.round)});
    log_(level, message, fields);
  }

  const OpenAiOptions options_;
  const KeyGuard guard_;
  const std::shared_ptr<Environment> environment_;
  const LogFunction log_;
  const CompletionRequest::Events events_;
  std::atomic<std::uint64_t> lastId_ = 0;
  RequestMembers leftOut_;  // used on the timer thread only
  Network network_;
  base::Timers timers_;
  base::Timers preparing_;
};

}  // namespace
}  // namespace chatbot::openai

namespace chatbot {

std::shared_ptr<Responder> makeOpenAiResponder(OpenAiOptions options,
                                               std::shared_ptr<Environment> environment,
                                               LogFunction log) {
  openai::checkOptions(options);
  return std::make_shared<openai::OpenAiResponder>(std::move(options), std::move(environment),
                                                   std::move(log));
}

bool hasOpenAiResponder() noexcept { return true; }

}  // namespace chatbot
