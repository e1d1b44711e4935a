#include "host_process.h"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <utility>

namespace chatbot::bench {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

[[noreturn]] void become(const char* program, const char* database, int output) {
  dup2(output, STDOUT_FILENO);
  execl(program, program, "--listen", "127.0.0.1:0", "--db", database, "--responder", "script",
        "--rate-limit", "0", "--trust-identity-headers", static_cast<char*>(nullptr));
  std::perror(program);
  _exit(127);
}

}  // namespace

HostProcess::HostProcess(const std::string& program, const std::string& database) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) throw std::runtime_error("no pipe");
  pid_ = fork();
  if (pid_ == 0) become(program.c_str(), database.c_str(), ends[1]);
  close(ends[1]);
  const File output(fdopen(ends[0], "r"));
  if (std::fscanf(output.get(), "chatbot-host: http://127.0.0.1:%d/", &port_) != 1) {
    stop();
    throw std::runtime_error("the host does not listen");
  }
}

HostProcess::~HostProcess() { stop(); }

long HostProcess::residentKib() const {
  std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
  std::string word;
  while (status >> word && word != "VmRSS:") continue;
  long kib = 0;
  status >> kib;
  return kib;
}

bool HostProcess::stop() {
  if (pid_ <= 0) return false;
  const pid_t pid = std::exchange(pid_, -1);
  kill(pid, SIGTERM);
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace chatbot::bench
