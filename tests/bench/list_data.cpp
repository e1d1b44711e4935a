#include "list_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <utility>

#include "figures.h"

namespace chatbot::bench {
namespace {

constexpr std::int64_t kMandates = 50;
constexpr std::int64_t kOfUser = 1000;

// At least one other user in each mandate.
Shape shapeOf(std::int64_t workflows) {
  return {.workflows = workflows,
          .users = std::max(kMandates + 1, workflows / kOfUser),
          .mandates = kMandates,
          .items = 0,
          .ofFirstUser = kOfUser};
}

// Under another name until it is whole.
void make(const std::string& path, std::int64_t workflows) {
  const std::string unfinished = path + ".unfinished";
  std::filesystem::remove(unfinished);
  const Moment start = std::chrono::steady_clock::now();
  fill(*Store::open({.path = unfinished}, systemEnvironment()), shapeOf(workflows));
  const double seconds = microseconds(start, std::chrono::steady_clock::now()) / 1e6;
  std::filesystem::rename(unfinished, path);
  fmt::print("{} workflows made in {:.1f} s, {:.1f} MiB\n", workflows, seconds,
             static_cast<double>(std::filesystem::file_size(path)) / (1 << 20));
}

}  // namespace

ListData::ListData(std::int64_t workflows, const std::string& folder) : workflows_(workflows) {
  const std::string name = fmt::format("lists-{}.sqlite", workflows);
  if (folder.empty()) temporary_.emplace();
  path_ = temporary_ ? temporary_->file(name) : folder + "/" + name;
  if (!std::filesystem::exists(path_)) make(path_, workflows);
  store_ = Store::open({.path = path_}, systemEnvironment());
  EngineOptions options;
  options.store.path = path_;
  engine_ = Engine::open(std::move(options));
  plain_ = std::make_unique<PlainSqlite>(path_);
}

Identity ListData::caller(const std::string& role) const {
  return userOf(shapeOf(workflows_), 0, role);
}

}  // namespace chatbot::bench
