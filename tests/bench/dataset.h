// Deterministic workflows to measure on.
#pragma once

#include <cstdint>
#include <string>

#include "chatbot/access.h"
#include "chatbot/store.h"

namespace chatbot::bench {

struct Shape {
  std::int64_t workflows = 0;
  std::int64_t users = 1;
  std::int64_t mandates = 1;
  std::int64_t items = 0;  // of each workflow

  // How many workflows, the first ones, belong to u0 alone, the rest to the other users (two users
  // at least); 0: u0 is a user like the others.
  std::int64_t ofFirstUser = 0;
};

// The user u<index> in its mandate m<index mod mandates>.
Identity userOf(const Shape& shape, std::int64_t index, std::string role = "user");

// Workflow `index`, which belongs to the user u<index mod users> unless `ofFirstUser` is set. Its
// name, times and status (any but running, which no process would continue) depend on the index
// alone.
Import workflowOf(const Shape& shape, std::int64_t index);

// A message of `bytes` bytes as a responder appends it.
Message messageOf(std::size_t bytes);

// Imports all workflows of a shape into a store that has none of them.
void fill(Store& store, const Shape& shape);

}  // namespace chatbot::bench
