#include "store/takeover.h"

#include "store/log_append.h"
#include "store/round_queue.h"
#include "store/statements.h"

namespace chatbot::store {

Takeover::Portion Takeover::takeOver(Transaction& transaction, std::span<const ItemContent> items) {
  constexpr std::size_t kRounds = 64;
  presence_.beat(transaction.database(), transaction.changes());
  const std::vector<std::int64_t> gone = presence_.gone(transaction.database());
  Portion portion;
  for (const RoundKey& round : selectAbandonedRounds(transaction.rows, gone, kRounds)) {
    const std::vector<ItemContent> own = identified(*environment_, items);
    if (rounds_.end(transaction, round, WorkflowStatus::error, own)) portion.ended.push_back(round);
  }
  portion.mayBeMore = portion.ended.size() == kRounds;
  if (portion.mayBeMore) return portion;
  adoptQueued(transaction.rows, presence_.runner(), gone);
  presence_.forget(transaction.database(), gone);
  return portion;
}

}  // namespace chatbot::store
