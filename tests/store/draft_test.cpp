// Drafts: the text that is being written, and what is kept of it.
#include <doctest/doctest.h>

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "support/connect.h"
#include "support/fixtures.h"

using namespace chatbot;
using namespace chatbot::database;
using namespace chatbot::test;

namespace {

struct DraftFixture : StoreFixture {
  DraftFixture() { connect(); }

  void connect() {
    store->draftsFrom([this](std::string_view, store::DraftAccess access) {
      asked.push_back(access);
      return access == store::DraftAccess::thaw ? std::nullopt : draft;
    });
  }

  void write(const std::string& text) {
    draft = store::Draft{.workflowId = workflow.id,
                         .round = workflow.currentRound,
                         .messageId = "draft",
                         .afterSeq = 1,
                         .text = text};
  }

  void save() { store->saveDrafts(Scope::system(), std::array{workflow.id}); }

  // What a new process finds.
  void crash() {
    draft.reset();
    reopen();
    connect();
  }

  bool end(WorkflowStatus status) {
    return store->endRound(Scope::system(), key(), status,
                           std::array<ItemContent, 1>{textLog("over")});
  }

  // The pieces that are stored, with where each begins.
  std::vector<std::string> pieces() const {
    const auto read = [](const chatbot::database::Row& row) {
      return std::to_string(row.integer(0)) + ":" + std::string(row.text(1));
    };
    return chatbot::test::connect(options.path)
        ->query("SELECT start, text FROM draft_piece ORDER BY start")
        .all(read);
  }

  RoundKey key() const { return {workflow.id, workflow.currentRound}; }

  std::vector<Item> items() {
    return store->tail(Scope::system(), workflow.id, 0, 1'000, 1'000'000)->items;
  }

  Workflow workflow = begin();
  std::optional<store::Draft> draft;  // as it is in memory
  std::vector<store::DraftAccess> asked;
};

bool saysInterrupted(const Item& item) {
  return item.json.find("\"summary\":\"Interrupted") != std::string::npos &&
         item.json.find("\"success\":false") != std::string::npos;
}

}  // namespace

TEST_CASE("a round that ends keeps its draft, before what it ends with") {
  DraftFixture fixture;
  fixture.write("half a senten");
  SUBCASE("as the answer where it is completed") {
    CHECK(fixture.end(WorkflowStatus::completed));
    CHECK_FALSE(saysInterrupted(fixture.items()[1]));
  }
  SUBCASE("as an interrupted message where it has failed") {
    CHECK(fixture.end(WorkflowStatus::error));
    CHECK(saysInterrupted(fixture.items()[1]));
  }
  REQUIRE(fixture.items().size() == 3);
  CHECK(textOf(fixture.items()[1]) == "half a senten");
  CHECK(fixture.items()[1].json.find("\"id\":\"draft\"") != std::string::npos);
  CHECK(textOf(fixture.items()[2]) == "over");
}

TEST_CASE("a stop keeps the draft, with the next place in the log") {
  DraftFixture fixture;
  fixture.write("half");
  std::vector<std::int64_t> told;
  fixture.store->onChange([&](const Change& change) {
    told.push_back(change.lastSeq);
    REQUIRE(change.items.size() == 1);
    CHECK(change.items.front()->json.find("\"summary\":\"Stopped before") != std::string::npos);
  });
  const WorkflowChange stopped = fixture.store->stop(Scope::system(), {fixture.workflow.id, 1});
  CHECK(stopped.result == ChangeResult::done);
  CHECK(stopped.workflow.lastSeq == 2);
  CHECK(told == std::vector<std::int64_t>{2});
  CHECK(fixture.items().back().round == 1);
  CHECK(textOf(fixture.items().back()) == "half");
}

TEST_CASE("after a crash, what was saved is kept") {
  DraftFixture fixture;
  fixture.write("saved");
  fixture.save();
  fixture.write("saved, and not");
  fixture.crash();
  CHECK(fixture.end(WorkflowStatus::error));
  CHECK(textOf(fixture.items()[1]) == "saved");
  CHECK(saysInterrupted(fixture.items()[1]));
  CHECK_FALSE(fixture.end(WorkflowStatus::error));
  CHECK(fixture.items().size() == 3);
}

TEST_CASE("a save stores what is new, whatever was stored before") {
  DraftFixture fixture;
  for (const char* text : {"a", "ab", "ab", "abc\xc3\xa4"}) {
    fixture.write(text);
    fixture.save();
  }
  CHECK(fixture.pieces() == std::vector<std::string>{"0:a", "1:b", "2:c\xc3\xa4"});
  fixture.crash();
  fixture.store->stop(Scope::system(), {fixture.workflow.id, 1});
  CHECK(textOf(fixture.items().back()) == "abc\xc3\xa4");
  CHECK(fixture.pieces().empty());
}

TEST_CASE("the draft of another message takes the place of the earlier one") {
  DraftFixture fixture;
  fixture.write("first, and long");
  fixture.save();
  fixture.write("second");
  fixture.draft->messageId = "another";
  fixture.save();
  CHECK(fixture.pieces() == std::vector<std::string>{"0:second"});
  fixture.crash();
  fixture.store->stop(Scope::system(), {fixture.workflow.id, 1});
  CHECK(textOf(fixture.items().back()) == "second");
}

TEST_CASE("a draft that was finished is not kept again") {
  DraftFixture fixture;
  fixture.write("text");
  fixture.save();
  fixture.draft.reset();  // as while its append is under way
  CHECK(fixture.store->finishDraft(Scope::system(), fixture.key(),
                                   std::array<ItemContent, 1>{textMessage("text")}));
  CHECK(fixture.end(WorkflowStatus::completed));
  CHECK(fixture.items().size() == 3);
}

TEST_CASE("a draft whose message is in the log is not kept beside it") {
  DraftFixture fixture;
  fixture.write("text");
  Message message = textMessage("text");
  message.id = "draft";
  CHECK(fixture.store->append(Scope::system(), fixture.key(), std::array<ItemContent, 1>{message}));
  fixture.store->stop(Scope::system(), {fixture.workflow.id, 1});
  CHECK(fixture.items().size() == 2);
}

TEST_CASE("a draft is frozen for the end of its round, and only for that") {
  DraftFixture fixture;
  fixture.write("text");
  fixture.save();
  CHECK(fixture.asked == std::vector{store::DraftAccess::look});
  fixture.store->append(Scope::system(), fixture.key(), std::array<ItemContent, 1>{textLog("log")});
  fixture.store->stop(Scope::system(), {fixture.workflow.id, 1});
  CHECK(fixture.asked == std::vector{store::DraftAccess::look, store::DraftAccess::freeze});
}

TEST_CASE("an append beside the draft leaves it") {
  DraftFixture fixture;
  fixture.write("text");
  fixture.save();
  fixture.draft.reset();
  CHECK(fixture.store->append(Scope::system(), fixture.key(),
                              std::array<ItemContent, 1>{textLog("log")}));
  CHECK(fixture.end(WorkflowStatus::error));
  CHECK(textOf(fixture.items()[2]) == "text");
}

TEST_CASE("the draft of a round that is over is not saved any more") {
  DraftFixture fixture;
  fixture.store->stop(Scope::system(), {fixture.workflow.id, 1});
  fixture.write("late");
  fixture.save();
  fixture.draft.reset();
  fixture.workflow =
      beginRound(*fixture.store, Scope::system(), fixture.workflow.id, textMessage("two", "user"))
          .workflow;
  CHECK(fixture.end(WorkflowStatus::completed));
  CHECK(fixture.items().size() == 3);
}

TEST_CASE("a draft without text leaves nothing") {
  DraftFixture fixture;
  fixture.write("");
  CHECK(fixture.end(WorkflowStatus::error));
  CHECK(fixture.items().size() == 2);
}

TEST_CASE("a draft goes with its workflow") {
  DraftFixture fixture;
  fixture.write("text");
  fixture.save();
  CHECK(fixture.store->remove(Scope::system(), fixture.workflow.id));
  CHECK_FALSE(fixture.store->find(Scope::system(), fixture.workflow.id));
  CHECK(fixture.pieces().empty());
}
