// list_bench: what a page of a list costs, by the number of workflows in the database.
//
//   list_bench [--largest N] [--folder FOLDER] [--host HOST-PROGRAM] [--only TEXT]
//
// Each line is one call: its median time in microseconds among 10,000, 100,000 and 1,000,000
// workflows up to N (1,000,000); `growth`, the last of these over the first; the median of plain
// SQLite statements at the last size, without a total unless the line says "counted", and the
// library's time over theirs. "counted": the total is not known yet.
//
// With a folder, the files stay there for the next run. With a host's program, the same is asked
// over HTTP, each time on a new connection. With a text, only the lines that have it in their names
// are measured.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host_process.h"
#include "http_client.h"
#include "list_cases.h"
#include "list_data.h"
#include "list_table.h"

namespace chatbot::bench {
namespace {

constexpr std::array<std::int64_t, 3> kSizes = {10'000, 100'000, 1'000'000};

// One list on one file.
class List {
 public:
  List(ListData& data, const ListLevel& level, const ListKind& kind)
      : data_(data),
        caller_(data.caller(level.role)),
        scope_(level.level, caller_),
        plain_(data, level, kind),
        first_(data, level, kind, 1),
        middle_(data, level, kind, std::max<std::int64_t>(1, pages(first_) / 2)),
        last_(data, level, kind, pages(first_)) {}

  WorkflowPage ask(const std::string& params) {
    return data_.store().list(scope_, kChatbotMode, PageQuery::parse(params, workflowSchema()));
  }

  WorkflowPage askEngine(const std::string& params) {
    return data_.engine().list(caller_, PageQuery::parse(params, workflowSchema()));
  }

  // Nobody follows what an import changes: the total is counted again after it.
  void forgetTotal() {
    Import passing = workflowOf({}, 0);
    passing.workflow.id = newId(*systemEnvironment());
    data_.store().import(Scope::system(), std::array{passing});
    data_.store().remove(Scope::system(), passing.workflow.id);
  }

  ListData& data() { return data_; }
  PlainList& plain() { return plain_; }
  const ListPage& first() const { return first_; }
  const ListPage& middle() const { return middle_; }
  const ListPage& last() const { return last_; }

 private:
  std::int64_t pages(const ListPage& page) {
    return std::max<std::int64_t>(1, (ask(page.byNumber()).totalItems + kPageSize - 1) / kPageSize);
  }

  ListData& data_;
  Identity caller_;
  Scope scope_;
  PlainList plain_;
  ListPage first_;
  ListPage middle_;
  ListPage last_;
};
using OpenList = std::shared_ptr<List>;

// A change of one thread before each call, of all kinds in turn. The thread is gone in the end, and
// each total is what it must be.
class Writes {
 public:
  explicit Writes(OpenList list)
      : list_(std::move(list)), total_(list_->ask(list_->first().byNumber()).totalItems) {}
  ~Writes() {
    if (!thread_.id.empty()) list_->data().store().remove(Scope::system(), thread_.id);
  }
  Writes(const Writes&) = delete;
  Writes& operator=(const Writes&) = delete;

  void next() {
    Store& store = list_->data().store();
    switch (step_++ % 5) {
      case 0:
        thread_ = makeThread(store);
        break;
      case 1:
        store.rename(Scope::system(), thread_.id, "renamed");
        break;
      case 2:
        store.stop(Scope::system(), {thread_.id, 1});
        break;
      case 3:
        store.start(Scope::system(), {.workflowId = thread_.id, .first = messageOf(100)});
        break;
      default:
        store.remove(Scope::system(), thread_.id);
        thread_ = {};
    }
  }

  void check(const WorkflowPage& page) const {
    const std::int64_t expected = total_ + (thread_.id.empty() ? 0 : 1);
    if (page.totalItems != expected) throw std::runtime_error("a total is wrong");
  }

 private:
  Workflow makeThread(Store& store) {
    const StartRequest request{
        .caller = list_->data().caller("user"), .name = "new", .first = messageOf(100)};
    return store.start(Scope::system(), request).workflow;
  }

  OpenList list_;
  std::int64_t total_;
  Workflow thread_;
  int step_ = 0;
};

void measureFirst(Table& table, const std::string& name,
                  const std::function<OpenList(ListData&)>& open) {
  table.measure(name + "first page, counted", [&](ListData& data) {
    const OpenList list = open(data);
    return Measured{.call = [list] { list->ask(list->first().byNumber()); },
                    .plain = [list] { list->plain().counted(); },
                    .before = [list] { list->forgetTotal(); }};
  });
  table.measure(name + "first page", [&](ListData& data) {
    const OpenList list = open(data);
    return Measured{.call = [list] { list->ask(list->first().byNumber()); },
                    .plain = [list] { list->plain().first(); }};
  });
}

void measurePage(Table& table, const std::string& name,
                 const std::function<OpenList(ListData&)>& open,
                 const ListPage& (List::*page)() const) {
  table.measure(name + "by number", [&](ListData& data) {
    const OpenList list = open(data);
    const ListPage& asked = (*list.*page)();
    return Measured{.call = [list, &asked] { list->ask(asked.byNumber()); },
                    .plain = [list, &asked] { list->plain().byNumber(asked); }};
  });
  table.measure(name + "by cursor", [&](ListData& data) {
    const OpenList list = open(data);
    const ListPage& asked = (*list.*page)();
    if (!asked.hasCursor()) throw std::runtime_error("too few rows for two pages: " + name);
    return Measured{.call = [list, &asked] { list->ask(asked.byCursor()); },
                    .plain = [list, &asked] { list->plain().byCursor(asked); }};
  });
}

void measureList(Table& table, const ListLevel& level, const ListKind& kind) {
  const std::string name = fmt::format("{}, {}, ", level.name, kind.name);
  const auto open = [&](ListData& data) { return std::make_shared<List>(data, level, kind); };
  measureFirst(table, name, open);
  measurePage(table, name + "middle ", open, &List::middle);
  measurePage(table, name + "last ", open, &List::last);
}

void measureMore(Table& table, const ListLevel& level) {
  const auto open = [&](ListData& data) {
    return std::make_shared<List>(data, level, kListKinds.front());
  };
  const std::string name = fmt::format("{}, newest first, first page, ", level.name);
  table.measure(name + "after a write", [&](ListData& data) {
    const OpenList list = open(data);
    const auto writes = std::make_shared<Writes>(list);
    return Measured{.call = [=] { writes->check(list->ask(list->first().byNumber())); },
                    .plain = [list] { list->plain().first(); },
                    .before = [writes] { writes->next(); }};
  });
  table.measure(name + "Engine::list", [&](ListData& data) {
    const OpenList list = open(data);
    return Measured{.call = [list] { list->askEngine(list->first().byNumber()); }, .plain = {}};
  });
}

void get(const HostProcess& host, const ListLevel& level, const std::string& params) {
  const std::string target = "/api/chatbot/threads?pagination=" + percentEncoded(params);
  HttpConnection connection(host.port(), getRequest(target, "u0", level.role));
  connection.readToEnd();
  if (connection.received().starts_with("HTTP/1.1 200")) return;
  throw std::runtime_error("not served: " + connection.received());
}

void measureHttp(Table& table, const AllData& all, const std::string& program,
                 const ListLevel& level) {
  std::map<ListData*, std::shared_ptr<HostProcess>> hosts;
  for (const auto& data : all) {
    hosts[data.get()] = std::make_shared<HostProcess>(program, data->path());
  }
  const auto ask = [&](const std::string& name, const auto& paramsOf) {
    table.measure(fmt::format("HTTP, {}, newest first, {}", level.name, name), [&](ListData& data) {
      List list(data, level, kListKinds.front());
      const std::string params = paramsOf(list);
      const auto host = hosts.at(&data);
      return Measured{.call = [=] { get(*host, level, params); }, .plain = {}};
    });
  };
  ask("first page", [](const List& list) { return list.first().byNumber(); });
  ask("last by number", [](const List& list) { return list.last().byNumber(); });
  ask("last by cursor", [](const List& list) { return list.last().byCursor(); });
}

using Options = std::map<std::string_view, std::string>;

Options optionsOf(int count, char** arguments) {
  Options options = {{"--largest", "1000000"}, {"--folder", ""}, {"--host", ""}, {"--only", ""}};
  for (int i = 1; i + 1 < count; i += 2) {
    const auto option = options.find(arguments[i]);
    if (option == options.end()) throw std::invalid_argument("see the head of list_bench.cpp");
    option->second = arguments[i + 1];
  }
  return options;
}

void measureAll(const Options& options) {
  AllData all;
  for (const std::int64_t size : kSizes) {
    const bool isAsked = size <= std::stoll(options.at("--largest"));
    if (isAsked) all.push_back(std::make_unique<ListData>(size, options.at("--folder")));
  }
  if (all.empty()) throw std::invalid_argument("--largest must be 10000 at least");
  Table table(all, options.at("--only"));
  for (const ListLevel& level : kListLevels) {
    for (const ListKind& kind : kListKinds) measureList(table, level, kind);
    measureMore(table, level);
    const std::string& host = options.at("--host");
    if (!host.empty()) measureHttp(table, all, host, level);
  }
}

}  // namespace
}  // namespace chatbot::bench

int main(int count, char** arguments) {
  try {
    chatbot::bench::measureAll(chatbot::bench::optionsOf(count, arguments));
    return EXIT_SUCCESS;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "list_bench: %s\n", error.what());
    return EXIT_FAILURE;
  }
}
