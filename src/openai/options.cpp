#include "openai/options.h"

#include <algorithm>
#include <fstream>

#include "base/json_input.h"
#include "base/json_text.h"
#include "base/message.h"
#include "base/text.h"

namespace chatbot::openai {
namespace {

constexpr std::string_view kCompletions = "/chat/completions";

// Printable ASCII: what fits into one line of HTTP.
bool isPrintable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7F'; });
}

void checkText(std::string_view text, const char* name) {
  if (!base::isUtf8(text) || text.find('\0') != std::string_view::npos)
    base::refuse("the {} is no text", name);
}

// The host of a URL with a scheme: between the user and the port.
std::string_view hostOf(std::string_view url) {
  std::string_view authority = url.substr(url.find("//") + 2);
  authority = authority.substr(0, authority.find_first_of("/?#"));
  const std::size_t user = authority.rfind('@');
  if (user != std::string_view::npos) authority.remove_prefix(user + 1);
  const std::size_t bracket = authority.find(']');  // of an IPv6 address
  return bracket == std::string_view::npos ? authority.substr(0, authority.find(':'))
                                           : authority.substr(0, bracket);
}

void checkCaFile(const std::string& path) {
  if (path.empty()) return;
  std::ifstream file(path);
  if (file.peek() == std::ifstream::traits_type::eof()) {
    base::refuse("the caFile {} cannot be read", base::jsonString(path));
  }
}

void checkServer(const OpenAiOptions& options) {
  if (options.baseUrl.empty()) {
    base::refuse(
        "openaiBaseUrl, or OPENAI_BASE_URL in the environment, must be the model server's URL");
  }
  const bool isHttp =
      options.baseUrl.starts_with("http://") || options.baseUrl.starts_with("https://");
  if (!isHttp || !isPrintable(options.baseUrl)) {
    base::refuse("the model server's base URL must start with http:// or https://");
  }
  if (hostOf(options.baseUrl).empty()) base::refuse("the model server's base URL must name a host");
  if (options.baseUrl.find('#') != std::string::npos) {
    base::refuse("openaiBaseUrl must have no fragment (#…)");
  }
  checkCaFile(options.caFile);
  if (options.model.empty()) {
    base::refuse("openaiModel, or OPENAI_MODEL in the environment, must name the model");
  }
  checkText(options.model, "model's name");
  checkText(options.systemPrompt, "system prompt");
  if (!isPrintable(options.key)) base::refuse("the key must be printable ASCII without spaces");
}

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

const ModelPrice* findPrice(std::span<const ModelPrice> prices, std::string_view model) {
  const auto found = std::ranges::find(prices, model, &ModelPrice::model);
  return found == prices.end() ? nullptr : &*found;
}

}  // namespace

void checkOptions(const OpenAiOptions& options) {
  checkServer(options);
  checkBounds(options);
}

std::string completionsUrl(std::string_view baseUrl) {
  const std::size_t queryAt = std::min(baseUrl.find('?'), baseUrl.size());
  std::string_view path = baseUrl.substr(0, queryAt);
  while (path.ends_with('/')) path.remove_suffix(1);
  std::string url(path);
  if (!path.ends_with(kCompletions)) url += kCompletions;
  return url.append(baseUrl.substr(queryAt));
}

double priceOf(std::span<const ModelPrice> prices, std::string_view model,
               const TokenUsage& usage) {
  const ModelPrice* price = findPrice(prices, model);
  if (price == nullptr) price = findPrice(prices, "*");
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
