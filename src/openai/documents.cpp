#include "openai/documents.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <exception>

#include "base/encoding.h"
#include "base/text.h"

namespace chatbot::openai {
namespace {

constexpr std::size_t kNameCodePoints = 100;

constexpr auto kTextTypes = std::to_array<std::string_view>(
    {"application/json", "application/xml", "application/javascript", "application/x-javascript",
     "application/yaml", "application/x-yaml", "application/toml", "application/sql",
     "application/x-sh", "application/x-ndjson", "application/csv", "application/rtf",
     "image/svg+xml"});

bool isTextType(std::string_view essence) {
  return essence.starts_with("text/") || essence.ends_with("+json") || essence.ends_with("+xml") ||
         std::ranges::find(kTextTypes, essence) != kTextTypes.end();
}

DocumentPart partOf(DocumentPart::Kind kind, const LoadedDocument& document,
                    const std::string& name) {
  if (kind == DocumentPart::Kind::text) {
    return {.kind = kind, .content = fmt::format("File {}:\n{}", name, document.bytes)};
  }
  return {.kind = kind,
          .content = fmt::format("data:{};base64,{}", essenceOf(document.mimeType),
                                 base::toBase64(document.bytes))};
}

// Bounded, and on one line: a name may come from the user.
std::string shownName(std::string_view name) {
  std::string shown = base::toUtf8(name);
  shown.resize(base::bytesOfCodePoints(shown, kNameCodePoints));
  std::ranges::replace_if(
      shown, [](char c) { return (c >= 0 && c < ' ') || c == '\x7F'; }, ' ');
  return shown;
}

class Loading {
 public:
  Loading(const TurnInput& input, const OpenAiOptions& options)
      : input_(input), options_(options), left_(options.maxDocumentsBytes) {}

  void add(const std::string& fileId) {
    const std::size_t most = std::min(left_, options_.maxDocumentBytes);
    const std::optional<LoadedDocument> document = load(fileId, most);
    const std::string name = shownName(nameOf(fileId, document));
    if (!document) return leaveOut(name, "cannot be read");
    const std::uint64_t size = std::max<std::uint64_t>(document->size, document->bytes.size());
    if (size > options_.maxDocumentBytes) return leaveOut(name, "is too large");
    if (size > left_) return leaveOut(name, "is too large together with those before it");
    const std::optional<DocumentPart::Kind> kind = kindOf(document->mimeType, document->bytes);
    if (!kind) return leaveOut(name, "is neither text nor an image");
    left_ -= document->bytes.size();
    loaded_.parts.push_back(partOf(*kind, *document, name));
  }

  DocumentParts take() { return std::move(loaded_); }

 private:
  std::optional<LoadedDocument> load(const std::string& fileId, std::size_t maxBytes) const {
    if (!options_.loadDocument) return std::nullopt;
    try {
      return options_.loadDocument({.fileId = fileId,
                                    .workflowId = input_.workflowId,
                                    .userId = input_.userId,
                                    .mandateId = input_.mandateId,
                                    .maxBytes = maxBytes});
    } catch (const std::exception&) {
      return std::nullopt;
    }
  }

  static std::string_view nameOf(const std::string& fileId,
                                 const std::optional<LoadedDocument>& document) {
    return document && !document->name.empty() ? document->name : fileId;
  }

  void leaveOut(const std::string& name, const char* why) {
    loaded_.warnings.push_back(fmt::format("The file {} {}: the model does not see it", name, why));
  }

  const TurnInput& input_;
  const OpenAiOptions& options_;
  std::size_t left_;
  DocumentParts loaded_;
};

}  // namespace

std::string essenceOf(std::string_view mimeType) {
  mimeType = mimeType.substr(0, mimeType.find(';'));
  while (mimeType.starts_with(' ')) mimeType.remove_prefix(1);
  while (mimeType.ends_with(' ')) mimeType.remove_suffix(1);
  return base::foldCase(mimeType);
}

std::optional<DocumentPart::Kind> kindOf(std::string_view mimeType, std::string_view bytes) {
  const std::string essence = essenceOf(mimeType);
  const bool mayBeText = essence.empty() || isTextType(essence);
  if (mayBeText) {
    const bool isText = base::isUtf8(bytes) && bytes.find('\0') == std::string_view::npos;
    return isText ? std::optional(DocumentPart::Kind::text) : std::nullopt;
  }
  if (essence.starts_with("image/") && !bytes.empty()) return DocumentPart::Kind::image;
  return std::nullopt;
}

DocumentParts loadDocuments(const TurnInput& input, const OpenAiOptions& options) {
  Loading loading(input, options);
  for (const std::string& fileId : input.listFileId) loading.add(fileId);
  return loading.take();
}

}  // namespace chatbot::openai
