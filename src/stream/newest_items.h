// The end of a workflow's log in memory, for readers that are a little behind; others read the
// store.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "chatbot/store.h"

namespace chatbot::stream {

// Invariant: the items' places have no gap. Guarded by its feed's mutex.
class NewestItems {
 public:
  using ItemPointer = std::shared_ptr<const Item>;

  // Without memory for them none is kept, and readers find the items in the store.
  void add(std::span<const ItemPointer> items) noexcept;

  // Null where it is not among them. Valid until the next change.
  const ItemPointer* at(std::int64_t seq) const noexcept;

  void clear() noexcept;

 private:
  void keep(std::span<const ItemPointer> items);
  void trim();

  std::vector<ItemPointer> items_;
  std::size_t bytes_ = 0;
};

}  // namespace chatbot::stream
