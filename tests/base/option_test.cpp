#include "base/option.h"

#include <doctest/doctest.h>

#include <array>
#include <nlohmann/json.hpp>

#include "support/refusal.h"

using namespace chatbot;
using namespace chatbot::base;
using namespace chatbot::test;

namespace {

enum class Colour { red, green };

struct Inner {
  std::size_t size = 3;
  std::chrono::milliseconds wait{250};
};

struct Sample {
  Inner inner;
  Colour colour = Colour::green;
  std::string name;
  std::string note = "none";
  double weight = 0;
};

constexpr std::array<std::string_view, 2> kColours{"red", "green"};

bool isNotEmpty(std::string_view text) { return !text.empty(); }

constexpr auto kTable = std::to_array<Option<Sample>>({
    {"size", "Size", Integer{1, 9}, optionMember<&Sample::inner, &Inner::size>},
    {"waitMs", "Wait", kMilliseconds, optionMember<&Sample::inner, &Inner::wait>},
    {"colour", "Colour", Choice{kColours}, optionMember<&Sample::colour>},
    {"name", "Name", Text{"a name", isNotEmpty}, optionMember<&Sample::name>},
    {"note", "Note", Text{"any text"}, optionMember<&Sample::note>},
    {"weight",
     "Weight",
     Text{"a weight"},
     {[](Sample& sample, const OptionValue& value) {
        sample.weight = std::stod(std::get<std::string>(value));
      },
      nullptr}},
});

const OptionTable<Sample> kOptions(kTable);

std::string refusal(std::string_view name, std::string_view text) {
  Sample sample;
  return refusalOf([&] { setOption(kOptions, sample, name, text); });
}

}  // namespace

TEST_CASE("an option sets the member that its row names") {
  Sample sample;
  for (const auto& [name, text] : {std::pair{"size", "7"},
                                   {"waitMs", "20"},
                                   {"colour", "red"},
                                   {"name", "Ada"},
                                   {"note", ""},
                                   {"weight", "1.5"}}) {
    CHECK(setOption(kOptions, sample, name, text));
  }
  CHECK(sample.inner.size == 7);
  CHECK(sample.inner.wait == std::chrono::milliseconds(20));
  CHECK(sample.colour == Colour::red);
  CHECK(sample.name == "Ada");
  CHECK(sample.note.empty());
  CHECK(sample.weight == 1.5);
}

TEST_CASE("an option of another table is left to it") {
  Sample sample;
  CHECK(!setOption(kOptions, sample, "siz", "7"));
  CHECK(!setOption(kOptions, sample, "", ""));
}

TEST_CASE("a value that does not fit is refused with those that do, and changes nothing") {
  for (const char* const bad :
       {"", "0", "10", "-1", "1.0", " 1", "1 ", "+1", "0x1", "x", "99999999999999999999"}) {
    CAPTURE(bad);
    CHECK(refusal("size", bad) == "size takes an integer from 1 to 9");
  }
  CHECK(refusal("waitMs", "0") == "waitMs takes an integer from 1 to 86400000");
  CHECK(refusal("colour", "Red") == "colour takes red or green");
  CHECK(refusal("name", "") == "name takes a name");
}

TEST_CASE("a member that C++ has set is held to the same bounds") {
  Sample sample;
  const auto check = [&] { return refusalOf([&] { checkOptions(kOptions, sample); }); };
  CHECK(check() == "name takes a name");
  sample.name = "Ada";
  CHECK(check() == "accepted");
  sample.inner.wait = std::chrono::hours(25);
  CHECK(check() == "waitMs takes an integer from 1 to 86400000");
  sample.inner = {.size = static_cast<std::size_t>(-1)};
  CHECK(check() == "size takes an integer from 1 to 9");
  sample.inner = {};
  sample.colour = static_cast<Colour>(2);
  CHECK(check() == "colour takes red or green");
}

TEST_CASE("a table describes its options with their defaults") {
  const auto described = nlohmann::json::parse(optionsJson(kOptions, Sample{}));
  REQUIRE(described.size() == kTable.size());
  CHECK(described[0] == nlohmann::json{{"name", "size"},
                                       {"type", "integer"},
                                       {"default", "3"},
                                       {"description", "Size: an integer from 1 to 9"}});
  CHECK(described[1]["default"] == "250");
  CHECK(described[2]["type"] == "choice");
  CHECK(described[2]["default"] == "green");
  CHECK(described[3]["default"].is_null());  // it does not fit: the option must be set
  CHECK(described[4]["default"] == "none");
  CHECK(described[5]["default"] == "");
}
