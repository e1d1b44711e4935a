#include "chatbot/stream.h"

#include <utility>

#include "stream/state.h"

namespace chatbot {

Stream::Stream(std::shared_ptr<stream::State> state) : state_(std::move(state)) {}

Stream::~Stream() { state_->close(); }

StreamEvent Stream::next(Timeout timeout) { return state_->next(timeout); }

StreamEnd Stream::end() const noexcept { return state_->end(); }

WorkflowStatus Stream::status() const noexcept { return state_->status(); }

int Stream::pollable() { return state_->pollable(); }

void Stream::onReady(std::function<void()> callback) { state_->onReady(std::move(callback)); }

void Stream::cancel() noexcept { state_->finish(StreamEnd::cancelled); }

void Stream::setBacklog(bool backlog) noexcept { state_->setBacklog(backlog); }

Position Stream::position() const noexcept { return state_->position(); }

const std::string& Stream::workflowId() const noexcept { return state_->workflowId(); }

}  // namespace chatbot
