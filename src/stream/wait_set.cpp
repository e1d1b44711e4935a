#include "stream/wait_set.h"

#include <algorithm>
#include <utility>

#include "chatbot/error.h"
#include "stream/open_stream.h"

namespace chatbot::stream {

Wakes::~Wakes() {
  for (std::size_t i = 0; i < count_; ++i) sets_[i]->announce();
}

bool Wakes::add(const std::shared_ptr<WaitSetCore>& set) noexcept {
  const auto end = sets_.begin() + static_cast<std::ptrdiff_t>(count_);
  if (std::find(sets_.begin(), end, set) != end) return true;
  if (count_ == sets_.size()) return false;
  sets_[count_++] = set;
  return true;
}

// The set of an earlier entry may have gone without a word: then the entry is free.
bool WaitSetCore::Entry::enter(std::shared_ptr<WaitSetCore> core, std::uint64_t token, bool ready) {
  if (core_ != nullptr) {
    const std::lock_guard lock(core_->mutex_);
    if (!core_->closed_) return false;
  }
  leave();
  core_ = std::move(core);
  token_ = token;
  set(ready);
  return true;
}

void WaitSetCore::Entry::leave() noexcept {
  set(false);
  core_ = nullptr;
}

void WaitSetCore::Entry::set(bool ready, Wakes* later) noexcept {
  if (core_ == nullptr || !core_->set(*this, ready)) return;
  if (later == nullptr || !later->add(core_)) core_->announce();
}

bool WaitSetCore::set(Entry& entry, bool ready) noexcept {
  const std::lock_guard lock(mutex_);
  if (ready == entry.linked_ || (ready && closed_)) return false;
  const bool was = isReady();
  ready ? link(entry) : unlink(entry);
  return was != isReady();
}

void WaitSetCore::announce() noexcept {
  const std::lock_guard lock(mutex_);
  refresh();
}

void WaitSetCore::link(Entry& entry) noexcept {
  entry.linked_ = true;
  entry.before_ = last_;
  entry.after_ = nullptr;
  (last_ == nullptr ? first_ : last_->after_) = &entry;
  last_ = &entry;
}

void WaitSetCore::unlink(Entry& entry) noexcept {
  entry.linked_ = false;
  (entry.before_ == nullptr ? first_ : entry.before_->after_) = entry.after_;
  (entry.after_ == nullptr ? last_ : entry.after_->before_) = entry.before_;
}

// Under the mutex. Not needed for each stream: only the first that is ready changes the level.
void WaitSetCore::refresh() noexcept {
  const bool ready = isReady();
  pollable_.set(ready);
  if (ready) changed_.notify_one();
}

WaitSet::Result WaitSetCore::wait(Timeout timeout, std::span<std::uint64_t> tokens) {
  const Instant givenUpAt =
      timeout < Timeout::zero() ? Instant::max() : environment_->now() + timeout;
  std::unique_lock lock(mutex_);
  while (!isReady()) {
    if (timeout == Timeout::zero() || environment_->now() >= givenUpAt) return {};
    environment_->waitUntil(changed_, lock, givenUpAt);
  }
  return take(tokens);
}

// Streams whose token is answered go to the end of the list, so that none waits for ever.
WaitSet::Result WaitSetCore::take(std::span<std::uint64_t> tokens) noexcept {
  WaitSet::Result result{.count = 0, .woken = std::exchange(woken_, false)};
  const Entry* const newest = last_;
  for (bool more = first_ != nullptr; more && result.count < tokens.size(); ++result.count) {
    Entry& entry = *first_;
    more = &entry != newest;
    tokens[result.count] = entry.token_;
    unlink(entry);
    link(entry);
  }
  refresh();
  return result;
}

void WaitSetCore::wake() noexcept {
  const std::lock_guard lock(mutex_);
  woken_ = true;
  refresh();
}

// Entries keep the core, and find it closed when they are used next.
void WaitSetCore::close() noexcept {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  while (first_ != nullptr) unlink(*first_);
}

int WaitSetCore::pollable() {
  const std::lock_guard lock(mutex_);
  return pollable_.descriptor();
}

}  // namespace chatbot::stream

namespace chatbot {

WaitSet::WaitSet(std::shared_ptr<Environment> environment)
    : impl_(std::make_shared<Impl>(std::move(environment))) {}

WaitSet::~WaitSet() { impl_->close(); }

void WaitSet::add(Stream& stream, std::uint64_t token) {
  if (stream.impl_->enter(impl_, token)) return;
  throw Error(ErrorCode::misuse, "The stream is in a wait set already");
}

void WaitSet::remove(Stream& stream) noexcept { stream.impl_->leave(*impl_); }

WaitSet::Result WaitSet::wait(Timeout timeout, std::span<std::uint64_t> tokens) {
  return impl_->wait(timeout, tokens);
}

void WaitSet::wake() noexcept { impl_->wake(); }

int WaitSet::pollable() { return impl_->pollable(); }

}  // namespace chatbot
