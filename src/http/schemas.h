// The models as JSON Schema (draft 2020-12), for the OpenAPI document.
#pragma once

#include "base/json_input.h"

namespace chatbot::http {

// An object of a schema for each name. Those of workflows and items are made from the models'
// tables of fields.
base::Json makeSchemas();

}  // namespace chatbot::http
