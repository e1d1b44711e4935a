// Cursors: the place where a page has ended, signed, so that a client can hand it back but not make
// one.
//
// Format: base64url (RFC 4648, section 5, without padding) of a tag of 16 bytes and a JSON list
// [hours since the epoch, page, [values]]. The tag is the start of the HMAC-SHA256 (RFC 2104) over
// what the cursor is tied to and the list. Hours, so that the same page has the same cursor for a
// while.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "chatbot/environment.h"
#include "chatbot/query.h"

namespace chatbot::query {

// Random text to sign with.
std::string newSecret(Environment& environment);

// Any thread.
class CursorSigner {
 public:
  static constexpr std::int64_t kLifetimeHours = 24;  // at least; at most one more

  explicit CursorSigner(std::string secret) : secret_(std::move(secret)) {}

  // The caller, the list, its order and its filters, to which a cursor is tied: it opens with the
  // same texts only.
  using Binding = std::span<const std::string_view>;

  // `now` in seconds since the epoch.
  std::string sign(const CursorPosition& position, Binding binding, double now) const;

  // Throws Error (invalidArgument) for a cursor that was not signed with this secret and binding,
  // or is too old, or does not fit `keys`.
  CursorPosition open(std::string_view cursor, Binding binding, std::span<const SortKey> keys,
                      double now) const;

 private:
  std::string tag(Binding binding, std::string_view payload) const;

  std::string secret_;
};

}  // namespace chatbot::query
