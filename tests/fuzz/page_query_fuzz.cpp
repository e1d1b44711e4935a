// Pagination parameters: what is accepted is a query that the store can answer.
#include <algorithm>

#include "fuzz.h"
#include "support/fixtures.h"

namespace {

using namespace chatbot;
using chatbot::fuzz::require;

Store& store() {
  static const test::TemporaryFolder folder;
  static const std::shared_ptr<Store> store =
      Store::open({.path = folder.file("chat.sqlite")}, systemEnvironment());
  static const Workflow some =
      test::create(*store, Scope::system(), test::newWorkflow(test::user("ann")),
                   test::textMessage("hello", "user"));
  return *store;
}

void checkStatement(const PageQuery& query) {
  const SqlCondition where = query.where();
  const auto marks = static_cast<std::size_t>(std::ranges::count(where.text, '?'));
  require(marks == where.values.size(), "not one mark for each value");
  const WorkflowPage page = store().list(Scope::system(), kChatbotMode, query);
  require(std::ssize(page.items) <= page.totalItems, "more items than there are");
}

void checkNumbers(const PageQuery& query) {
  require(query.page() >= 1, "a page before the first");
  require(query.pageSize() >= 1 && query.pageSize() <= kMaxPageSize, "a page out of bounds");
  require(query.offset() >= 0, "a negative offset");
}

// What is shown again of a query means the same query.
void checkRepeated(const PageQuery& query) {
  const std::string again =
      "{\"sort\":" + query.sortJson() + ",\"filters\":" + query.filtersJson() + "}";
  const PageQuery same = PageQuery::parse(again, workflowSchema());
  require(same.orderBy({}) == query.orderBy({}), "another order when repeated");
  require(same.where().text == query.where().text, "another condition when repeated");
  require(same.where().values == query.where().values, "other values when repeated");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::isAccepted([&] {
    const PageQuery query = PageQuery::parse(fuzz::textOf(data, size), workflowSchema());
    checkNumbers(query);
    checkStatement(query);
    require(fuzz::isAccepted([&] { checkRepeated(query); }), "refused when repeated");
  });
  return 0;
}
