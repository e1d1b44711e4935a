// The options of an engine by name: each member of EngineOptions, StoreOptions and StreamOptions
// that may be given as text, with its bounds.
#include <array>

#include "base/option.h"
#include "chatbot/engine.h"

namespace chatbot::engine {
namespace {

using base::Choice;
using base::Integer;
using base::kCount;
using base::kDayMs;
using base::kMilliseconds;
using base::optionMember;
using base::OptionMember;
using base::OptionValue;
using base::Text;

// In the order of their enumerators.
constexpr std::array<std::string_view, 2> kSynchronous{"normal", "full"};
constexpr std::array<std::string_view, 3> kOnBusy{"reject", "interrupt", "enqueue"};
constexpr std::array<std::string_view, 2> kOnLimit{"reject", "queue"};

template <auto Member>
constexpr auto store = optionMember<&EngineOptions::store, Member>;
template <auto Member>
constexpr auto streams = optionMember<&EngineOptions::streams, Member>;

bool isDatabase(std::string_view path) {
  return !path.empty() && path.find('\0') == std::string_view::npos;
}

constexpr OptionMember<EngineOptions> kRules{
    [](EngineOptions& options, const OptionValue& value) {
      const auto& json = std::get<std::string>(value);
      options.rules = json.empty() ? std::nullopt : std::optional(RuleSet::fromJson(json));
    },
    [](const EngineOptions& options) -> OptionValue {
      return options.rules ? options.rules->toJson() : std::string();
    }};

constexpr auto kOptions = std::to_array<base::Option<EngineOptions>>({
    {"store", "Database; an SQLite file is created if absent",
     Text{"the path of an SQLite file, or the URL of a PostgreSQL database", isDatabase},
     store<&StoreOptions::path>},
    {"synchronous", "Whether a commit is on the disk before it is answered", Choice{kSynchronous},
     store<&StoreOptions::synchronous>},
    {"storeMaxBytes",
     "Maximum size of an SQLite file, its write-ahead log not counted (0: no limit)",
     Integer{0, std::int64_t{1} << 48}, store<&StoreOptions::maxBytes>},
    {"busyTimeoutMs", "Time that a write waits for a lock that another process holds",
     Integer{0, kDayMs}, store<&StoreOptions::busyTimeout>},
    {"readers", "Maximum number of read-only connections", Integer{1, 64},
     store<&StoreOptions::readers>},
    {"leaseMs", "Silence after which other engines on the database end the rounds of this one",
     Integer{1000, kDayMs}, store<&StoreOptions::lease>},
    {"keepaliveMs", "Silence on a stream after which a keepalive is sent", kMilliseconds,
     streams<&StreamOptions::keepalive>},
    {"streamLifetimeMs", "Maximum life of a stream", kMilliseconds,
     streams<&StreamOptions::lifetime>},
    {"maxStreams", "Maximum number of open streams", kCount, streams<&StreamOptions::maxStreams>},
    {"maxStreamsPerUser", "Maximum number of open streams of a tenant's user", kCount,
     streams<&StreamOptions::maxStreamsPerUser>},
    {"maxRounds", "Maximum number of running rounds", kCount,
     optionMember<&EngineOptions::maxRounds>},
    {"maxRoundsPerMandate", "Maximum number of running rounds of a tenant", kCount,
     optionMember<&EngineOptions::maxRoundsPerMandate>},
    {"maxRoundsPerUser", "Maximum number of running rounds of a tenant's user", kCount,
     optionMember<&EngineOptions::maxRoundsPerUser>},
    {"onLimit", "Whether a start beyond one of these limits is refused or waits for a slot",
     Choice{kOnLimit}, optionMember<&EngineOptions::onLimit>},
    {"maxWaitingRounds", "Maximum number of rounds that wait for a slot, with onLimit queue",
     kCount, optionMember<&EngineOptions::maxWaitingRounds>},
    {"draftIntervalMs", "Interval at which text that is being written is saved", kMilliseconds,
     optionMember<&EngineOptions::draftInterval>},
    {"turnTimeoutMs",
     "Time after which a turn fails that the host has not taken, with responder host (0: never)",
     Integer{0, kDayMs}, optionMember<&EngineOptions::turnTimeout>},
    {"onBusy", "Effect of a start on a workflow whose round is still running", Choice{kOnBusy},
     optionMember<&EngineOptions::onBusy>},
    {"maxQueued", "Maximum number of starts that wait for one workflow, with onBusy enqueue",
     kCount, optionMember<&EngineOptions::maxQueued>},
    {"idempotencySeconds", "Time that a start is remembered by its Idempotency-Key",
     Integer{1, 366 * kDayMs / 1000}, optionMember<&EngineOptions::idempotencyLife>},
    {"accessRules", "Access rules that replace those in the database",
     Text{"a JSON list as chatbot_access_set_rules takes it, or nothing for the database's, which "
          "are the standard rules at first"},
     kRules},
});

constexpr base::OptionTable<EngineOptions> kTable(kOptions);

}  // namespace
}  // namespace chatbot::engine

namespace chatbot {

bool setOption(EngineOptions& options, std::string_view name, std::string_view text) {
  return base::setOption(engine::kTable, options, name, text);
}

void validate(const EngineOptions& options) { base::checkOptions(engine::kTable, options); }

std::string optionsJson(const EngineOptions& options) {
  return base::optionsJson(engine::kTable, options);
}

}  // namespace chatbot
