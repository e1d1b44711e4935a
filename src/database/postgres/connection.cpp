#include "database/postgres/connection.h"

#include <fmt/format.h>
#include <poll.h>

#include <array>
#include <bit>
#include <chrono>
#include <optional>
#include <vector>

#include "base/text_key.h"
#include "chatbot/error.h"
#include "database/postgres/dialect.h"
#include "database/postgres/result.h"

namespace chatbot::database {
namespace {

// Statements kept per connection; lists with filters make new ones.
constexpr std::size_t kMaxStatements = 256;

// Statements sent without an answer: more could fill the buffers of both sides.
constexpr std::size_t kMaxUnanswered = 64;

// A migration may read and write the whole database.
constexpr std::chrono::hours kLongestScript{1};

// pg_type.oid of the types that values are sent as, in binary.
constexpr Oid kBytea = 17;
constexpr Oid kInt8 = 20;
constexpr Oid kFloat8 = 701;
constexpr Oid kInferred = 0;

std::array<char, 8> inNetworkOrder(std::uint64_t number) noexcept {
  std::array<char, 8> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<char>(number >> (8 * (bytes.size() - 1 - i)));
  }
  return bytes;
}

// The values of one statement as libpq takes them. They outlive it.
class Parameters {
 public:
  explicit Parameters(std::span<const SqlView> values) {
    numbers_.reserve(values.size());
    for (const SqlView& value : values) std::visit(*this, value);
  }

  void operator()(std::monostate) { add(kInferred, 'n', nullptr, 0); }
  void operator()(std::int64_t value) { addNumber(kInt8, 'i', static_cast<std::uint64_t>(value)); }
  void operator()(double value) { addNumber(kFloat8, 'r', std::bit_cast<std::uint64_t>(value)); }
  void operator()(std::string_view value) { add(kBytea, 't', value.data(), value.size()); }

  int count() const noexcept { return static_cast<int>(types_.size()); }
  const Oid* types() const noexcept { return types_.data(); }
  const char* const* values() const noexcept { return values_.data(); }
  const int* lengths() const noexcept { return lengths_.data(); }
  const int* formats() const noexcept { return formats_.data(); }

  // One letter for each type: a statement is prepared for its values' types.
  const std::string& signature() const noexcept { return signature_; }

 private:
  void add(Oid type, char letter, const char* bytes, std::size_t size) {
    types_.push_back(type);
    signature_ += letter;
    values_.push_back(bytes);
    lengths_.push_back(static_cast<int>(size));
    formats_.push_back(1);
  }

  void addNumber(Oid type, char letter, std::uint64_t number) {
    numbers_.push_back(inNetworkOrder(number));
    add(type, letter, numbers_.back().data(), numbers_.back().size());
  }

  std::vector<std::array<char, 8>> numbers_;  // reserved: they stay where they are
  std::vector<Oid> types_;
  std::string signature_;
  std::vector<const char*> values_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
};

// FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/
std::int64_t hashOf(std::string_view name) noexcept {
  std::uint64_t hash = 14695981039346656037U;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  return static_cast<std::int64_t>(hash);
}

class PostgresConnection final : public Connection {
 public:
  PostgresConnection(std::shared_ptr<PostgresServer> server, PostgresHandle handle)
      : server_(std::move(server)) {
    use(std::move(handle));
  }

  const Dialect& dialect() const noexcept override { return postgresDialect(); }

  void execute(std::string_view sql, std::span<const SqlView> values) override {
    requireHandle();
    send(sql, values);
    if (!inTransaction_ || unanswered_.size() >= kMaxUnanswered) answer();
  }

  std::unique_ptr<Cursor> open(std::string_view sql, std::span<const SqlView> values) override {
    requireHandle();
    send(sql, values);
    return std::make_unique<PostgresCursor>(answer());
  }

  void drain() override {
    requireHandle();
    if (!unanswered_.empty()) answer();
  }

  // libpq takes several statements at once outside of its pipeline only.
  void runScript(const char* sql) override {
    drain();
    PQexitPipelineMode(handle_.get());
    const PostgresResult result = database::execute(
        handle_.get(), sql, {}, std::chrono::steady_clock::now() + kLongestScript);
    if (result == nullptr) lose();
    PQenterPipelineMode(handle_.get());
    if (PQresultStatus(result.get()) == PGRES_FATAL_ERROR) fail(result.get());
  }

  void checkpoint() noexcept override {}

  void begin() override {
    connect();
    send("BEGIN ISOLATION LEVEL READ COMMITTED", {});
    inTransaction_ = true;
    isReadOnly_ = false;
    transaction_.clear();
    send("SELECT CAST(CAST(pg_current_xact_id() AS TEXT) AS BYTEA)", {});
    unanswered_.back() = Sent::transactionId;
  }

  bool tryBegin() override {
    begin();
    return true;
  }

  void beginRead() override {
    connect();
    send("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", {});
    inTransaction_ = true;
    isReadOnly_ = true;
  }

  // The COMMIT goes with what was not answered yet: behind a statement that fails the server leaves
  // it out. Should its own answer be lost, the transaction's number must be known.
  void commit() override {
    requireHandle();
    if (isReadOnly_) return leaveRead();
    if (transaction_.empty()) drain();
    send("COMMIT", {});
    PostgresResult result;
    try {
      result = answer();
    } catch (const Error&) {
      if (handle_ != nullptr || !server_->wasCommitted(transaction_)) throw;
      return;
    }
    inTransaction_ = false;
    if (std::string_view(PQcmdStatus(result.get())) == "COMMIT") return;
    throw Error(ErrorCode::internal, "The store has failed");
  }

  // A transaction that cannot be rolled back is left to the server, which ends it with the
  // connection.
  void rollback() override {
    inTransaction_ = false;
    skipAnswers();
    if (handle_ == nullptr) return;
    try {
      send("ROLLBACK", {});
      answer();
    } catch (...) {
      drop();
      throw;
    }
  }

  bool inTransaction() const noexcept override { return inTransaction_; }

  // Names are of a schema, as the tables are.
  void lock(std::string_view name) override {
    run("SELECT pg_advisory_xact_lock(hashint8extended(?, hashtextextended(current_schema(), 0)))",
        hashOf(name));
  }

  bool tryLock(std::string_view name) override {
    Rows rows = query(
        "SELECT pg_try_advisory_xact_lock(hashint8extended(?, "
        "hashtextextended(current_schema(), 0)))",
        hashOf(name));
    return rows.first(integerOf) == 1;
  }

 private:
  enum class Sent { statement, transactionId };

  void use(PostgresHandle handle) {
    handle_ = std::move(handle);
    PQenterPipelineMode(handle_.get());
    names_.clear();
    unproven_.clear();
    unanswered_.clear();
    left_ = 0;
  }

  // The socket of a server that has gone can be read at once.
  void connect() {
    if (handle_ != nullptr && isStillThere()) return;
    handle_.reset();
    use(server_->connect());
  }

  bool isStillThere() noexcept {
    try {
      if (left_ > 0) readAnswers();
      struct pollfd look = {PQsocket(handle_.get()), POLLIN, 0};
      while (poll(&look, 1, 0) > 0) {
        if (PQconsumeInput(handle_.get()) == 0) return false;
        look.revents = 0;
      }
      return PQstatus(handle_.get()) == CONNECTION_OK;
    } catch (const std::exception&) {
      return false;
    }
  }

  void requireHandle() const {
    if (handle_ == nullptr) throwForState(kConnectionLost);
  }

  void send(std::string_view sql, std::span<const SqlView> values) {
    // Reserves memory for all that is sent here: what was sent cannot be taken back.
    unanswered_.reserve(unanswered_.size() + 3);
    const Parameters parameters(values);
    const std::string name = prepared(sql, parameters);
    const int sent =
        PQsendQueryPrepared(handle_.get(), name.c_str(), parameters.count(), parameters.values(),
                            parameters.lengths(), parameters.formats(), 1);
    if (sent == 0) lose();
    unanswered_.push_back(Sent::statement);
  }

  std::string prepared(std::string_view sql, const Parameters& parameters) {
    const std::string key = fmt::format("{} {}", parameters.signature(), sql);
    if (const auto found = names_.find(key); found != names_.end()) return found->second;
    if (names_.size() >= kMaxStatements) forgetStatements();
    std::string name = fmt::format("s{}", ++lastName_);
    const std::string text = toPostgres(sql);
    unproven_.push_back(key);
    names_.emplace(key, name);
    const int sent = PQsendPrepare(handle_.get(), name.c_str(), text.c_str(), parameters.count(),
                                   parameters.types());
    if (sent == 0) lose();
    unanswered_.push_back(Sent::statement);
    return name;
  }

  void forgetStatements() {
    names_.clear();
    const int sent = PQsendQueryParams(handle_.get(), "DEALLOCATE ALL", 0, nullptr, nullptr,
                                       nullptr, nullptr, 1);
    if (sent == 0) lose();
    unanswered_.push_back(Sent::statement);
  }

  // Nobody waits for the end of a transaction that has changed nothing; its answer is read when
  // the next one begins.
  void leaveRead() {
    send("COMMIT", {});
    inTransaction_ = false;
    if (PQpipelineSync(handle_.get()) == 0) lose();
    left_ = unanswered_.size();
    PQflush(handle_.get());
  }

  // Returns the last answer. Throws the error of the first statement that has failed.
  PostgresResult answer() {
    if (PQpipelineSync(handle_.get()) == 0) lose();
    return readAnswers();
  }

  // The server leaves out the statements behind one that has failed.
  void skipAnswers() noexcept {
    try {
      if (handle_ != nullptr && !unanswered_.empty()) answer();
    } catch (const std::exception&) {
      // The transaction is rolled back, whatever has failed in it.
    }
  }

  PostgresResult readAnswers() {
    left_ = 0;
    PostgresResult last;
    PostgresResult failure;
    for (const Sent what : std::exchange(unanswered_, {})) {
      PostgresResult result = readAnswer();
      if (what == Sent::transactionId) keepTransaction(result.get());
      const bool failed = PQresultStatus(result.get()) == PGRES_FATAL_ERROR;
      (failed && failure == nullptr ? failure : last) = std::move(result);
    }
    if (failure == nullptr || !endsConnection(sqlStateOf(failure.get()))) next();  // the sync
    if (failure != nullptr) fail(failure.get());
    unproven_.clear();
    return last;
  }

  // Reads the answer to one statement.
  PostgresResult readAnswer() {
    PostgresResult answer;
    while (PostgresResult result = next()) answer = std::move(result);
    if (answer == nullptr) lose();
    return answer;
  }

  void keepTransaction(const PGresult* result) {
    if (PQresultStatus(result) == PGRES_TUPLES_OK) {
      transaction_.assign(PQgetvalue(result, 0, 0),
                          static_cast<std::size_t>(PQgetlength(result, 0, 0)));
    }
  }

  PostgresResult next() {
    const Waited waited =
        awaitAnswer(handle_.get(), std::chrono::steady_clock::now() + server_->patience());
    if (waited == Waited::lost) lose();
    if (waited == Waited::tooLong) giveUp();
    return PostgresResult(PQgetResult(handle_.get()));
  }

  // The server has prepared nothing that was sent behind a statement that failed.
  void forgetUnproven() {
    for (const std::string& key : unproven_) names_.erase(key);
    unproven_.clear();
  }

  [[noreturn]] void fail(const PGresult* failure) {
    forgetUnproven();
    const std::string_view state = sqlStateOf(failure);
    if (endsConnection(state)) drop();
    const char* text = PQresultErrorField(failure, PG_DIAG_MESSAGE_PRIMARY);
    server_->log(LogLevel::error, "PostgreSQL has failed",
                 fmt::format("{} {}", state, text == nullptr ? "" : text));
    throwForState(state);
  }

  [[noreturn]] void lose() {
    const PostgresHandle lost = drop();
    server_->log(LogLevel::warning, "the connection to PostgreSQL is lost",
                 PQerrorMessage(lost.get()));
    throwForState(kConnectionLost);
  }

  // It is not done again: it would take as long.
  [[noreturn]] void giveUp() {
    drop();
    server_->log(LogLevel::error, "PostgreSQL does not answer",
                 fmt::format("nothing within {} ms", server_->patience().count()));
    throw unreachable();
  }

  PostgresHandle drop() noexcept {
    inTransaction_ = false;
    return std::move(handle_);
  }

  const std::shared_ptr<PostgresServer> server_;
  PostgresHandle handle_;  // null: lost
  base::TextMap<std::string> names_;
  std::vector<std::string> unproven_;  // keys of names_ whose preparing was not answered yet
  std::size_t lastName_ = 0;
  std::vector<Sent> unanswered_;
  std::size_t left_ = 0;  // statements that were sent for good, and whose answers were not read
  std::string transaction_;
  bool inTransaction_ = false;
  bool isReadOnly_ = false;
};

}  // namespace

std::unique_ptr<Connection> openPostgres(std::shared_ptr<PostgresServer> server,
                                         PostgresHandle handle) {
  return std::make_unique<PostgresConnection>(std::move(server), std::move(handle));
}

}  // namespace chatbot::database
