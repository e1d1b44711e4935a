#include "stream/hub.h"

#include <mutex>
#include <utility>

#include "base/text_key.h"
#include "chatbot/error.h"
#include "stream/open_stream.h"

namespace chatbot::stream {

// Counts open streams, as a whole and for each user. Any thread; guarded by its mutex. A slot may
// outlive its hub, so slots share it.
class StreamLimits : public std::enable_shared_from_this<StreamLimits> {
 public:
  StreamLimits(std::size_t maxStreams, std::size_t maxPerUser)
      : maxStreams_(maxStreams), maxPerUser_(maxPerUser) {}

  // Gives back what it takes when the last copy of the answer is gone. Throws Error (unavailable,
  // with a retry time) at a limit.
  std::shared_ptr<void> take(const std::string& userKey) {
    User& user = count(userKey);
    return {nullptr, [limits = shared_from_this(), &user](void*) { limits->giveBack(user); }};
  }

  std::size_t total() const {
    const std::lock_guard lock(mutex_);
    return total_;
  }

 private:
  using Users = base::TextMap<std::size_t>;
  using User = Users::value_type;  // stays where it is as long as it counts a stream

  User& count(const std::string& userKey) {
    const std::lock_guard lock(mutex_);
    if (total_ >= maxStreams_) refuse("Too many open streams");
    User& user = *perUser_.try_emplace(userKey, 0).first;
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
    constexpr int kRetryAfterSeconds = 5;  // streams end all the time
    throw Error(ErrorCode::unavailable, message).withRetryAfter(kRetryAfterSeconds);
  }

  const std::size_t maxStreams_;
  const std::size_t maxPerUser_;
  mutable std::mutex mutex_;  // guards all that follows
  std::size_t total_ = 0;
  Users perUser_;
};

Hub::Hub(std::shared_ptr<Store> store, std::shared_ptr<Environment> environment,
         const StreamOptions& options, std::shared_ptr<base::Scheduler> scheduler)
    : limits_(std::make_shared<StreamLimits>(options.maxStreams, options.maxStreamsPerUser)),
      services_(std::make_shared<StreamServices>(std::move(store), std::move(environment),
                                                 std::move(scheduler), options)) {}

Hub::Slot Hub::reserve(const Identity& identity) {
  if (closed_) throw Error(ErrorCode::unavailable, "The engine is shut down");
  Slot slot;
  slot.lease_ = limits_->take(base::ownerKey(identity.mandateId, identity.userId));
  return slot;
}

std::unique_ptr<Stream> Hub::open(Slot slot, const Scope& scope, std::string_view workflowId,
                                  StreamStart start, std::function<bool()> mayRead) {
  auto opened = std::make_shared<Stream::Impl>(OpenStream::Setup{.services = services_,
                                                                 .feed = feed(workflowId),
                                                                 .scope = scope,
                                                                 .start = start,
                                                                 .mayRead = std::move(mayRead),
                                                                 .slot = std::move(slot.lease_)});
  std::unique_ptr<Stream> stream(new Stream(opened));
  opened->open();
  // The hub may have been closed, and the rules may have changed since the caller was checked,
  // before anybody could see the stream.
  if (closed_) opened->finish(StreamEnd::shutdown);
  if (!opened->mayRead()) opened->finish(StreamEnd::denied);
  return stream;
}

std::size_t Hub::openStreams() const { return limits_->total(); }

void Hub::notify(const Change& change) {
  if (const std::shared_ptr<Feed> feed = feeds_->find(change.workflowId)) feed->publish(change);
}

void Hub::notify(std::string_view workflowId, const std::optional<store::Snapshot>& found) {
  const std::shared_ptr<Feed> feed = feeds_->find(workflowId);
  if (feed == nullptr) return;
  found ? feed->publish(*found) : feed->publish(Change{.workflowId = workflowId, .removed = true});
}

// A feed exists exactly while a stream or a draft holds it.
std::vector<std::string> Hub::workflows() const {
  std::vector<std::string> workflowIds;
  for (const std::shared_ptr<Feed>& feed : feeds_->all()) {
    workflowIds.push_back(feed->workflowId());
  }
  return workflowIds;
}

bool Hub::isBehind(const Workflow& found) const {
  const std::shared_ptr<Feed> feed = feeds_->find(found.id);
  return feed != nullptr && feed->isBehind(found);
}

std::optional<store::Draft> Hub::draft(std::string_view workflowId,
                                       store::DraftAccess access) const {
  const std::shared_ptr<Feed> feed = feeds_->find(workflowId);
  if (feed == nullptr) return std::nullopt;
  if (access == store::DraftAccess::freeze) return feed->freezeDraft();
  if (access == store::DraftAccess::look) return feed->draft();
  feed->thawDraft();
  return std::nullopt;
}

std::optional<DraftExtent> Hub::draftExtent(std::string_view workflowId) const {
  const std::shared_ptr<Feed> feed = feeds_->find(workflowId);
  return feed == nullptr ? std::nullopt : feed->draftExtent();
}

void Hub::forEach(const std::function<void(Reader&)>& visit) {
  for (const std::shared_ptr<Feed>& feed : feeds_->all()) feed->forEach(visit);
}

void Hub::revalidate() {
  forEach([](Reader& reader) { reader.revalidate(); });
}

// Streams first, as their readers may wait; then the threads, of which none waits for a stream.
void Hub::close() noexcept {
  closed_ = true;
  forEach([](Reader& reader) { reader.onEnd(StreamEnd::shutdown); });
  services_->timers.stop();
  services_->notifier.stop();
}

}  // namespace chatbot::stream

namespace chatbot {

struct StreamHub::Impl final : stream::Hub {
  using Hub::Hub;
};

StreamHub::StreamHub(std::shared_ptr<Store> store, std::shared_ptr<Environment> environment,
                     StreamOptions options) {
  auto scheduler = std::make_shared<base::Scheduler>(environment);
  impl_ = std::make_unique<Impl>(std::move(store), std::move(environment), options,
                                 std::move(scheduler));
}

StreamHub::~StreamHub() = default;

StreamHub::Slot StreamHub::reserve(const Identity& identity) { return impl_->reserve(identity); }

std::unique_ptr<Stream> StreamHub::open(Slot slot, const Scope& scope, std::string_view workflowId,
                                        StreamStart start, std::function<bool()> mayRead) {
  return impl_->open(std::move(slot), scope, workflowId, start, std::move(mayRead));
}

void StreamHub::notify(const Change& change) { impl_->notify(change); }

void StreamHub::revalidate() { impl_->revalidate(); }

void StreamHub::close() noexcept { impl_->close(); }

std::size_t StreamHub::openStreams() const { return impl_->openStreams(); }

}  // namespace chatbot
