#include "stream/newest_items.h"

#include <new>

namespace chatbot::stream {
namespace {

constexpr std::size_t kMostItems = 256;
constexpr std::size_t kMostBytes = 64 * 1024;

}  // namespace

void NewestItems::add(std::span<const ItemPointer> items) noexcept {
  try {
    keep(items);
  } catch (const std::bad_alloc&) {
    clear();
  }
}

void NewestItems::keep(std::span<const ItemPointer> items) {
  if (items.empty()) return;
  if (!items_.empty() && items_.back()->seq + 1 != items.front()->seq) clear();
  for (const ItemPointer& item : items) {
    items_.push_back(item);
    bytes_ += item->json.size();
  }
  if (items_.size() >= 2 * kMostItems || bytes_ >= 2 * kMostBytes) trim();
}

// Half at a time, so that the rest is seldom moved. The newest item stays, whatever its size.
void NewestItems::trim() {
  std::size_t dropped = 0;
  while (dropped + 1 < items_.size() &&
         (items_.size() - dropped > kMostItems || bytes_ > kMostBytes)) {
    bytes_ -= items_[dropped]->json.size();
    ++dropped;
  }
  items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(dropped));
}

void NewestItems::clear() noexcept {
  items_ = {};
  bytes_ = 0;
}

const NewestItems::ItemPointer* NewestItems::at(std::int64_t seq) const noexcept {
  if (items_.empty() || seq < items_.front()->seq || seq > items_.back()->seq) return nullptr;
  return &items_[static_cast<std::size_t>(seq - items_.front()->seq)];
}

}  // namespace chatbot::stream
