#include "engine/peer_watch.h"

#include <exception>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace chatbot::engine {
namespace {

using FoundWorkflows = std::map<std::string, std::optional<Workflow>>;

// Each of `ids`, with nothing where the workflow is gone.
FoundWorkflows findEach(store::EngineStore& store, const std::vector<std::string>& ids) {
  FoundWorkflows found;
  if (ids.empty()) return found;
  for (const std::string& id : ids) found.emplace(id, std::nullopt);
  for (Workflow& workflow : store.findAll(Scope::system(), ids)) {
    std::string id = workflow.id;
    found[std::move(id)] = std::move(workflow);
  }
  return found;
}

}  // namespace

void PeerWatch::onPeerChange(std::string_view workflowId) noexcept {
  try {
    workflowId.empty() ? lookAtEach() : look(workflowId);
  } catch (const std::exception&) {
    // The store cannot be read: lookAtAll() looks again.
  }
}

void PeerWatch::look(std::string_view workflowId) {
  parts_.rounds->cancelEnded(workflowId);
  if (parts_.streams->has(workflowId)) show(workflowId);
  if (parts_.starter->mayHaveQueued() && isOver(workflowId)) parts_.wakeMaintenance();
}

void PeerWatch::lookAtEach() {
  for (const std::string& id : parts_.rounds->registry().workflows()) {
    parts_.rounds->cancelEnded(id);
  }
  for (const std::string& id : parts_.streams->workflows()) show(id);
  if (parts_.starter->mayHaveQueued()) parts_.wakeMaintenance();
}

// Two statements for all of them. Where the database announces changes, only what it has failed to
// announce is read as a whole.
void PeerWatch::lookAtAll() {
  if (!mayHavePeers()) return;
  for (const auto& [id, found] : findEach(*parts_.store, parts_.rounds->registry().workflows())) {
    parts_.rounds->cancelEnded(id, found);
  }
  for (const auto& [id, found] : findEach(*parts_.store, parts_.streams->workflows())) {
    const bool isKnown = parts_.store->hearsPeers() && found && !parts_.streams->isBehind(*found);
    if (!isKnown) show(id);
  }
}

void PeerWatch::show(std::string_view workflowId) {
  const std::size_t share = std::hash<std::string_view>{}(workflowId) % showing_.size();
  const std::lock_guard lock(showing_[share]);
  parts_.streams->notify(workflowId, parts_.store->snapshot(Scope::system(), workflowId));
}

bool PeerWatch::isOver(std::string_view workflowId) const {
  const std::optional<Workflow> found = parts_.store->find(Scope::system(), workflowId);
  return !found || found->status != WorkflowStatus::running;
}

}  // namespace chatbot::engine
