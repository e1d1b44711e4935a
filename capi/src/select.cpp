#include "arguments.h"
#include "chatbot/query.h"
#include "guard.h"

using namespace chatbot::capi;

namespace {

std::string selected(std::string_view rows, std::string_view schema, std::string_view params) {
  return chatbot::select(rows,
                         schema.empty() ? chatbot::workflowSchema() : chatbot::parseSchema(schema),
                         params.empty() ? "{}" : params);
}

}  // namespace

chatbot_status chatbot_select(const char* rows_json, size_t rows_len, const char* schema_json,
                              size_t schema_len, const char* params_json, size_t params_len,
                              chatbot_bytes** out, chatbot_error** err) noexcept {
  const auto select = [&] {
    chatbot_bytes*& page = required(out, "out");
    const std::string_view rows = text(rows_json, rows_len, "rows_json");
    const std::string_view schema = text(schema_json, schema_len, "schema_json");
    const std::string_view params = text(params_json, params_len, "params_json");
    page = makeHandle<chatbot_bytes>(selected(rows, schema, params)).release();
  };
  return guard(nullptr, err, select, out);
}
