#include <chatbot/query.h>

#include <string>

int main() {
  const std::string page = chatbot::select(R"([{"id":"b"},{"id":"a"}])", {{"id", "id"}},
                                           R"({"sort": [{"field": "id", "direction": "asc"}]})");
  return page.starts_with(R"({"items":[{"id":"a"},{"id":"b"}])") ? 0 : 1;
}
