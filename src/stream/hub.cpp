#include <algorithm>
#include <utility>
#include <vector>

#include "chatbot/error.h"
#include "chatbot/stream.h"
#include "model/text_hash.h"
#include "stream/state.h"

namespace chatbot {
namespace {

// When a reader that was refused may try again; streams end all the time.
constexpr int kRetryAfterSeconds = 5;

std::string userKey(const Identity& identity) {
  return identity.mandateId + '\0' + identity.userId;
}

}  // namespace

// Counts open streams, as a whole and for each user.
class StreamLimits {
 public:
  StreamLimits(std::size_t maxStreams, std::size_t maxPerUser)
      : maxStreams_(maxStreams), maxPerUser_(maxPerUser) {}

  void take(const std::string& user) {
    const std::lock_guard lock(mutex_);
    if (total_ >= maxStreams_) refuse("Too many open streams");
    if (count(user) >= maxPerUser_) refuse("Too many open streams of this user");
    ++perUser_[user];
    ++total_;
  }

  void giveBack(const std::string& user) {
    const std::lock_guard lock(mutex_);
    --total_;
    const auto found = perUser_.find(user);
    if (--found->second == 0) perUser_.erase(found);
  }

  std::size_t total() const {
    const std::lock_guard lock(mutex_);
    return total_;
  }

 private:
  std::size_t count(const std::string& user) const {
    const auto found = perUser_.find(user);
    return found == perUser_.end() ? 0 : found->second;
  }

  [[noreturn]] static void refuse(const char* message) {
    throw Error(ErrorCode::unavailable, message).withRetryAfter(kRetryAfterSeconds);
  }

  const std::size_t maxStreams_;
  const std::size_t maxPerUser_;
  mutable std::mutex mutex_;
  std::size_t total_ = 0;
  TextMap<std::size_t> perUser_;
};

struct StreamHub::Impl : std::enable_shared_from_this<StreamHub::Impl> {
  Impl(std::shared_ptr<Store> theStore, std::shared_ptr<Environment> theEnvironment,
       const StreamOptions& theOptions)
      : store(std::move(theStore)),
        environment(std::move(theEnvironment)),
        options(theOptions),
        limits(std::make_shared<StreamLimits>(options.maxStreams, options.maxStreamsPerUser)),
        scheduler(std::make_shared<Scheduler>(environment)) {}

  void enter(Stream::State& state) {
    const std::lock_guard lock(mutex);
    streams[state.workflowId()].push_back(&state);
    if (closed) state.finish(StreamEnd::shutdown);
  }

  void leave(const Stream::State& state) {
    const std::lock_guard lock(mutex);
    const auto found = streams.find(state.workflowId());
    std::erase(found->second, &state);
    if (found->second.empty()) streams.erase(found);
  }

  // Calls `visit` for each open stream. A stream cannot go away meanwhile: it leaves under the
  // lock.
  template <typename Visit>
  void forEach(const Visit& visit) {
    const std::lock_guard lock(mutex);
    for (auto& [workflowId, readers] : streams) {
      for (Stream::State* state : readers) visit(*state);
    }
  }

  const std::shared_ptr<Store> store;
  const std::shared_ptr<Environment> environment;
  const StreamOptions options;
  const std::shared_ptr<StreamLimits> limits;
  const std::shared_ptr<Scheduler> scheduler;

  std::mutex mutex;
  TextMap<std::vector<Stream::State*>> streams;  // by workflow
  bool closed = false;
};

StreamHub::StreamHub(std::shared_ptr<Store> store, std::shared_ptr<Environment> environment,
                     StreamOptions options)
    : impl_(std::make_shared<Impl>(std::move(store), std::move(environment), options)) {}

StreamHub::~StreamHub() { close(); }

StreamHub::Slot StreamHub::reserve(const Identity& identity) {
  {
    const std::lock_guard lock(impl_->mutex);
    if (impl_->closed) throw Error(ErrorCode::unavailable, "The engine is shut down");
  }
  auto user = std::make_unique<std::string>(userKey(identity));
  impl_->limits->take(*user);
  Slot slot;
  slot.lease_ = std::shared_ptr<std::string>(user.release(),
                                             [limits = impl_->limits](const std::string* key) {
                                               limits->giveBack(*key);
                                               delete key;
                                             });
  return slot;
}

std::unique_ptr<Stream> StreamHub::open(Slot slot, Scope scope, std::string workflowId,
                                        StreamStart start, std::function<bool()> mayRead) {
  Stream::State::Setup setup{
      .store = impl_->store,
      .environment = impl_->environment,
      .scheduler = impl_->scheduler,
      .scope = std::move(scope),
      .workflowId = std::move(workflowId),
      .start = start,
      .mayRead = std::move(mayRead),
      .keepalive = impl_->options.keepalive,
      .lifetime = impl_->options.lifetime,
      .slot = std::move(slot.lease_),
      .release = [impl = impl_](Stream::State& state) { impl->leave(state); }};
  auto state = std::make_shared<Stream::State>(std::move(setup));
  impl_->enter(*state);
  // The rules may have changed since the caller was checked, before revalidate() could see the
  // stream.
  if (!state->mayRead()) state->finish(StreamEnd::denied);
  std::unique_ptr<Stream> stream(new Stream(state));
  state->arm();
  return stream;
}

void StreamHub::notify(const Change& change) {
  const std::lock_guard lock(impl_->mutex);
  const auto found = impl_->streams.find(change.workflowId);
  if (found == impl_->streams.end()) return;
  for (Stream::State* state : found->second) state->wakeFor(change);
}

void StreamHub::revalidate() {
  impl_->forEach([](Stream::State& state) {
    if (!state.mayRead()) state.finish(StreamEnd::denied);
  });
}

void StreamHub::close() noexcept {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->closed = true;
  }
  impl_->forEach([](Stream::State& state) { state.finish(StreamEnd::shutdown); });
  impl_->scheduler->stop();
}

std::size_t StreamHub::openStreams() const { return impl_->limits->total(); }

}  // namespace chatbot
