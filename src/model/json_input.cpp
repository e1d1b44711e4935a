#include "model/json_input.h"

namespace chatbot {
namespace {

struct TooDeep {};

}  // namespace

std::optional<Json> parseJson(std::string_view text) {
  const auto guard = [](int depth, Json::parse_event_t, const Json&) {
    if (depth > kMaxJsonDepth) throw TooDeep{};
    return true;
  };
  try {
    return Json::parse(text, guard);
  } catch (const Json::exception&) {
    return std::nullopt;
  } catch (const TooDeep&) {
    return std::nullopt;
  }
}

}  // namespace chatbot
