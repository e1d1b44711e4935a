// chatbot-host: serves the chatbot endpoints, and a page to use them with, by the C library alone.
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string>

#include "endpoints.h"
#include "handles.h"
#include "options.h"
#include "server.h"

namespace {

using host::Options;
using host::Out;

void say(std::FILE* stream, const std::string& line) {
  std::fprintf(stream, "chatbot-host: %s\n", line.c_str());
  std::fflush(stream);
}

void logLine(void*, int32_t level, const char* text, std::size_t length) {
  if (level >= CHATBOT_LOG_WARNING) say(stderr, std::string(text, length));
}

// Keeps the signals that end the program for waitFor(), in this thread and in all that it starts.
sigset_t holdStopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);  // a client that has gone is an error of its write, no more
  return signals;
}

void waitFor(const sigset_t& signals) {
  int signal = 0;
  sigwait(&signals, &signal);
}

// Every open stream is a connection, and often a descriptor more.
void raiseFileLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

void setOption(chatbot_options* options, const char* name, const std::string& value) {
  host::Failure failure;
  if (chatbot_options_set(options, name, value.data(), value.size(), Out(failure)) != CHATBOT_OK) {
    throw host::UsageError(chatbot_error_message(failure.get()));
  }
}

host::Engine openEngine(const Options& options) {
  const host::EngineOptions settings(chatbot_options_new());
  if (!settings) throw std::bad_alloc();
  setOption(settings.get(), "store", options.database);
  setOption(settings.get(), "responder", options.responder);
  setOption(settings.get(), "rateLimit", options.rateLimit);
  for (const auto& [name, value] : options.settings) {
    setOption(settings.get(), name.c_str(), value);
  }
  chatbot_options_set_log(settings.get(), logLine, nullptr, nullptr);

  host::Engine engine;
  host::Failure failure;
  if (chatbot_engine_open(settings.get(), Out(engine), Out(failure)) != CHATBOT_OK) {
    throw std::runtime_error(chatbot_error_message(failure.get()));
  }
  return engine;
}

std::string url(const std::string& address, int port) {
  const bool isIpv6 = address.find(':') != std::string::npos;
  return "http://" + (isIpv6 ? '[' + address + ']' : address) + ':' + std::to_string(port) + '/';
}

int serve(const Options& options) {
  const auto stopSignals = holdStopSignals();
  raiseFileLimit();
  const auto engine = openEngine(options);
  host::Server server(host::Endpoints(engine.get(), options.trustIdentityHeaders));
  const int port = server.bind(options.address, options.port);
  int exitCode = EXIT_SUCCESS;
  server.start([&exitCode] {
    say(stderr, "accepting connections has failed");
    exitCode = EXIT_FAILURE;
    kill(getpid(), SIGTERM);
  });
  say(stdout, url(options.address, port));

  waitFor(stopSignals);
  chatbot_engine_shutdown(engine.get());  // ends all streams, and with them their connections
  server.stop();
  return exitCode;
}

int run(const Options& options) {
  switch (options.command) {
    case Options::Command::showHelp:
      std::fputs(host::kHelp, stdout);
      return EXIT_SUCCESS;
    case Options::Command::showVersion:
      std::printf("chatbot-host %s\n", chatbot_version_string());
      return EXIT_SUCCESS;
    default:
      return serve(options);
  }
}

}  // namespace

int main(int count, char** arguments) try {
  return run(host::parseOptions({arguments + 1, arguments + count}));
} catch (const host::UsageError& error) {
  say(stderr, error.what());
  return 2;
} catch (const std::exception& error) {
  say(stderr, error.what());
  return EXIT_FAILURE;
}
