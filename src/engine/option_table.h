// The options of an engine by name: each member of EngineOptions, StoreOptions and StreamOptions
// that a host may set by a text, with its bounds.
#pragma once

#include "base/option.h"
#include "chatbot/engine.h"

namespace chatbot::engine {

base::OptionTable<EngineOptions> optionTable();

}  // namespace chatbot::engine
