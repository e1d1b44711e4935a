#include "chatbot/stream.h"

#include <charconv>
#include <utility>

#include "base/json_text.h"
#include "stream/open_stream.h"

namespace chatbot {
namespace {

// Digits only: no sign, no space, nothing after them.
std::optional<std::int64_t> parseNumber(std::string_view text) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  if (text.empty() || text.front() == '-') return std::nullopt;
  const auto [parsed, fault] = std::from_chars(text.data(), end, number);
  if (fault != std::errc() || parsed != end) return std::nullopt;
  return number;
}

}  // namespace

std::string toText(const Position& position) {
  std::string text = std::to_string(position.seq);
  if (!position.offset) return text;
  return text + '.' + std::to_string(*position.offset);
}

std::string toJson(const StreamDelta& delta) {
  std::string out;
  base::JsonObject(out)
      .field("id", delta.messageId)
      .field("offset", delta.offset)
      .field("text", delta.text)
      .close();
  return out;
}

std::optional<Position> parsePosition(std::string_view text) {
  const std::size_t dot = text.find('.');
  const std::optional<std::int64_t> seq = parseNumber(text.substr(0, dot));
  if (!seq) return std::nullopt;
  if (dot == std::string_view::npos) return Position{.seq = *seq};
  const std::optional<std::int64_t> offset = parseNumber(text.substr(dot + 1));
  if (!offset) return std::nullopt;
  return Position{.seq = *seq, .offset = offset};
}

Stream::Stream(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

Stream::~Stream() { impl_->close(); }

StreamEvent Stream::next(Timeout timeout) { return impl_->next(timeout); }

StreamEnd Stream::end() const noexcept { return impl_->end(); }

WorkflowStatus Stream::status() const noexcept { return impl_->status(); }

int Stream::pollable() { return impl_->pollable(); }

void Stream::onReady(std::function<void()> callback) { impl_->onReady(std::move(callback)); }

void Stream::cancel() noexcept { impl_->finish(StreamEnd::cancelled); }

void Stream::setBacklog(bool backlog) noexcept { impl_->setBacklog(backlog); }

Position Stream::position() const noexcept { return impl_->position(); }

const std::string& Stream::workflowId() const noexcept { return impl_->workflowId(); }

}  // namespace chatbot
