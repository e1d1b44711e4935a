#include "dataset.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

namespace chatbot::bench {
namespace {

constexpr double kFirstStart = 1'760'000'000;  // seconds
constexpr double kStartsWithin = 180.0 * 86'400;
constexpr double kActiveWithin = 3 * 86'400.0;
constexpr std::size_t kMessageBytes = 400;
constexpr std::int64_t kItemsOfTransaction = 50'000;

constexpr std::array<std::string_view, 16> kWords = {
    "answer", "bridge",  "cloud",  "delivery", "energy", "forecast", "garden",  "harbour",
    "index",  "journal", "kernel", "ledger",   "market", "network",  "orchard", "protocol"};

// The numbers of one workflow: splitmix64, seeded by its index.
class Numbers {
 public:
  explicit Numbers(std::int64_t index) : state_(static_cast<std::uint64_t>(index) << 20) {}

  std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
    return mixed ^ (mixed >> 31);
  }

  std::size_t below(std::size_t limit) { return next() % limit; }

  // From 0 to 1.
  double fraction() { return static_cast<double>(next() >> 11) / 9007199254740992.0; }

  // In the form of a UUID of version 7 that was made at `time`.
  std::string id(double time) {
    const auto milliseconds = static_cast<std::uint64_t>(time * 1000);
    const std::uint64_t high = next();
    const std::uint64_t low = next();
    return fmt::format("{:08x}-{:04x}-7{:03x}-{:04x}-{:012x}", milliseconds >> 16,
                       milliseconds & 0xFFFF, high & 0xFFF, 0x8000 | (high >> 50),
                       low & 0xFFFFFFFFFFFF);
  }

 private:
  std::uint64_t state_;
};

std::string textOf(Numbers& numbers, std::size_t bytes) {
  std::string text;
  while (text.size() < bytes) {
    text += kWords.at(numbers.below(kWords.size()));
    text += ' ';
  }
  text.resize(bytes);
  return text;
}

WorkflowStatus statusOf(Numbers& numbers) {
  const std::size_t percent = numbers.below(100);
  if (percent < 90) return WorkflowStatus::completed;
  return percent < 96 ? WorkflowStatus::stopped : WorkflowStatus::error;
}

Log logOf(Numbers& numbers, double time) {
  Log log;
  log.id = numbers.id(time);
  log.message = textOf(numbers, 60);
  return log;
}

Stat statOf(Numbers& numbers, double time) {
  Stat stat;
  stat.id = numbers.id(time);
  stat.processingTime = numbers.fraction();
  return stat;
}

Message messageOf(Numbers& numbers, double time, bool asks) {
  Message message;
  message.id = numbers.id(time);
  message.role = asks ? "user" : "assistant";
  message.message = textOf(numbers, asks ? kMessageBytes / 4 : kMessageBytes);
  message.status = asks ? "first" : "step";
  return message;
}

// Of ten items one is asked, seven answer, one is a log and one a stat.
ItemContent itemOf(Numbers& numbers, std::int64_t place, double time) {
  if (place % 10 == 2) return logOf(numbers, time);
  if (place % 10 == 9) return statOf(numbers, time);
  return messageOf(numbers, time, place % 10 == 0);
}

std::int64_t ownerOf(const Shape& shape, std::int64_t index) {
  if (shape.ofFirstUser == 0) return index % shape.users;
  return index < shape.ofFirstUser ? 0 : 1 + index % (shape.users - 1);
}

}  // namespace

Identity userOf(const Shape& shape, std::int64_t index, std::string role) {
  return {.userId = fmt::format("u{}", index),
          .mandateId = fmt::format("m{}", index % shape.mandates),
          .roles = {std::move(role)}};
}

Import workflowOf(const Shape& shape, std::int64_t index) {
  Numbers numbers(index);
  const Identity owner = userOf(shape, ownerOf(shape, index));
  Import made;
  Workflow& workflow = made.workflow;
  workflow.startedAt = kFirstStart + kStartsWithin * numbers.fraction();
  workflow.createdAt = workflow.startedAt;
  workflow.lastActivity = workflow.startedAt + kActiveWithin * numbers.fraction();
  workflow.id = numbers.id(workflow.createdAt);
  workflow.mandateId = owner.mandateId;
  workflow.createdBy = owner.userId;
  workflow.name = fmt::format("{}{}", textOf(numbers, 8 + numbers.below(40)), index);
  workflow.status = statusOf(numbers);
  workflow.currentRound = 1 + index % 5;
  if (numbers.below(10) < 7) workflow.maxSteps = kDefaultMaxSteps;
  for (std::int64_t place = 0; place < shape.items; ++place) {
    made.items.push_back({itemOf(numbers, place, workflow.createdAt)});
  }
  return made;
}

Message messageOf(std::size_t bytes) {
  Numbers numbers(0);
  Message message;
  message.message = textOf(numbers, bytes);
  return message;
}

void fill(Store& store, const Shape& shape) {
  const std::int64_t batch = std::max<std::int64_t>(1, kItemsOfTransaction / (1 + shape.items));
  for (std::int64_t first = 0; first < shape.workflows; first += batch) {
    std::vector<Import> workflows;
    for (std::int64_t i = first; i < std::min(first + batch, shape.workflows); ++i) {
      workflows.push_back(workflowOf(shape, i));
    }
    store.import(Scope::system(), workflows);
  }
}

}  // namespace chatbot::bench
