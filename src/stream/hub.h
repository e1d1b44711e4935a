// All streams of an engine, and what the engine and its rounds need of them.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/scheduler.h"
#include "chatbot/stream.h"
#include "store/engine_store.h"
#include "stream/feed.h"

namespace chatbot::stream {

class StreamLimits;
struct StreamServices;

// Any thread. It has no lock of its own: its limits, its feeds and each feed have one.
class Hub {
 public:
  using Slot = StreamHub::Slot;

  Hub(std::shared_ptr<Store> store, std::shared_ptr<Environment> environment,
      const StreamOptions& options, std::shared_ptr<base::Scheduler> scheduler);
  // With a scheduler of its own.
  Hub(std::shared_ptr<Store> store, const std::shared_ptr<Environment>& environment,
      const StreamOptions& options)
      : Hub(std::move(store), environment, options,
            std::make_shared<base::Scheduler>(environment)) {}
  ~Hub() { close(); }
  Hub(const Hub&) = delete;
  Hub& operator=(const Hub&) = delete;

  // --- As StreamHub has them

  Slot reserve(const Identity& identity);
  std::unique_ptr<Stream> open(Slot slot, const Scope& scope, std::string_view workflowId,
                               StreamStart start, std::function<bool()> mayRead);
  void notify(const Change& change);
  void revalidate();
  void close() noexcept;
  std::size_t openStreams() const;

  // --- Changes that are not announced, as those of another engine on the database

  // The workflows that have open streams here, or text that is being written.
  std::vector<std::string> workflows() const;

  // Whether the workflow is one of them.
  bool has(std::string_view workflowId) const { return feeds_->find(workflowId) != nullptr; }

  // Shows the streams of a workflow what a look at the store has found of it; nothing: it is gone.
  void notify(std::string_view workflowId, const std::optional<store::Snapshot>& found);

  // Whether notify() would reach any stream, drafts aside.
  bool isBehind(const Workflow& found) const;

  // --- Text that is being written

  // Where the streams of a workflow meet the text that is written.
  std::shared_ptr<Feed> feed(std::string_view workflowId) { return feeds_->feed(workflowId); }

  // The source of drafts that a store needs: see EngineStore::draftsFrom.
  std::optional<store::Draft> draft(std::string_view workflowId, store::DraftAccess access) const;

  std::optional<DraftExtent> draftExtent(std::string_view workflowId) const;

 private:
  void forEach(const std::function<void(Reader&)>& visit);

  const std::shared_ptr<StreamLimits> limits_;
  const std::shared_ptr<StreamServices> services_;
  const std::shared_ptr<Feeds> feeds_ = std::make_shared<Feeds>();
  std::atomic<bool> closed_ = false;
};

}  // namespace chatbot::stream
