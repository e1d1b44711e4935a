#include "query/cursor.h"

#include <doctest/doctest.h>

#include <array>

#include "support/manual_environment.h"
#include "support/refusal.h"

using namespace chatbot;
using namespace chatbot::query;

namespace {

constexpr double kNow = 1'700'000'000.25;
constexpr std::array<std::string_view, 3> kBinding = {"m1", "ann", "{}"};

const CursorSigner& signer() {
  static const CursorSigner made("a secret");
  return made;
}

std::vector<SortKey> keys() {
  return {{*findField(workflowSchema(), "lastActivity"), true},
          {*findField(workflowSchema(), "name"), false},
          {*findField(workflowSchema(), "id"), false}};
}

CursorPosition position() {
  return {.values = {1.5, std::string("Gr\u00FC\u00DFe, \u6771\u4EAC"), std::string("id")},
          .page = 7};
}

std::string refusalOf(std::string_view cursor, CursorSigner::Binding binding = kBinding,
                      double now = kNow) {
  return test::refusalOf([&] { signer().open(cursor, binding, keys(), now); });
}

constexpr const char* kForeign = "cursor: it was not made for this caller, sort and filters";

}  // namespace

TEST_CASE("a cursor gives back the position that it was made of") {
  const std::string cursor = signer().sign(position(), kBinding, kNow);
  const CursorPosition opened = signer().open(cursor, kBinding, keys(), kNow + 60);
  CHECK(opened.values == position().values);
  CHECK(opened.page == 7);
}

TEST_CASE("a cursor is safe in a URL") {
  for (int i = 0; i < 200; ++i) {
    CursorPosition some = position();
    some.page = i * 7919;
    const std::string cursor = signer().sign(some, kBinding, kNow + i);
    CHECK(cursor.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                   "0123456789-_") == std::string::npos);
    CHECK(signer().open(cursor, kBinding, keys(), kNow + i).page == some.page);
  }
}

TEST_CASE("null, integers, reals and text keep their kind") {
  const std::vector<SortKey> kinds = {{{"a", "a"}, false},
                                      {{"b", "b", FieldType::integer}, false},
                                      {{"c", "c", FieldType::real}, false},
                                      {{"id", "id"}, false}};
  const CursorPosition made{
      .values = {std::monostate{}, std::int64_t{9'007'199'254'740'993}, 0.1, std::string("\0x", 2)},
      .page = 1};
  const std::string cursor = signer().sign(made, kBinding, kNow);
  CHECK(signer().open(cursor, kBinding, kinds, kNow).values == made.values);
}

TEST_CASE("a cursor that was changed anywhere is refused") {
  const std::string cursor = signer().sign(position(), kBinding, kNow);
  for (std::size_t i = 0; i < cursor.size(); ++i) {
    CAPTURE(i);
    std::string changed = cursor;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    CHECK(refusalOf(changed) == kForeign);
    CHECK(refusalOf(cursor.substr(0, i)) == kForeign);
  }
  CHECK(refusalOf(cursor + "A") == kForeign);
  for (const char* text :
       {"", "A", "=", "====", "!", "\u00E9", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}) {
    CHECK(refusalOf(text) == kForeign);
  }
}

TEST_CASE("a cursor opens for what it was tied to only") {
  const std::string cursor = signer().sign(position(), kBinding, kNow);
  for (std::size_t i = 0; i < kBinding.size(); ++i) {
    auto other = kBinding;
    other.at(i) = "other";
    CHECK(refusalOf(cursor, other) == kForeign);
  }
  // Texts that would be the same if they were put together.
  CHECK(refusalOf(cursor, std::array<std::string_view, 3>{"m1a", "nn", "{}"}) == kForeign);
  CHECK(refusalOf(cursor, std::array<std::string_view, 2>{"m1", "ann"}) == kForeign);
}

TEST_CASE("a cursor of another secret is refused") {
  const std::string cursor = CursorSigner("another").sign(position(), kBinding, kNow);
  CHECK(refusalOf(cursor) == kForeign);
}

TEST_CASE("a cursor is good for a day") {
  const std::string cursor = signer().sign(position(), kBinding, kNow);
  constexpr double kDay = 24 * 3600;
  CHECK_NOTHROW(signer().open(cursor, kBinding, keys(), kNow + kDay));
  CHECK(refusalOf(cursor, kBinding, kNow + kDay + 3600) == "cursor: it is older than a day");
}

TEST_CASE("the same page has the same cursor for a while") {
  CHECK(signer().sign(position(), kBinding, kNow) == signer().sign(position(), kBinding, kNow + 1));
}

TEST_CASE("a cursor whose values do not fit the keys is refused") {
  CursorPosition fewer = position();
  fewer.values.pop_back();
  CHECK(refusalOf(signer().sign(fewer, kBinding, kNow)) == kForeign);
  CursorPosition other = position();
  other.values[0] = std::string("no number");
  CHECK(refusalOf(signer().sign(other, kBinding, kNow)) == kForeign);
}

TEST_CASE("each secret is another one") {
  test::ManualEnvironment environment;
  const std::string first = newSecret(environment);
  CHECK(first.size() == 64);
  CHECK(newSecret(environment) != first);
}
