#include "openai/documents.h"

#include <doctest/doctest.h>

#include <map>
#include <stdexcept>

using namespace chatbot;
using namespace chatbot::openai;

namespace {

using Kind = DocumentPart::Kind;

struct Shelf {
  Shelf() {
    input.workflowId = "w";
    input.userId = "ann";
    input.mandateId = "m1";
    options.loadDocument = [this](const DocumentRequest& request) -> std::optional<LoadedDocument> {
      asked += std::string(request.userId) + "@" + std::string(request.mandateId) + " ";
      if (request.fileId == "broken") throw std::runtime_error("disk");
      const auto found = documents.find(request.fileId);
      return found == documents.end() ? std::nullopt : std::optional(found->second);
    };
  }

  void put(const std::string& id, const std::string& type, const std::string& bytes) {
    input.listFileId.push_back(id);
    documents[id] = {.name = id + ".file", .mimeType = type, .size = bytes.size(), .bytes = bytes};
  }

  DocumentParts load() { return loadDocuments(input, options); }

  OpenAiOptions options;
  TurnInput input;
  std::map<std::string, LoadedDocument, std::less<>> documents;
  std::string asked;
};

}  // namespace

TEST_CASE("a text is sent with its name, an image as a URL") {
  Shelf shelf;
  shelf.put("notes", "text/plain; charset=utf-8", "Grüße");
  shelf.put("cat", "image/PNG", "\x89PNG");
  const DocumentParts loaded = shelf.load();
  CHECK(loaded.warnings.empty());
  REQUIRE(loaded.parts.size() == 2);
  CHECK(loaded.parts[0].kind == Kind::text);
  CHECK(loaded.parts[0].content == "File notes.file:\nGrüße");
  CHECK(loaded.parts[1].kind == Kind::image);
  CHECK(loaded.parts[1].content == "data:image/png;base64,iVBORw==");
  CHECK(shelf.asked == "ann@m1 ann@m1 ");
}

TEST_CASE("types decide how a document is sent, and bytes where the type is unknown") {
  for (const char* const type : {"text/csv", "application/json", "application/ld+json",
                                 "application/xml", "image/svg+xml", "Text/Markdown", ""}) {
    CAPTURE(type);
    CHECK(kindOf(type, "abc") == Kind::text);
    CHECK_FALSE(kindOf(type, "\xFF\xFE"));
    CHECK_FALSE(kindOf(type, std::string_view("a\0b", 3)));
  }
  for (const char* const type : {"image/png", "image/jpeg", "image/webp", "image/gif"}) {
    CHECK(kindOf(type, "\xFF\xFE") == Kind::image);
    CHECK_FALSE(kindOf(type, ""));
  }
  CHECK_FALSE(kindOf("application/pdf", "%PDF"));
  CHECK_FALSE(kindOf("audio/wav", "RIFF"));
}

TEST_CASE("what cannot be sent is a warning each") {
  Shelf shelf;
  shelf.options.maxDocumentBytes = 10;
  shelf.put("large", "text/plain", std::string(11, 'x'));
  shelf.put("report", "application/pdf", "%PDF");
  shelf.input.listFileId.insert(shelf.input.listFileId.end(), {"missing", "broken", "a\nb"});
  const DocumentParts loaded = shelf.load();
  CHECK(loaded.parts.empty());
  REQUIRE(loaded.warnings.size() == 5);
  CHECK(loaded.warnings[0] == "The file large.file is too large: the model does not see it");
  CHECK(loaded.warnings[1] ==
        "The file report.file is neither text nor an image: the model does not see it");
  CHECK(loaded.warnings[2] == "The file missing cannot be read: the model does not see it");
  CHECK(loaded.warnings[3] == "The file broken cannot be read: the model does not see it");
  CHECK(loaded.warnings[4] == "The file a b cannot be read: the model does not see it");
}

TEST_CASE("a loader may say the size alone of what is too large") {
  Shelf shelf;
  shelf.put("huge", "text/plain", "");
  shelf.documents["huge"].size = 1'000'000'000;
  CHECK(shelf.load().warnings.size() == 1);
}

TEST_CASE("all documents of a message are bounded together") {
  Shelf shelf;
  shelf.options.maxDocumentsBytes = 10;
  for (const char* const id : {"a", "b", "c"}) shelf.put(id, "text/plain", "12345");
  const DocumentParts loaded = shelf.load();
  CHECK(loaded.parts.size() == 2);
  REQUIRE(loaded.warnings.size() == 1);
  CHECK(loaded.warnings[0] ==
        "The file c.file is too large together with those before it: the model does not see it");
}

TEST_CASE("without a loader all documents are missing") {
  Shelf shelf;
  shelf.put("notes", "text/plain", "x");
  shelf.options.loadDocument = nullptr;
  CHECK(shelf.load().warnings.size() == 1);
}
