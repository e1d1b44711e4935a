// The options of the endpoints by name.
#include <array>

#include "base/option.h"
#include "chatbot/http.h"

namespace chatbot::http {
namespace {

using base::optionMember;

bool isPrefix(std::string_view prefix) {
  return prefix.empty() || (prefix.front() == '/' && prefix.back() != '/');
}

constexpr auto kOptions = std::to_array<base::Option<MountOptions>>({
    {"prefix", "Path of the endpoints",
     base::Text{"a path that starts with / and does not end with one, or nothing", isPrefix},
     optionMember<&MountOptions::prefix>},
    {"maxBodyBytes", "Maximum size of a request body", base::kCount,
     optionMember<&MountOptions::maxBodyBytes>},
    {"rateLimit",
     "Maximum number of requests of a caller to one operation in any 60 s (0: no limit)",
     base::Integer{0, base::kMany}, optionMember<&MountOptions::rateLimit>},
});

constexpr base::OptionTable<MountOptions> kTable(kOptions);

}  // namespace
}  // namespace chatbot::http

namespace chatbot {

bool setOption(MountOptions& options, std::string_view name, std::string_view text) {
  return base::setOption(http::kTable, options, name, text);
}

std::string optionsJson(const MountOptions& options) {
  return base::optionsJson(http::kTable, options);
}

}  // namespace chatbot
