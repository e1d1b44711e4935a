// Rows and parameters: an input is parameters, a line feed, a schema (empty: ChatWorkflow's), a
// line feed, and rows. What is selected is JSON, and a selection of it has no more rows.
#include <nlohmann/json.hpp>

#include "chatbot/query.h"
#include "fuzz.h"

namespace {

using namespace chatbot;
using chatbot::fuzz::require;

// Cuts off and returns the first line.
std::string_view takeLine(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

void checkPage(const nlohmann::json& page) {
  const std::size_t items = page.at("items").size();
  const nlohmann::json& pagination = page.at("pagination");
  require(items <= pagination.at("totalItems").get<std::size_t>(), "more items than there are");
  require(items <= pagination.at("pageSize").get<std::size_t>(), "more items than fit");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest = fuzz::textOf(data, size);
  const std::string_view params = takeLine(rest);
  const std::string_view schemaJson = takeLine(rest);
  const std::string_view rows = rest;
  fuzz::isAccepted([&] {
    const Schema schema = schemaJson.empty() ? workflowSchema() : parseSchema(schemaJson);
    const nlohmann::json page = nlohmann::json::parse(select(rows, schema, params));
    checkPage(page);
    const std::string items = page.at("items").dump();
    const bool isSelectedAgain = fuzz::isAccepted([&] {
      const auto again = nlohmann::json::parse(select(items, schema, params));
      require(again.at("pagination").at("totalItems") == page.at("items").size(),
              "what was selected does not fit");
    });
    require(isSelectedAgain, "what was selected is refused");
  });
  return 0;
}
