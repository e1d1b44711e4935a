#include "store/item_table.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <type_traits>
#include <utility>

#include "base/json_input.h"

namespace chatbot::store {
namespace {

template <typename T>
void identify(Environment& environment, T& item) {
  if (item.id.empty()) item.id = newId(environment);
  if constexpr (std::is_same_v<T, Message>) {
    for (Document& document : item.documents) identify(environment, document);
    for (Document& document : item.documents) document.messageId = item.id;
  }
}

Item readItem(const database::Row& row) {
  Item item;
  item.seq = row.integer(0);
  if (!row.isNull(1)) item.round = row.integer(1);
  item.json = row.text(2);
  return item;
}

std::string_view typeOf(const ItemContent& content) {
  constexpr std::array<std::string_view, 3> kTypes = {"message", "log", "stat"};
  return kTypes.at(content.index());
}

// Whether the JSON is that of a chat item with this id.
bool hasId(std::string_view itemJson, std::string_view id) {
  const std::optional<base::Json> item = base::parseJson(itemJson);
  if (!item || !item->is_object()) return false;
  const base::Json& content = base::memberOf(*item, "item");
  if (!content.is_object()) return false;
  const base::Json& found = base::memberOf(content, "id");
  return found.is_string() && found.get_ref<const std::string&>() == id;
}

}  // namespace

ItemContent identified(Environment& environment, ItemContent content) {
  std::visit([&](auto& item) { identify(environment, item); }, content);
  return content;
}

std::vector<ItemContent> identified(Environment& environment, std::span<const ItemContent> items) {
  std::vector<ItemContent> owned;
  owned.reserve(items.size());
  for (const ItemContent& item : items) owned.push_back(identified(environment, item));
  return owned;
}

std::shared_ptr<const Item> insertItem(ScopedConnection& connection, const ItemContent& content,
                                       const ItemPlace& place) {
  Item item{.seq = place.seq, .round = place.round, .json = toJson(content, place)};
  connection.run(
      "INSERT INTO item (workflowId, seq, type, round, json) "
      "SELECT id, ?, ?, ?, ? FROM workflow WHERE id = ? AND {scope}",
      item.seq, typeOf(content), item.round, item.json, place.workflowId);
  return std::make_shared<const Item>(std::move(item));
}

std::vector<Item> selectItems(ScopedConnection& connection, std::string_view workflowId,
                              const ItemRange& range) {
  std::vector<Item> items;
  std::size_t bytes = 0;
  for (const database::Row& row :
       connection.query("SELECT seq, round, json FROM item "
                        "WHERE workflowId = (SELECT id FROM workflow WHERE id = ? AND {scope}) "
                        "AND seq > ? ORDER BY seq LIMIT ?",
                        workflowId, range.afterSeq, range.limit)) {
    items.push_back(readItem(row));
    bytes += items.back().json.size();
    if (bytes >= range.maxBytes) break;
  }
  return items;
}

// In portions: how many fit is known only from their sizes.
std::vector<Item> selectMessagesBefore(ScopedConnection& connection, std::string_view workflowId,
                                       std::int64_t round, const MessageLimits& limits) {
  constexpr std::size_t kPortion = 64;
  std::vector<Item> items;
  std::size_t left = limits.bytes;
  std::size_t seen = kPortion;
  std::int64_t beforeSeq = std::numeric_limits<std::int64_t>::max();
  while (seen == kPortion) {
    seen = 0;
    for (const database::Row& row : connection.query(
             "SELECT seq, round, json FROM item "
             "WHERE workflowId = (SELECT id FROM workflow WHERE id = ? AND {scope}) "
             "AND type = 'message' AND round < ? AND seq < ? ORDER BY seq DESC LIMIT ?",
             workflowId, round, beforeSeq, kPortion)) {
      ++seen;
      const std::size_t size = row.text(2).size();
      if (items.size() == limits.items || size > left) break;
      left -= size;
      items.push_back(readItem(row));
      beforeSeq = items.back().seq;
    }
  }
  std::ranges::reverse(items);
  return items;
}

bool hasMessage(ScopedConnection& connection, std::string_view workflowId, std::int64_t afterSeq,
                std::string_view messageId) {
  for (const database::Row& row :
       connection.query("SELECT json FROM item "
                        "WHERE workflowId = (SELECT id FROM workflow WHERE id = ? AND {scope}) "
                        "AND seq > ? AND type = 'message'",
                        workflowId, afterSeq)) {
    if (hasId(row.text(0), messageId)) return true;
  }
  return false;
}

}  // namespace chatbot::store
