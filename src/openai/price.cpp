#include "openai/price.h"

#include <algorithm>

#include "base/json_member.h"
#include "base/json_text.h"
#include "base/refuse.h"

namespace chatbot::openai {
namespace {

constexpr double kMillion = 1e6;

double priceIn(const base::Json& prices, const std::string& model, const char* direction) {
  const base::Json& value = base::memberOf(prices, direction);
  if (value.is_null()) return 0;
  if (!value.is_number() || value.get<double>() < 0) {
    base::refuse("the price {} of the model {} is not a number from 0 on", direction,
                 base::jsonString(model));
  }
  return value.get<double>();
}

void checkMembers(const base::Json& price, const std::string& model) {
  for (const auto& [name, value] : price.items()) {
    if (name == "in" || name == "out") continue;
    base::refuse("the price of the model {} has the unknown member {}", base::jsonString(model),
                 base::jsonString(name));
  }
}

const ModelPrice* find(std::span<const ModelPrice> prices, std::string_view model) {
  const auto found = std::ranges::find(prices, model, &ModelPrice::model);
  return found == prices.end() ? nullptr : &*found;
}

}  // namespace

double priceOf(std::span<const ModelPrice> prices, std::string_view model,
               const TokenUsage& usage) {
  const ModelPrice* price = find(prices, model);
  if (price == nullptr) price = find(prices, "*");
  if (price == nullptr) return 0;
  return (static_cast<double>(usage.input) * price->input +
          static_cast<double>(usage.output) * price->output) /
         kMillion;
}

}  // namespace chatbot::openai

namespace chatbot {

std::vector<ModelPrice> parsePrices(std::string_view json) {
  const std::optional<base::Json> parsed = base::parseJson(json);
  if (!parsed || !parsed->is_object()) base::refuse("prices are not a JSON object");
  std::vector<ModelPrice> prices;
  for (const auto& [model, price] : parsed->items()) {
    if (!price.is_object())
      base::refuse("the price of the model {} is no object", base::jsonString(model));
    openai::checkMembers(price, model);
    prices.push_back({.model = model,
                      .input = openai::priceIn(price, model, "in"),
                      .output = openai::priceIn(price, model, "out")});
  }
  return prices;
}

}  // namespace chatbot
