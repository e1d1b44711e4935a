// The caller of a request. The library never sees a credential: a host authenticates, and tells it
// the outcome.
#pragma once

#include <stdexcept>

#include "handles.h"
#include "httplib.h"

namespace host {

// The request does not say who is calling; the message may be shown to the client.
class Unauthenticated : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The user of the page where nobody authenticates.
Identity demoUser();

// The caller as an authenticating proxy names it: X-User-Id, X-Mandate-Id (may be absent) and
// X-Roles (comma-separated; may be absent: no roles). Throws Unauthenticated.
Identity identityFromHeaders(const httplib::Request& request);

}  // namespace host
