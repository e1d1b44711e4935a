// Cursors: none that was made up or changed is opened, and each that was signed gives its place
// back.
#include <array>
#include <string>
#include <vector>

#include "base/text.h"
#include "fuzz.h"
#include "query/cursor.h"

namespace {

using namespace chatbot;
using namespace chatbot::base;
using namespace chatbot::query;
using chatbot::fuzz::require;

constexpr double kNow = 1'700'000'000;
constexpr std::array<std::string_view, 3> kBinding = {"m1", "ann", "{}"};

const std::vector<SortKey>& keys() {
  static const std::vector<SortKey> made = {{{"name", "name"}, false}, {{"id", "id"}, false}};
  return made;
}

bool opens(const CursorSigner& signer, std::string_view cursor) {
  return fuzz::isAccepted([&] { signer.open(cursor, kBinding, keys(), kNow); });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const CursorSigner signer("a secret");
  const std::string text(fuzz::textOf(data, size));
  require(!opens(signer, text), "a cursor that was made up is opened");

  if (!isUtf8(text)) return 0;
  const CursorPosition position{.values = {text, std::string("id")},
                                .page = static_cast<std::int64_t>(size)};
  std::string cursor = signer.sign(position, kBinding, kNow);
  const CursorPosition opened = signer.open(cursor, kBinding, keys(), kNow);
  require(opened.values == position.values && opened.page == position.page, "another place");

  char& changed = cursor[size % cursor.size()];
  changed = changed == 'A' ? 'B' : 'A';
  require(!opens(signer, cursor), "a cursor that was changed is opened");
  return 0;
}
