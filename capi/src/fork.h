// Telling a process from its children, without a system call each time.
#pragma once

namespace chatbot::capi {

// How many forks lie between the process that called this first and this one. Throws
// std::bad_alloc on the first call only.
unsigned forks();

}  // namespace chatbot::capi
