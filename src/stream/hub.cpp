#include <atomic>
#include <utility>
#include <vector>

#include "base/text_hash.h"
#include "chatbot/error.h"
#include "chatbot/stream.h"
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
class StreamLimits : public std::enable_shared_from_this<StreamLimits> {
 public:
  StreamLimits(std::size_t maxStreams, std::size_t maxPerUser)
      : maxStreams_(maxStreams), maxPerUser_(maxPerUser) {}

  // Gives back what it takes when the last copy of the answer is gone.
  std::shared_ptr<void> take(const std::string& userName) {
    User& user = count(userName);
    return {nullptr, [limits = shared_from_this(), &user](void*) { limits->giveBack(user); }};
  }

  std::size_t total() const {
    const std::lock_guard lock(mutex_);
    return total_;
  }

 private:
  using Users = base::TextMap<std::size_t>;
  using User = Users::value_type;  // stays where it is as long as it counts a stream

  User& count(const std::string& userName) {
    const std::lock_guard lock(mutex_);
    if (total_ >= maxStreams_) refuse("Too many open streams");
    User& user = *perUser_.try_emplace(userName, 0).first;
    if (user.second >= maxPerUser_) refuse("Too many open streams of this user");
    ++user.second;
    ++total_;
    return user;
  }

  void giveBack(User& user) {
    const std::lock_guard lock(mutex_);
    --total_;
    if (--user.second == 0) perUser_.erase(perUser_.find(user.first));
  }

  [[noreturn]] static void refuse(const char* message) {
    throw Error(ErrorCode::unavailable, message).withRetryAfter(kRetryAfterSeconds);
  }

  const std::size_t maxStreams_;
  const std::size_t maxPerUser_;
  mutable std::mutex mutex_;
  std::size_t total_ = 0;
  Users perUser_;
};

struct StreamHub::Impl {
  Impl(std::shared_ptr<Store> store, std::shared_ptr<Environment> environment,
       const StreamOptions& options)
      : limits(std::make_shared<StreamLimits>(options.maxStreams, options.maxStreamsPerUser)),
        services(std::make_shared<stream::StreamServices>(std::move(store), std::move(environment),
                                                          options)) {}

  template <typename Visit>
  void forEach(const Visit& visit) {
    for (const std::shared_ptr<stream::Feed>& feed : feeds->all()) feed->forEach(visit);
  }

  const std::shared_ptr<StreamLimits> limits;
  const std::shared_ptr<stream::StreamServices> services;
  const std::shared_ptr<stream::Feeds> feeds = std::make_shared<stream::Feeds>();
  std::atomic<bool> closed = false;
};

StreamHub::StreamHub(std::shared_ptr<Store> store, std::shared_ptr<Environment> environment,
                     StreamOptions options)
    : impl_(std::make_shared<Impl>(std::move(store), std::move(environment), options)) {}

StreamHub::~StreamHub() { close(); }

StreamHub::Slot StreamHub::reserve(const Identity& identity) {
  if (impl_->closed) throw Error(ErrorCode::unavailable, "The engine is shut down");
  Slot slot;
  slot.lease_ = impl_->limits->take(userKey(identity));
  return slot;
}

std::unique_ptr<Stream> StreamHub::open(Slot slot, const Scope& scope, std::string_view workflowId,
                                        StreamStart start, std::function<bool()> mayRead) {
  auto state =
      std::make_shared<stream::State>(stream::State::Setup{.services = impl_->services,
                                                           .feed = impl_->feeds->feed(workflowId),
                                                           .scope = scope,
                                                           .start = start,
                                                           .mayRead = std::move(mayRead),
                                                           .slot = std::move(slot.lease_)});
  std::unique_ptr<Stream> stream(new Stream(state));
  state->open();
  // The hub may have been closed, and the rules may have changed since the caller was checked,
  // before anybody could see the stream.
  if (impl_->closed) state->finish(StreamEnd::shutdown);
  if (!state->mayRead()) state->finish(StreamEnd::denied);
  return stream;
}

void StreamHub::notify(const Change& change) {
  if (const std::shared_ptr<stream::Feed> feed = impl_->feeds->find(change.workflowId)) {
    feed->publish(change);
  }
}

std::vector<std::string> StreamHub::followed() const {
  std::vector<std::string> workflowIds;
  for (const std::shared_ptr<stream::Feed>& feed : impl_->feeds->all()) {
    workflowIds.push_back(feed->workflowId());
  }
  return workflowIds;
}

void StreamHub::notify(std::string_view workflowId, const std::optional<store::Snapshot>& found) {
  const std::shared_ptr<stream::Feed> feed = impl_->feeds->find(workflowId);
  if (feed == nullptr) return;
  found ? feed->publish(*found) : feed->publish(Change{.workflowId = workflowId, .removed = true});
}

bool StreamHub::follows(std::string_view workflowId) const {
  return impl_->feeds->find(workflowId) != nullptr;
}

bool StreamHub::isBehind(const Workflow& found) const {
  const std::shared_ptr<stream::Feed> feed = impl_->feeds->find(found.id);
  return feed != nullptr && feed->isBehind(found);
}

std::optional<store::Draft> StreamHub::draft(std::string_view workflowId,
                                             store::DraftAccess access) const {
  const std::shared_ptr<stream::Feed> feed = impl_->feeds->find(workflowId);
  if (feed == nullptr) return std::nullopt;
  if (access == store::DraftAccess::freeze) return feed->freezeDraft();
  if (access == store::DraftAccess::look) return feed->draft();
  feed->thawDraft();
  return std::nullopt;
}

std::optional<StreamHub::DraftExtent> StreamHub::draftExtent(std::string_view workflowId) const {
  const std::shared_ptr<stream::Feed> feed = impl_->feeds->find(workflowId);
  return feed == nullptr ? std::nullopt : feed->draftExtent();
}

std::shared_ptr<stream::Feed> StreamHub::feed(std::string_view workflowId) {
  return impl_->feeds->feed(workflowId);
}

void StreamHub::revalidate() {
  impl_->forEach([](stream::State& state) {
    if (!state.mayRead()) state.finishUnderLock(StreamEnd::denied);
  });
}

void StreamHub::close() noexcept {
  impl_->closed = true;
  impl_->forEach([](stream::State& state) { state.finishUnderLock(StreamEnd::shutdown); });
  impl_->services->timers.stop();
  impl_->services->notifier.stop();
}

std::size_t StreamHub::openStreams() const { return impl_->limits->total(); }

}  // namespace chatbot
