#include "settings.h"

#include <array>
#include <charconv>
#include <optional>

#include "base/json_text.h"
#include "chatbot/error.h"
#include "option.h"

namespace chatbot::capi {
namespace {

// In the order of their enumerators.
constexpr std::array<std::string_view, 2> kSynchronous{"normal", "full"};
constexpr std::array<std::string_view, 4> kResponders{"echo", "script", "openai", "host"};
constexpr std::array<std::string_view, 3> kOnBusy{"reject", "interrupt", "enqueue"};

constexpr std::array<std::string_view, 2> kOnLimit{"reject", "queue"};

bool setStore(Settings& settings, std::string_view path) {
  if (path.empty() || path.find('\0') != std::string_view::npos) return false;
  settings.store.path = path;
  return true;
}

bool setPrefix(Settings& settings, std::string_view prefix) {
  const bool fits = prefix.empty() || (prefix.front() == '/' && prefix.back() != '/');
  if (fits) settings.mount.prefix = prefix;
  return fits;
}

bool setAccessRules(Settings& settings, std::string_view rules) {
  if (!rules.empty()) RuleSet::fromJson(rules);
  settings.accessRules = rules;
  return true;
}

template <auto Member>
constexpr Integer rounds{
    1, kMany,
    [](Settings& settings, std::int64_t value) {
      settings.*Member = static_cast<std::size_t>(value);
    },
    [](const Settings& settings) { return static_cast<std::int64_t>(settings.*Member); }};

constexpr auto kOptions = std::to_array<Option>({
    {"store", "The database: an SQLite file, made when absent, or the URL of one on PostgreSQL",
     Text{"the path of an SQLite file, or the URL of a PostgreSQL database", setStore,
          [](const Settings& settings) { return settings.store.path; }}},
    {"synchronous", "Whether a commit must be on the disk before it is answered",
     Choice{kSynchronous,
            [](Settings& settings, std::size_t index) {
              settings.store.synchronous = static_cast<StoreOptions::Synchronous>(index);
            },
            [](const Settings& settings) {
              return static_cast<std::size_t>(settings.store.synchronous);
            }}},
    {"storeMaxBytes",
     "The database's largest size, its write-ahead log not counted; 0 for no limit",
     Integer{0, std::int64_t{1} << 48,
             [](Settings& settings, std::int64_t value) { settings.store.maxBytes = value; },
             [](const Settings& settings) { return settings.store.maxBytes; }}},
    {"busyTimeoutMs", "How long a call waits for another process that is writing",
     Integer{0, kDayMs,
             [](Settings& settings, std::int64_t value) {
               settings.store.busyTimeout = std::chrono::milliseconds(value);
             },
             [](const Settings& settings) -> std::int64_t {
               return settings.store.busyTimeout.count();
             }}},
    {"readers", "Read-only connections at most",
     Integer{1, 64,
             [](Settings& settings, std::int64_t value) {
               settings.store.readers = static_cast<int>(value);
             },
             [](const Settings& settings) -> std::int64_t { return settings.store.readers; }}},
    {"responder", "What answers: a built-in responder, or the host with chatbot_turn_take",
     Choice{kResponders,
            [](Settings& settings, std::size_t index) {
              settings.responder = static_cast<Settings::ResponderKind>(index);
            },
            [](const Settings& settings) { return static_cast<std::size_t>(settings.responder); }}},
    {"keepaliveMs", "Silence on a stream after which a keepalive is sent",
     milliseconds<&Settings::streams, &StreamOptions::keepalive>},
    {"streamLifetimeMs", "A stream's longest life",
     milliseconds<&Settings::streams, &StreamOptions::lifetime>},
    {"maxStreams", "Streams open at once", count<&Settings::streams, &StreamOptions::maxStreams>},
    {"maxStreamsPerUser", "Streams open at once for a tenant's user",
     count<&Settings::streams, &StreamOptions::maxStreamsPerUser>},
    {"maxRounds", "Rounds running at once", rounds<&Settings::maxRounds>},
    {"maxRoundsPerMandate", "Rounds running at once for a tenant",
     rounds<&Settings::maxRoundsPerMandate>},
    {"maxRoundsPerUser", "Rounds running at once for a tenant's user",
     rounds<&Settings::maxRoundsPerUser>},
    {"onLimit", "What a start does at one of these limits: it is refused, or waits for a place",
     Choice{kOnLimit,
            [](Settings& settings, std::size_t index) {
              settings.onLimit = static_cast<EngineOptions::OnLimit>(index);
            },
            [](const Settings& settings) { return static_cast<std::size_t>(settings.onLimit); }}},
    {"maxWaitingRounds", "Rounds that wait for a place at once, with onLimit queue",
     rounds<&Settings::maxWaitingRounds>},
    {"draftIntervalMs", "How long text that is being written may be unsaved",
     Integer{
         1, kDayMs,
         [](Settings& settings, std::int64_t value) {
           settings.draftInterval = std::chrono::milliseconds(value);
         },
         [](const Settings& settings) -> std::int64_t { return settings.draftInterval.count(); }}},
    {"turnTimeoutMs",
     "How long a turn of the responder host may wait to be taken, before it fails; 0 for ever",
     Integer{
         0, kDayMs,
         [](Settings& settings, std::int64_t value) {
           settings.turnTimeout = std::chrono::milliseconds(value);
         },
         [](const Settings& settings) -> std::int64_t { return settings.turnTimeout.count(); }}},
    {"onBusy", "What a start does to a workflow whose round is still running",
     Choice{kOnBusy,
            [](Settings& settings, std::size_t index) {
              settings.onBusy = static_cast<OnBusy>(index);
            },
            [](const Settings& settings) { return static_cast<std::size_t>(settings.onBusy); }}},
    {"maxQueued", "Starts that may wait for one workflow, with onBusy enqueue",
     Integer{
         1, kMany,
         [](Settings& settings, std::int64_t value) {
           settings.maxQueued = static_cast<std::size_t>(value);
         },
         [](const Settings& settings) { return static_cast<std::int64_t>(settings.maxQueued); }}},
    {"idempotencySeconds", "How long a start is remembered by its Idempotency-Key",
     Integer{1, 366 * kDayMs / 1000,
             [](Settings& settings, std::int64_t value) {
               settings.idempotencyLife = std::chrono::seconds(value);
             },
             [](const Settings& settings) -> std::int64_t {
               return settings.idempotencyLife.count();
             }}},
    {"leaseMs",
     "How long an engine may be silent before others on the database take its rounds for abandoned",
     Integer{
         1000, kDayMs,
         [](Settings& settings, std::int64_t value) {
           settings.store.lease = std::chrono::milliseconds(value);
         },
         [](const Settings& settings) -> std::int64_t { return settings.store.lease.count(); }}},
    {"prefix", "Where the endpoints are",
     Text{"a path that starts with / and does not end with one, or nothing", setPrefix,
          [](const Settings& settings) { return settings.mount.prefix; }}},
    {"maxBodyBytes", "The largest request body",
     count<&Settings::mount, &MountOptions::maxBodyBytes>},
    {"rateLimit", "Requests of one caller to one operation in any 60 s; 0 switches it off",
     Integer{0, kMany,
             [](Settings& settings, std::int64_t value) {
               settings.mount.rateLimit = static_cast<int>(value);
             },
             [](const Settings& settings) -> std::int64_t { return settings.mount.rateLimit; }}},
    {"accessRules", "The access rules, in the place of those that the database holds",
     Text{"a JSON list as chatbot_access_set_rules takes it, or nothing for the database's, which "
          "are the standard rules at first",
          setAccessRules, [](const Settings& settings) { return settings.accessRules; }}},
});

// What an option takes, in words.

std::string takes(const Integer& kind) {
  return "an integer from " + std::to_string(kind.minimum) + " to " + std::to_string(kind.maximum);
}

std::string takes(const Choice& kind) {
  std::string words;
  for (const std::string_view word : kind.words) {
    if (!words.empty()) words += word == kind.words.back() ? " or " : ", ";
    words += word;
  }
  return words;
}

std::string takes(const Text& kind) { return kind.takes; }

// Each says whether the value fitted.

bool set(const Integer& kind, Settings& settings, std::string_view value) {
  std::int64_t number = 0;
  const char* const end = value.data() + value.size();
  const auto [rest, fault] = std::from_chars(value.data(), end, number);
  if (fault != std::errc{} || rest != end) return false;
  if (number < kind.minimum || number > kind.maximum) return false;
  kind.set(settings, number);
  return true;
}

bool set(const Choice& kind, Settings& settings, std::string_view value) {
  for (std::size_t index = 0; index < kind.words.size(); ++index) {
    if (kind.words[index] != value) continue;
    kind.set(settings, index);
    return true;
  }
  return false;
}

bool set(const Text& kind, Settings& settings, std::string_view value) {
  return kind.set(settings, value);
}

std::string get(const Integer& kind, const Settings& settings) {
  return std::to_string(kind.get(settings));
}

std::string get(const Choice& kind, const Settings& settings) {
  return std::string(kind.words[kind.get(settings)]);
}

std::string get(const Text& kind, const Settings& settings) { return kind.get(settings); }

constexpr const char* typeName(const Integer&) { return "integer"; }
constexpr const char* typeName(const Choice&) { return "choice"; }
constexpr const char* typeName(const Text&) { return "text"; }

std::string describe(const Option& option) {
  std::optional<std::string> standard;
  if (option.name != std::string_view("store")) {
    standard = std::visit([](const auto& kind) { return get(kind, Settings{}); }, option.kind);
  }
  std::string out;
  const std::string what = std::visit([](const auto& kind) { return takes(kind); }, option.kind);
  base::JsonObject(out)
      .field("name", option.name)
      .field("type", std::visit([](const auto& kind) { return typeName(kind); }, option.kind))
      .field("default", standard)
      .field("description", std::string(option.description) + ": " + what)
      .close();
  return out;
}

std::array<std::span<const Option>, 2> groups() { return {kOptions, openAiOptions()}; }

const Option* findOption(std::string_view name) {
  for (const std::span<const Option> group : groups()) {
    for (const Option& option : group) {
      if (option.name == name) return &option;
    }
  }
  return nullptr;
}

}  // namespace

void setOption(Settings& settings, std::string_view name, std::string_view value) {
  const Option* const option = findOption(name);
  if (option == nullptr) {
    throw Error(ErrorCode::invalidArgument, "There is no option " + std::string(name));
  }
  if (std::visit([&](const auto& kind) { return set(kind, settings, value); }, option->kind))
    return;
  const std::string what = std::visit([](const auto& kind) { return takes(kind); }, option->kind);
  throw Error(ErrorCode::invalidArgument, std::string(name) + " takes " + what);
}

std::string describeOptions() {
  std::string out = "[";
  for (const std::span<const Option> group : groups()) {
    for (const Option& option : group) {
      if (out.size() > 1) out += ',';
      out += describe(option);
    }
  }
  return out + "]";
}

}  // namespace chatbot::capi
