#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "chatbot/error.h"
#include "database/sqlite/sqlite.h"

namespace chatbot::database {
namespace {

struct flock byteOf(std::int64_t instance) noexcept {
  struct flock lock = {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = instance;
  lock.l_len = 1;
  return lock;
}

[[noreturn]] void refuse(const std::string& path, int fault) {
  throw Error(ErrorCode::unavailable, fmt::format("{}, which tells who has the database open: {}",
                                                  path, std::generic_category().message(fault)));
}

// A user who may write the database may write this file, whatever the process's umask.
int openBeside(const std::string& databasePath) {
  std::error_code fault;
  const std::string path = std::filesystem::canonical(databasePath, fault).string() + "-instances";
  if (fault) refuse(databasePath, fault.value());
  struct stat database = {};
  if (stat(databasePath.c_str(), &database) != 0) refuse(path, errno);
  const mode_t mode = database.st_mode & 0666;
  const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, mode);
  if (descriptor < 0) refuse(path, errno);
  struct stat opened = {};
  const bool differs = fstat(descriptor, &opened) == 0 && (opened.st_mode & 0666) != mode;
  if (differs) fchmod(descriptor, mode);  // in vain where it is not this user's
  return descriptor;
}

// Tells whether the process of an instance lives, by a lock that the kernel drops when it dies.
//
// One byte of the file `<database>-instances` for each instance, locked while its store is open (an
// open file description lock, fcntl(2) F_OFD_SETLK). Links to the database are followed, as SQLite
// does for its own files beside it. Where there are no such locks, every instance counts as alive
// and its lease alone decides.
class FileInstanceLock final : public InstanceLock {
 public:
  explicit FileInstanceLock(const std::string& databasePath);
  ~FileInstanceLock() override;
  FileInstanceLock(const FileInstanceLock&) = delete;
  FileInstanceLock& operator=(const FileInstanceLock&) = delete;

  void hold(std::int64_t instance) override;
  bool isHeld(std::int64_t instance) const noexcept override;
  bool isExact() const noexcept override { return isSupported_; }

 private:
  int descriptor_;
  bool isSupported_ = true;
};

FileInstanceLock::FileInstanceLock(const std::string& databasePath)
    : descriptor_(openBeside(databasePath)) {}

FileInstanceLock::~FileInstanceLock() { close(descriptor_); }

#ifdef F_OFD_SETLK

void FileInstanceLock::hold(std::int64_t instance) {
  struct flock lock = byteOf(instance);
  isSupported_ = fcntl(descriptor_, F_OFD_SETLK, &lock) == 0;
}

bool FileInstanceLock::isHeld(std::int64_t instance) const noexcept {
  if (!isSupported_) return true;
  struct flock lock = byteOf(instance);
  return fcntl(descriptor_, F_OFD_GETLK, &lock) != 0 || lock.l_type != F_UNLCK;
}

#else

void FileInstanceLock::hold(std::int64_t) { isSupported_ = false; }

bool FileInstanceLock::isHeld(std::int64_t) const noexcept { return true; }

#endif

class SqliteDatabase final : public Database {
 public:
  SqliteDatabase(StoreOptions options, LogFunction log)
      : options_(std::move(options)), log_(std::move(log)) {}

  std::unique_ptr<Connection> openWriter() override {
    return openSqlite(options_, SqliteMode::readWrite, log_);
  }

  std::unique_ptr<Connection> openReader() override {
    try {
      return openSqlite(options_, SqliteMode::readOnly, log_);
    } catch (const Error& error) {
      if (log_) log_(LogLevel::error, error.what(), {});
      throw Error(ErrorCode::unavailable, "The store cannot be reached");
    }
  }

  std::unique_ptr<InstanceLock> openInstanceLock() override {
    return openFileInstanceLock(options_.path);
  }

  bool isShared() const noexcept override { return false; }

  std::unique_ptr<Wakeups> openWakeups(OnWake) override { return nullptr; }

 private:
  const StoreOptions options_;
  const LogFunction log_;
};

}  // namespace

std::unique_ptr<InstanceLock> openFileInstanceLock(const std::string& databasePath) {
  return std::make_unique<FileInstanceLock>(databasePath);
}

std::shared_ptr<Database> sqliteDatabase(const StoreOptions& options, const LogFunction& log) {
  reportSqliteVersion(log);
  return std::make_shared<SqliteDatabase>(options, log);
}

}  // namespace chatbot::database
