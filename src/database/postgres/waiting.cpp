#include "database/postgres/waiting.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>

namespace chatbot::database {
namespace {

bool waitFor(int socket, short events, Deadline deadline) noexcept {
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    struct pollfd look = {socket, events, 0};
    const int ready = poll(&look, 1, static_cast<int>(left.count()));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

bool isFailure(const PGresult* result) noexcept {
  const ExecStatusType status = PQresultStatus(result);
  return status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK;
}

}  // namespace

Waited awaitAnswer(PGconn* connection, Deadline deadline) noexcept {
  for (;;) {
    const int flushed = PQflush(connection);
    if (flushed < 0) return Waited::lost;
    if (PQisBusy(connection) == 0) return Waited::done;
    const auto events = static_cast<short>(flushed > 0 ? POLLIN | POLLOUT : POLLIN);
    if (!waitFor(PQsocket(connection), events, deadline)) return Waited::tooLong;
    if (PQconsumeInput(connection) == 0) return Waited::lost;
  }
}

PostgresResult execute(PGconn* connection, const char* sql,
                       std::initializer_list<const char*> values, Deadline deadline) {
  const auto count = static_cast<int>(values.size());
  const int sent = count == 0 ? PQsendQuery(connection, sql)
                              : PQsendQueryParams(connection, sql, count, nullptr, values.begin(),
                                                  nullptr, nullptr, 0);
  PostgresResult last;
  while (sent != 0) {
    if (awaitAnswer(connection, deadline) != Waited::done) return nullptr;
    PostgresResult next(PQgetResult(connection));
    if (next == nullptr) break;
    if (last == nullptr || !isFailure(last.get())) last = std::move(next);
  }
  return last;
}

}  // namespace chatbot::database
