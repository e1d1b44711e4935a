// A way to the tests' PostgreSQL server on which messages get lost, and connections.
#pragma once

#include <functional>
#include <list>
#include <string>
#include <string_view>
#include <thread>

#include "support/temporary_folder.h"

namespace chatbot::test {

// What becomes of a message of the server's.
enum class Fate { passed, dropped, cut };  // cut: the connection ends instead

// The message's type, a letter, and what it holds (PostgreSQL's manual, section 55.7). Called on
// the relay's threads.
using Judge = std::function<Fate(char type, std::string_view body)>;

class Relay {
 public:
  // To the server of a URL that has `host=FOLDER` in it.
  Relay(std::string url, Judge judge);
  ~Relay();
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  // The same URL by way of the relay.
  const std::string& url() const noexcept { return url_; }

 private:
  struct Way {
    int client = -1;
    int server = -1;
    std::thread thread{};
  };
  void acceptAll();
  void serve(const Way& way);
  bool passAnswers(const Way& way, std::string& buffer);

  TemporaryFolder folder_;
  std::string url_;
  std::string server_;  // its socket
  Judge judge_;
  int listener_ = -1;
  std::list<Way> ways_;
  std::thread thread_;
};

}  // namespace chatbot::test
