/// @file
/// The records that clients see, and their JSON (UTF-8, camelCase).
///
/// Times are seconds since the Unix epoch. Ids are UUIDs of version 7. The structs are plain values
/// without locks: share one between threads only while nobody changes it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace chatbot {

enum class WorkflowStatus { running, completed, stopped, error };

std::string_view toText(WorkflowStatus status) noexcept;
/// Throws Error (internal) for any other text.
WorkflowStatus workflowStatusFromText(std::string_view text);

inline constexpr std::string_view kChatbotMode = "Chatbot";
inline constexpr std::int64_t kDefaultMaxSteps = 10;

/// A conversation ("thread"). Its items are in the log, not here.
struct Workflow {
  std::string id;
  std::string mandateId;  ///< the tenant; empty for users without one
  std::string name;
  WorkflowStatus status = WorkflowStatus::running;
  std::string workflowMode{kChatbotMode};
  std::int64_t currentRound = 0;
  std::int64_t currentTask = 0;
  std::int64_t currentAction = 0;
  std::int64_t totalTasks = 0;
  std::int64_t totalActions = 0;
  std::optional<std::int64_t> maxSteps;  ///< shown as kDefaultMaxSteps where absent
  double startedAt = 0;
  double lastActivity = 0;  ///< while a round is running, up to a second behind its newest item
  std::string createdBy;
  double createdAt = 0;
  std::int64_t lastSeq = 0;  ///< place of the newest item in the log; not part of the JSON
};

struct Document {
  std::string id;         ///< given by the store where empty
  std::string messageId;  ///< always set by the store
  std::string fileId;
  std::string fileName;
  std::int64_t fileSize = 0;
  std::string mimeType;
};

/// `status` is `first` (opens a round), `step` (one of several) or `last` (the answer).
struct Message {
  std::string id;  ///< given by the store where empty
  std::string parentMessageId;
  std::string role = "assistant";  ///< user, assistant, system or tool
  std::string message;
  std::string summary;
  std::string status = "step";
  std::vector<Document> documents;
  bool success = true;
};

struct Log {
  std::string id;  ///< given by the store where empty
  std::string message;
  std::string type = "info";  ///< info, warning, error or success
  std::string status;
  std::optional<double> progress;  ///< 0..1
};

struct Stat {
  std::string id;             ///< given by the store where empty
  double processingTime = 0;  ///< seconds
  std::int64_t bytesSent = 0;
  std::int64_t bytesReceived = 0;
  std::int64_t errorCount = 0;
  std::string process;
  std::string engine;
  std::int64_t tokensIn = 0;
  std::int64_t tokensOut = 0;
  double priceUsd = 0;
};

/// The content of an item of a workflow's log.
using ItemContent = std::variant<Message, Log, Stat>;

/// An item of the log as it was stored. `json` is the chat item that goes on the wire:
/// {"type": "message" | "log" | "stat", "createdAt": seconds, "item": {…}} on one line.
struct Item {
  std::int64_t seq = 0;               ///< its place: 1, 2, 3 … within its workflow
  std::optional<std::int64_t> round;  ///< absent for items that belong to none
  std::string json;
};

inline constexpr std::size_t kMaxFileIds = 100;       ///< of a start request
inline constexpr std::size_t kMaxFileIdLength = 200;  ///< code points of each

/// The body of a start request.
struct UserInput {
  std::string prompt;
  std::vector<std::string> listFileId;  ///< kMaxFileIds at most
  std::string userLanguage = "en";
  std::optional<std::string> workflowId;
};

/// A user's input that fits. It is made where the input enters the library, and checked there once:
/// no later step of a start checks it again.
class CheckedInput {
 public:
  /// Throws Error (invalidArgument) for a blank prompt, and for more or longer ids of files than
  /// the limits above.
  CheckedInput(UserInput input);  // NOLINT(google-explicit-constructor): a host gives a UserInput

  const UserInput& operator*() const noexcept { return input_; }
  const UserInput* operator->() const noexcept { return &input_; }

 private:
  friend CheckedInput parseUserInput(std::string_view json);
  struct Fits {};  // the caller has checked it
  CheckedInput(UserInput input, Fits) noexcept : input_(std::move(input)) {}

  UserInput input_;
};

/// The message that a start puts into the log.
Message userMessage(const UserInput& input);

/// A body that parseUserInput reads again.
std::string toJson(const UserInput& input);

/// The place that the store gives to an item when it is appended.
struct ItemPlace {
  std::string_view workflowId;
  std::int64_t seq = 0;
  std::optional<std::int64_t> round;
  double createdAt = 0;
};

std::string toJson(const Workflow& workflow);

/// `round` absent: null.
std::string toJson(const Document& document, std::optional<std::int64_t> round);

/// The chat item of `content` at `place`. Bytes that are not UTF-8 become U+FFFD.
std::string toJson(const ItemContent& content, const ItemPlace& place);

/// Throws Error (invalidBody, with the list of faults as its detail) for text that is not JSON or
/// does not fit the model. Unknown keys are ignored.
CheckedInput parseUserInput(std::string_view json);

/// The body of a rename request, {"name": "…"}: not blank, without control characters, at most
/// kMaxNameLength code points. Throws as parseUserInput does.
inline constexpr std::size_t kMaxNameLength = 200;
std::string parseRename(std::string_view json);

/// A chat item as a responder writes it: {"type": "message", "item": {"message": "…", …}}.
/// Throws Error (invalidArgument) naming the field that does not fit.
ItemContent parseItemContent(std::string_view json);

/// One such item, or a list of at least one; faults in a list begin with the item's place in it,
/// `[2].item.message`.
std::vector<ItemContent> parseItemContents(std::string_view json);

/// The name of a new workflow: its prompt's first line that is not blank, without control
/// characters, cut at `limit` code points on a word's end.
std::string nameFromPrompt(std::string_view prompt, std::size_t limit = 60);

}  // namespace chatbot
