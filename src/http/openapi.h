// The OpenAPI 3.1 document of the endpoints, made from the route table.
#pragma once

#include <string>

namespace chatbot::http {

std::string makeOpenApi(const std::string& prefix);

}  // namespace chatbot::http
