#include "stream/newest_items.h"

#include <doctest/doctest.h>

#include <array>
#include <string>

using namespace chatbot;
using namespace chatbot::stream;

namespace {

std::shared_ptr<const Item> itemAt(std::int64_t seq, std::size_t bytes = 1) {
  Item item;
  item.seq = seq;
  item.json = std::string(bytes, 'x');
  return std::make_shared<const Item>(std::move(item));
}

void add(NewestItems& newest, std::int64_t seq, std::size_t bytes = 1) {
  const std::array<std::shared_ptr<const Item>, 1> items = {itemAt(seq, bytes)};
  newest.add(items);
}

}  // namespace

TEST_CASE("items are found by their places") {
  NewestItems newest;
  CHECK(newest.at(1) == nullptr);
  for (std::int64_t seq = 5; seq <= 7; ++seq) add(newest, seq);
  CHECK(newest.at(4) == nullptr);
  for (std::int64_t seq = 5; seq <= 7; ++seq) CHECK((*newest.at(seq))->seq == seq);
  CHECK(newest.at(8) == nullptr);
  newest.clear();
  CHECK(newest.at(6) == nullptr);
}

TEST_CASE("behind a gap, the items before it are forgotten") {
  NewestItems newest;
  add(newest, 1);
  add(newest, 3);
  CHECK(newest.at(1) == nullptr);
  CHECK(newest.at(3) != nullptr);
}

TEST_CASE("many items are cut to the newest ones, and one stays whatever its size") {
  NewestItems newest;
  for (std::int64_t seq = 1; seq <= 512; ++seq) add(newest, seq);
  CHECK(newest.at(256) == nullptr);
  CHECK(newest.at(257) != nullptr);
  add(newest, 513, 1024 * 1024);
  CHECK(newest.at(512) == nullptr);
  CHECK(newest.at(513) != nullptr);
}
