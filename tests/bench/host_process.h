// The example host as a child process.
#pragma once

#include <sys/types.h>

#include <string>

namespace chatbot::bench {

class HostProcess {
 public:
  // Starts the program on a database, with the script responder and identities from headers, and
  // waits until it listens. Throws std::runtime_error where it does not.
  HostProcess(const std::string& program, const std::string& database);
  ~HostProcess();
  HostProcess(const HostProcess&) = delete;
  HostProcess& operator=(const HostProcess&) = delete;

  int port() const { return port_; }

  // Memory that is resident now, in KiB.
  long residentKib() const;

  // Ends it as an operator does. Whether it exited with 0.
  bool stop();

 private:
  pid_t pid_ = -1;
  int port_ = 0;
};

}  // namespace chatbot::bench
