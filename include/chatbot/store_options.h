/// @file
/// Where a store's database is, and how it is opened.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace chatbot {

struct StoreOptions {
  /// An SQLite file, made when absent; or a PostgreSQL database, version 14 or newer, as a URL
  /// of libpq's: `postgres://host:port/database`, with a user and a password before the host. Its
  /// tables are in the first schema of the connection's search_path that there is.
  std::string path;

  /// normal: survives the death of the process, may lose the latest commits at power loss; on
  /// PostgreSQL, what the server is set to. full: a commit is on the disk before it is answered.
  enum class Synchronous { normal, full };
  Synchronous synchronous = Synchronous::normal;

  int readers = 4;  ///< read-only connections at most, 1..64

  /// The largest size of an SQLite file, without its write-ahead log; 0: as large as the disk
  /// allows.
  std::int64_t maxBytes = 0;

  /// How long a write waits for another process that holds the database's lock, or the row's.
  std::chrono::milliseconds busyTimeout{5000};

  /// Within this time others on the database end the rounds of a store that is silent, though it
  /// could write. On SQLite, one whose process has died is found at once, by its lock (the file
  /// `<path>-instances`).
  std::chrono::milliseconds lease{10'000};
};

/// Whether this build can open PostgreSQL databases.
bool hasPostgres() noexcept;

}  // namespace chatbot
