#include "store/connections.h"

#include <chrono>

#include "chatbot/error.h"
#include "database/migrations.h"
#include "store/schema.h"

namespace chatbot::store {
namespace {

constexpr int kMaxReaders = 64;

// How long a read waits for those before it, as on a server that does not answer.
constexpr std::chrono::seconds kReaderPatience{5};

std::unique_ptr<database::Connection> openWriter(database::Database& database,
                                                 const StoreOptions& options) {
  if (options.readers < 1 || options.readers > kMaxReaders) {
    throw Error(ErrorCode::invalidArgument, "readers must be from 1 to 64");
  }
  std::unique_ptr<database::Connection> connection = database.openWriter();
  database::migrate(*connection, schemaScripts(connection->dialect()));
  return connection;
}

}  // namespace

Connections::Connections(const std::shared_ptr<database::Database>& database,
                         const StoreOptions& options)
    : writer_(openWriter(*database, options)),
      readers_([database] { return database->openReader(); },
               static_cast<std::size_t>(options.readers), kReaderPatience) {}

}  // namespace chatbot::store
