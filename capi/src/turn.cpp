// Turns: the rounds that the host itself answers, with the responder host.
//
// A turn is used by one thread at a time, but is_cancelled by any. Each change answers
// CHATBOT_CANCELLED, which is an expected state, once the round is over.
#include "base/json_text.h"
#include "callback.h"
#include "chatbot/run.h"
#include "guard.h"

using namespace chatbot::capi;

namespace {

template <typename List, typename ToJson>
std::string jsonList(const List& list, ToJson toJson) {
  std::string out = "[";
  for (const auto& entry : list) {
    if (out.size() > 1) out += ',';
    out += toJson(entry);
  }
  return out + "]";
}

// The whole input as one text, so that a binding needs no getter for each field.
std::string inputJson(const chatbot::Turn& turn) {
  const chatbot::TurnInput& input = turn.input();
  const auto documentJson = [&](const chatbot::Document& document) {
    return chatbot::toJson(document, input.round);
  };
  const auto itemJson = [](const chatbot::Item& item) -> const std::string& { return item.json; };
  std::string out;
  chatbot::base::JsonObject(out)
      .field("workflowId", input.workflowId)
      .field("round", input.round)
      .field("messageId", input.messageId)
      .field("userId", input.userId)
      .field("mandateId", input.mandateId)
      .field("prompt", input.prompt)
      .field("userLanguage", input.userLanguage)
      .raw("listFileId", jsonList(input.listFileId, chatbot::base::jsonString))
      .raw("documents", jsonList(input.documents, documentJson))
      .raw("history", jsonList(turn.history(), itemJson))
      .close();
  return out;
}

// The queue of the responder host. It works on after a shutdown, where a taker learns of it: the
// engine only has to be of this process.
chatbot::TurnQueue& queueOf(const chatbot_engine* engine) {
  chatbot::TurnQueue* const queue = usable(engine, "engine").shared->engine->turns();
  if (queue != nullptr) return *queue;
  throw chatbot::Error(chatbot::ErrorCode::unsupported,
                       "A built-in responder answers; set the option responder to host");
}

chatbot_status doneOrCancelled(bool done) noexcept { return done ? CHATBOT_OK : CHATBOT_CANCELLED; }

}  // namespace

chatbot_status chatbot_turn_take(chatbot_engine* engine, int64_t timeout_ms, chatbot_turn** out,
                                 chatbot_error** err) noexcept {
  const auto take = [&] {
    chatbot_turn*& turn = required(out, "out");
    chatbot::TurnQueue& queue = queueOf(engine);
    std::optional<chatbot::Turn> taken = queue.take(timeout(timeout_ms));
    if (!taken) return queue.stopped() ? CHATBOT_END : CHATBOT_WOULD_BLOCK;
    turn = makeHandle<chatbot_turn>(engine->shared, *std::move(taken)).release();
    return CHATBOT_OK;
  };
  return guard(engineOf(engine), err, take, out);
}

chatbot_status chatbot_turn_pollable(chatbot_engine* engine, intptr_t* os_handle,
                                     chatbot_error** err) noexcept {
  const auto make = [&] {
    intptr_t& handle = required(os_handle, "os_handle");
    handle = queueOf(engine).pollable();
  };
  return guard(engineOf(engine), err, make, os_handle);
}

chatbot_status chatbot_turn_input(chatbot_turn* turn, chatbot_bytes** out,
                                  chatbot_error** err) noexcept {
  const auto make = [&] {
    chatbot_bytes*& input = required(out, "out");
    input = makeHandle<chatbot_bytes>(inputJson(usable(turn, "turn").turn)).release();
  };
  return guard(engineOf(turn), err, make, out);
}

chatbot_status chatbot_turn_append(chatbot_turn* turn, const char* item_json, size_t len,
                                   chatbot_error** err) noexcept {
  return guard(engineOf(turn), err, [&] {
    chatbot_turn& appender = usable(turn, "turn");
    return doneOrCancelled(
        appender.turn.append(chatbot::parseItemContents(text(item_json, len, "item_json"))));
  });
}

chatbot_status chatbot_turn_delta(chatbot_turn* turn, const char* text, size_t len,
                                  chatbot_error** err) noexcept {
  return guard(engineOf(turn), err, [&] {
    chatbot_turn& writer = usable(turn, "turn");
    return doneOrCancelled(writer.turn.delta(chatbot::capi::text(text, len, "text")));
  });
}

chatbot_status chatbot_turn_rename(chatbot_turn* turn, const char* name, size_t len,
                                   chatbot_error** err) noexcept {
  return guard(engineOf(turn), err, [&] {
    chatbot_turn& renamer = usable(turn, "turn");
    return doneOrCancelled(renamer.turn.rename(text(name, len, "name")));
  });
}

chatbot_status chatbot_turn_finish(chatbot_turn* turn, const char* error_text, size_t len,
                                   chatbot_error** err) noexcept {
  return guard(engineOf(turn), err, [&] {
    chatbot_turn& finished = usable(turn, "turn");
    // An empty text is a failure, too: only NULL completes the round.
    const std::string_view fault = text(error_text, len, "error_text");
    return doneOrCancelled(error_text == nullptr ? finished.turn.complete()
                                                 : finished.turn.fail(fault));
  });
}

// A turn that a child process has inherited counts as cancelled: nothing can be appended to it
// there.
int32_t chatbot_turn_is_cancelled(const chatbot_turn* turn) noexcept {
  return turn != nullptr && (turn->shared->inOtherProcess() || turn->turn.cancelled()) ? 1 : 0;
}

chatbot_status chatbot_turn_cancel_pollable(chatbot_turn* turn, intptr_t* os_handle,
                                            chatbot_error** err) noexcept {
  const auto make = [&] {
    intptr_t& handle = required(os_handle, "os_handle");
    handle = usable(turn, "turn").turn.cancelPollable();
  };
  return guard(engineOf(turn), err, make, os_handle);
}

chatbot_status chatbot_turn_on_cancel(chatbot_turn* turn, chatbot_notify_fn notify, void* user_data,
                                      chatbot_destroy_fn destroy) noexcept {
  return guard(engineOf(turn), nullptr, [&] {
    // Made first: the user data must be given back also when the handle cannot be used.
    std::function<void()> callback = notifyBy(notify, adopt(user_data, destroy));
    usable(turn, "turn").turn.onCancel(std::move(callback));
  });
}

void chatbot_turn_free(chatbot_turn* turn) noexcept { release(turn); }
