#include "run/openai/price.h"

#include <algorithm>

#include "model/json_member.h"
#include "model/json_text.h"
#include "model/refuse.h"

namespace chatbot {
namespace {

constexpr double kMillion = 1e6;

double priceIn(const Json& prices, const std::string& model, const char* direction) {
  const Json& value = memberOf(prices, direction);
  if (value.is_null()) return 0;
  if (!value.is_number() || value.get<double>() < 0) {
    refuse("the price {} of the model {} is not a number from 0 on", direction, jsonString(model));
  }
  return value.get<double>();
}

void checkMembers(const Json& price, const std::string& model) {
  for (const auto& [name, value] : price.items()) {
    if (name == "in" || name == "out") continue;
    refuse("the price of the model {} has the unknown member {}", jsonString(model),
           jsonString(name));
  }
}

const ModelPrice* find(std::span<const ModelPrice> prices, std::string_view model) {
  const auto found = std::ranges::find(prices, model, &ModelPrice::model);
  return found == prices.end() ? nullptr : &*found;
}

}  // namespace

std::vector<ModelPrice> parsePrices(std::string_view json) {
  const std::optional<Json> parsed = parseJson(json);
  if (!parsed || !parsed->is_object()) refuse("prices are not a JSON object");
  std::vector<ModelPrice> prices;
  for (const auto& [model, price] : parsed->items()) {
    if (!price.is_object()) refuse("the price of the model {} is no object", jsonString(model));
    checkMembers(price, model);
    prices.push_back({.model = model,
                      .input = priceIn(price, model, "in"),
                      .output = priceIn(price, model, "out")});
  }
  return prices;
}

double priceOf(std::span<const ModelPrice> prices, std::string_view model,
               const TokenUsage& usage) {
  const ModelPrice* price = find(prices, model);
  if (price == nullptr) price = find(prices, "*");
  if (price == nullptr) return 0;
  return (static_cast<double>(usage.input) * price->input +
          static_cast<double>(usage.output) * price->output) /
         kMillion;
}

}  // namespace chatbot
