// The databases that a store can be opened on, their schemas, and the way between the hosts on one
// of them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "chatbot/environment.h"
#include "chatbot/log.h"
#include "chatbot/store_options.h"
#include "database/driver.h"

namespace chatbot::database {

// Tells whether the process of an instance, which is an open store, lives, where the machine can.
class InstanceLock {
 public:
  virtual ~InstanceLock() = default;

  // Holds the lock of an instance whose number no other has had. Called before isHeld().
  virtual void hold(std::int64_t instance) = 0;

  // Whether another store, of this process or another one, holds it. True where that cannot be
  // known. Any thread.
  virtual bool isHeld(std::int64_t instance) const noexcept = 0;

  // Whether isHeld() can be false.
  virtual bool isExact() const noexcept = 0;
};

// Tells other hosts on the database that a workflow has changed. A wake-up is a hint and does not
// carry the change itself: one that is lost costs time. Any thread. Once it is destroyed, OnWake is
// not called any more.
class Wakeups {
 public:
  virtual ~Wakeups() = default;

  // Tells the other hosts, soon, and does not wait for it.
  virtual void announce(std::string_view workflowId) noexcept = 0;

  // Whether what others announce is heard at this time.
  virtual bool areHeard() const noexcept = 0;
};

// Called on a thread of the wake-ups' own for each workflow that another host has announced; with
// an empty id once announcements are heard again, or for the first time: any workflow may have
// changed before. Must not throw.
using OnWake = std::function<void(std::string_view workflowId)>;

// Opens connections to one database. Any thread.
class Database {
 public:
  virtual ~Database() = default;

  // A connection for all writes. Throws Error (unavailable) that names the database.
  virtual std::unique_ptr<Connection> openWriter() = 0;

  // A connection for reads. It is opened while clients wait, so its errors do not name the
  // database.
  virtual std::unique_ptr<Connection> openReader() = 0;

  // After openWriter().
  virtual std::unique_ptr<InstanceLock> openInstanceLock() = 0;

  // Whether hosts on other machines may have it open.
  virtual bool isShared() const noexcept = 0;

  // Returns null where hosts cannot tell each other of changes.
  virtual std::unique_ptr<Wakeups> openWakeups(OnWake onWake) = 0;
};

// SQLite, or PostgreSQL where the path begins with postgres:// or postgresql://. Throws Error
// (unsupported) for one that this build has no driver for.
std::shared_ptr<Database> openDatabase(const StoreOptions& options,
                                       std::shared_ptr<Environment> environment,
                                       const LogFunction& log);

// Brings the schema up to date in one transaction: runs those of `scripts` that have not been run
// on the database, each of which makes a version from the one before. The table schema_history has
// a row for each with a digest of its text, so that a script that was changed is seen. Throws Error
// (unsupported) for a database that a newer version of the library has written, or an unreleased
// one, whose scripts had other texts.
void migrate(Connection& connection, std::span<const std::string> scripts);

}  // namespace chatbot::database
