// Why an answer has ended, by the word that the server says.
#pragma once

#include <string>
#include <string_view>

namespace chatbot::openai {

enum class Finish {
  none,      // the server has not said that the answer has ended
  complete,  // as the model wanted
  cut,       // by a limit of the model
  filtered,  // by the server's filter
  refused,   // by the model
  failed,    // by a fault of the server
  unknown    // a word that is not known
};

// Compares without case. An empty word and "null" are none.
Finish finishOf(std::string_view word);

// A warning for clients; empty where there is nothing to warn of. The server's word stands in it
// only where it is an identifier.
std::string warningOf(Finish finish, std::string_view word);

}  // namespace chatbot::openai
