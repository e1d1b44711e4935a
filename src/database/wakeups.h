// Hosts on one database tell each other that a workflow has changed. The wake-ups are hints and do
// not carry the change itself: one that is lost costs time.
#pragma once

#include <functional>
#include <string_view>

namespace chatbot::database {

// Any thread. Once it is destroyed, OnWake is not called any more.
class Wakeups {
 public:
  virtual ~Wakeups() = default;

  // Tells the other hosts, soon, and does not wait for it.
  virtual void announce(std::string_view workflowId) noexcept = 0;

  // Whether what others announce is heard at this time.
  virtual bool areHeard() const noexcept = 0;
};

// Called on a thread of the wake-ups' own for each workflow that another host has announced; with
// an empty id once announcements are heard again, or for the first time: any workflow may have
// changed before. Must not throw.
using OnWake = std::function<void(std::string_view workflowId)>;

}  // namespace chatbot::database
