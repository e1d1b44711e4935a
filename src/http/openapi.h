// The OpenAPI 3.1 document of the endpoints, made from the route table, and the schemas in it.
#pragma once

#include <string>

#include "base/json_input.h"

namespace chatbot::http {

std::string makeOpenApi(const std::string& prefix);

// An object of a schema for each name. Those of workflows and items are made from the models'
// tables of fields.
base::Json makeSchemas();

}  // namespace chatbot::http
