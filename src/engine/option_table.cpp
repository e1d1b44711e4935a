#include "engine/option_table.h"

#include <array>

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
    {"store", "The database: an SQLite file, made when absent, or the URL of one on PostgreSQL",
     Text{"the path of an SQLite file, or the URL of a PostgreSQL database", isDatabase},
     store<&StoreOptions::path>},
    {"synchronous", "Whether a commit must be on the disk before it is answered",
     Choice{kSynchronous}, store<&StoreOptions::synchronous>},
    {"storeMaxBytes",
     "The database's largest size, its write-ahead log not counted; 0 for no limit",
     Integer{0, std::int64_t{1} << 48}, store<&StoreOptions::maxBytes>},
    {"busyTimeoutMs", "How long a call waits for another process that is writing",
     Integer{0, kDayMs}, store<&StoreOptions::busyTimeout>},
    {"readers", "Read-only connections at most", Integer{1, 64}, store<&StoreOptions::readers>},
    {"leaseMs",
     "How long an engine may be silent before others on the database take its rounds for abandoned",
     Integer{1000, kDayMs}, store<&StoreOptions::lease>},
    {"keepaliveMs", "Silence on a stream after which a keepalive is sent", kMilliseconds,
     streams<&StreamOptions::keepalive>},
    {"streamLifetimeMs", "A stream's longest life", kMilliseconds,
     streams<&StreamOptions::lifetime>},
    {"maxStreams", "Streams open at once", kCount, streams<&StreamOptions::maxStreams>},
    {"maxStreamsPerUser", "Streams open at once for a tenant's user", kCount,
     streams<&StreamOptions::maxStreamsPerUser>},
    {"maxRounds", "Rounds running at once", kCount, optionMember<&EngineOptions::maxRounds>},
    {"maxRoundsPerMandate", "Rounds running at once for a tenant", kCount,
     optionMember<&EngineOptions::maxRoundsPerMandate>},
    {"maxRoundsPerUser", "Rounds running at once for a tenant's user", kCount,
     optionMember<&EngineOptions::maxRoundsPerUser>},
    {"onLimit", "What a start does at one of these limits: it is refused, or waits for a place",
     Choice{kOnLimit}, optionMember<&EngineOptions::onLimit>},
    {"maxWaitingRounds", "Rounds that wait for a place at once, with onLimit queue", kCount,
     optionMember<&EngineOptions::maxWaitingRounds>},
    {"draftIntervalMs", "How long text that is being written may be unsaved", kMilliseconds,
     optionMember<&EngineOptions::draftInterval>},
    {"turnTimeoutMs",
     "How long a turn of the responder host may wait to be taken, before it fails; 0 for ever",
     Integer{0, kDayMs}, optionMember<&EngineOptions::turnTimeout>},
    {"onBusy", "What a start does to a workflow whose round is still running", Choice{kOnBusy},
     optionMember<&EngineOptions::onBusy>},
    {"maxQueued", "Starts that may wait for one workflow, with onBusy enqueue", kCount,
     optionMember<&EngineOptions::maxQueued>},
    {"idempotencySeconds", "How long a start is remembered by its Idempotency-Key",
     Integer{1, 366 * kDayMs / 1000}, optionMember<&EngineOptions::idempotencyLife>},
    {"accessRules", "The access rules, in the place of those that the database holds",
     Text{"a JSON list as chatbot_access_set_rules takes it, or nothing for the database's, which "
          "are the standard rules at first"},
     kRules},
});

}  // namespace

base::OptionTable<EngineOptions> optionTable() { return kOptions; }

}  // namespace chatbot::engine
