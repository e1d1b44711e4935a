#include "openai/network.h"

#include <curl/curl.h>

#include <array>
#include <exception>
#include <new>
#include <utility>

#include "openai/curl_loop.h"

namespace chatbot::openai {
namespace {

template <auto Free>
struct Freeing {
  template <typename T>
  void operator()(T* handle) const noexcept {
    Free(handle);
  }
};

using Easy = std::unique_ptr<CURL, Freeing<curl_easy_cleanup>>;
using Headers = std::unique_ptr<curl_slist, Freeing<curl_slist_free_all>>;

void addHeader(Headers& headers, const std::string& line) {
  curl_slist* const longer = curl_slist_append(headers.get(), line.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  (void)headers.release();
  headers.reset(longer);
}

Headers headersFor(const std::string& key) {
  Headers headers;
  addHeader(headers, "Content-Type: application/json");
  addHeader(headers, "Accept: text/event-stream, application/json");
  addHeader(headers, "Expect:");  // else libcurl waits a second before it sends a long body
  if (!key.empty()) addHeader(headers, "Authorization: Bearer " + key);
  return headers;
}

void allowProtocols(CURL* easy) {
#if LIBCURL_VERSION_NUM >= 0x075500
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS, static_cast<long>(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}

// Whether an abort waits for the thread on which libcurl looks the name up. All other transfers
// would wait, too: only stop() waits.
void waitForLookup([[maybe_unused]] CURL* easy, [[maybe_unused]] bool wait) {
#if LIBCURL_VERSION_NUM >= 0x075700
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, wait ? 0L : 1L);
#endif
}

}  // namespace

// Before this version libcurl does not tell that a transfer reuses a connection and needs no
// look-up, so look-ups are not counted.
constexpr bool kCountsLookups = LIBCURL_VERSION_NUM >= 0x075000;

constexpr std::size_t kMaxLookups = 8;

struct Network::Handles {
  explicit Handles(const Server& theServer)
      : server(theServer), headers(headersFor(theServer.key)) {}

  const Server server;
  const Headers headers;
  CurlLoop loop;
  std::size_t lookups = 0;  // transfers that may be looking a name up
};

class Network::Transfer {
 public:
  Transfer(std::string body, std::shared_ptr<TransferListener> listener)
      : body_(std::move(body)), listener_(std::move(listener)) {}

  bool wanted() const noexcept { return listener_->wanted(); }

  bool open(Handles& handles, std::uint64_t id) {
    easy_.reset(curl_easy_init());
    if (easy_ == nullptr) return false;
    CURL* const easy = easy_.get();
    id_ = id;
    curl_easy_setopt(easy, CURLOPT_URL, handles.server.url.c_str());
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, handles.headers.get());
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body_.data());
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body_.size()));
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, words_.data());
    curl_easy_setopt(easy, CURLOPT_PRIVATE, &id_);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Transfer::write);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &Transfer::readHeader);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");  // all that libcurl can undo
    const std::string& caFile = handles.server.caFile;
    if (!caFile.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, caFile.c_str());
    allowProtocols(easy);
    waitForLookup(easy, false);
    countLookup(handles);
    return handles.loop.add(easy);
  }

  void close(CurlLoop& loop) noexcept {
    if (easy_ != nullptr) loop.remove(easy_.get());
    lookedUp();
  }

  CURL* easy() const noexcept { return easy_.get(); }

  void reportEnd(bool whole, bool isUnreadable) noexcept {
    if (whole || isUnreadable) reportHead();
    TransferEnd end = endOf(whole);
    end.isUnreadable = isUnreadable;
    listener_->onEnd(end);
  }

  static std::uint64_t idOf(CURL* easy) noexcept {
    std::uint64_t* id = nullptr;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &id);
    return *id;
  }

 private:
  // Counts the transfer as looking a name up until it has a socket: a new one, or that of an open
  // connection.
  void countLookup(Handles& handles) noexcept {
    if (!kCountsLookups) return;
    lookups_ = &handles.lookups;
    ++*lookups_;
#if LIBCURL_VERSION_NUM >= 0x075000
    curl_easy_setopt(easy_.get(), CURLOPT_SOCKOPTFUNCTION, &Transfer::hasSocket);
    curl_easy_setopt(easy_.get(), CURLOPT_SOCKOPTDATA, this);
    curl_easy_setopt(easy_.get(), CURLOPT_PREREQFUNCTION, &Transfer::isConnected);
    curl_easy_setopt(easy_.get(), CURLOPT_PREREQDATA, this);
#endif
  }

  void lookedUp() noexcept {
    if (lookups_ != nullptr) --*std::exchange(lookups_, nullptr);
  }

  static int hasSocket(void* self, curl_socket_t, curlsocktype) noexcept {
    static_cast<Transfer*>(self)->lookedUp();
    return 0;
  }

  static int isConnected(void* self, char*, char*, int, int) noexcept {
    static_cast<Transfer*>(self)->lookedUp();
    return 0;
  }

  static std::size_t write(char* bytes, std::size_t size, std::size_t count, void* self) noexcept {
    auto* const transfer = static_cast<Transfer*>(self);
    const std::string_view piece(bytes, size * count);
    const bool goOn = transfer->reportHead() && transfer->reportBytes(piece);
    return goOn ? piece.size() : 0;
  }

  static std::size_t readHeader(char* bytes, std::size_t size, std::size_t count,
                                void* self) noexcept {
    static_cast<Transfer*>(self)->headers_.add({bytes, size * count});
    return size * count;
  }

  bool reportHead() noexcept {
    if (headReported_) return true;
    headReported_ = true;
    long status = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
    try {
      listener_->onHead(status);
      return true;
    } catch (const std::exception&) {
      return false;
    }
  }

  bool reportBytes(std::string_view piece) noexcept {
    try {
      return listener_->onBytes(piece);
    } catch (const std::exception&) {
      return false;
    }
  }

  TransferEnd endOf(bool whole) const {
    TransferEnd end{.whole = whole, .headers = headers_, .detail = words_.data()};
    if (easy_ == nullptr) return end;
    curl_off_t sent = 0;
    curl_off_t received = 0;
    curl_off_t retryAfter = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_SIZE_UPLOAD_T, &sent);
    curl_easy_getinfo(easy_.get(), CURLINFO_SIZE_DOWNLOAD_T, &received);
    curl_easy_getinfo(easy_.get(), CURLINFO_RETRY_AFTER, &retryAfter);
    end.bytesSent = sent;
    end.bytesReceived = received;
    // libcurl understands a date, too.
    if (retryAfter > 0 && !end.headers.retryAfter) {
      end.headers.retryAfter = std::chrono::seconds(retryAfter);
    }
    return end;
  }

  const std::string body_;
  const std::shared_ptr<TransferListener> listener_;
  std::uint64_t id_ = 0;
  std::array<char, CURL_ERROR_SIZE> words_{};
  bool headReported_ = false;
  ReplyHeaders headers_;
  std::size_t* lookups_ = nullptr;  // not null while it is counted there
  Easy easy_;
};

Network::Network(const Server& server)
    : handles_(std::make_unique<Handles>(server)), thread_([this] { work(); }) {}

Network::~Network() { stop(); }

void Network::begin(std::uint64_t id, std::string body,
                    std::shared_ptr<TransferListener> listener) {
  auto begun = std::make_unique<Transfer>(std::move(body), std::move(listener));
  post({.id = id, .begun = std::move(begun)});
}

void Network::abort(std::uint64_t id) { post({.id = id, .begun = nullptr}); }

void Network::post(Command command) {
  const std::lock_guard lock(mutex_);
  if (stopped_) return;
  commands_.push_back(std::move(command));
  handles_->loop.wake();
}

void Network::stop() noexcept {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    handles_->loop.wake();
  }
  const std::lock_guard joining(joinMutex_);
  if (thread_.joinable()) thread_.join();
}

void Network::work() noexcept {
  CurlLoop& loop = handles_->loop;
  while (takeCommands()) {
    openWaiting();
    loop.runOnce();
    takeEnds();
  }
  for (const auto& [id, transfer] : transfers_) {
    if (transfer->easy() != nullptr) waitForLookup(transfer->easy(), true);
    transfer->close(loop);
  }
  transfers_.clear();
}

// Returns false once the thread is to stop.
bool Network::takeCommands() {
  std::vector<Command> commands;
  bool stopped = false;
  {
    const std::lock_guard lock(mutex_);
    commands.swap(commands_);
    stopped = stopped_;
  }
  for (Command& command : commands) {
    if (stopped) return false;
    if (command.begun != nullptr) {
      add(command);
    } else if (const auto found = transfers_.find(command.id); found != transfers_.end()) {
      end(found, false);
    }
  }
  return !stopped;
}

void Network::add(Command& command) {
  if (!command.begun->wanted()) return;
  transfers_.emplace(command.id, std::move(command.begun));
  waiting_.push_back(command.id);
}

// A transfer that was aborted while it waited is in transfers_ no more.
void Network::openWaiting() {
  while (!waiting_.empty() && handles_->lookups < kMaxLookups) {
    const auto opened = transfers_.find(waiting_.front());
    waiting_.pop_front();
    if (opened == transfers_.end() || opened->second->easy() != nullptr) continue;
    if (!opened->second->open(*handles_, opened->first)) end(opened, false);
  }
}

void Network::takeEnds() {
  while (const std::optional<CurlLoop::Ended> ended = handles_->loop.nextEnded()) {
    const auto found = transfers_.find(Transfer::idOf(ended->easy));
    if (found != transfers_.end()) end(found, ended->whole, ended->isUnreadable);
  }
}

void Network::end(Transfers::iterator transfer, bool whole, bool isUnreadable) {
  const std::unique_ptr<Transfer> ended = std::move(transfer->second);
  transfers_.erase(transfer);
  ended->close(handles_->loop);
  ended->reportEnd(whole, isUnreadable);
}

}  // namespace chatbot::openai
