// The chatbot endpoints: hands requests to the library, and its answers to the client. This is all
// that a server has to do.
#pragma once

#include <string>

#include "handles.h"
#include "httplib.h"

namespace host {

class Endpoints {
 public:
  // `engine` is the caller's.
  Endpoints(chatbot_engine* engine, bool trustIdentityHeaders);

  // Whether a request's path is one of ours.
  static bool covers(const std::string& target);

  void answer(const httplib::Request& request, const std::string& body,
              httplib::Response& response) const;

 private:
  chatbot_engine* engine_;
  bool trustIdentityHeaders_;
};

// Answers {"detail": "…"}.
void answerError(int status, const std::string& detail, httplib::Response& response);

}  // namespace host
