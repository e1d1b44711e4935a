#include <fmt/format.h>

#include <array>
#include <new>
#include <span>
#include <utility>

#include "base/option.h"
#include "base/text_key.h"
#include "chatbot/error.h"
#include "chatbot/http.h"
#include "http/bodies.h"
#include "http/openapi.h"
#include "http/rate_limit.h"
#include "http/routes.h"

namespace chatbot {
namespace {

constexpr std::chrono::seconds kRateWindow{60};
constexpr int kRetryAfterSeconds = 5;  // after 503, where the error names no time

Response errorResponse(int status, std::string body) {
  Response response;
  response.status = status;
  response.headers.emplace_back("Content-Type", "application/json");
  response.body = std::move(body);
  return response;
}

int retryAfter(const Error& error) {
  if (error.retryAfter() > 0) return error.retryAfter();
  return error.code() == ErrorCode::unavailable ? kRetryAfterSeconds : 0;
}

Response errorResponse(const Error& error) {
  Response response = errorResponse(httpStatus(error.code()), errorBody(error));
  if (const int seconds = retryAfter(error); seconds > 0) {
    response.headers.emplace_back("Retry-After", std::to_string(seconds));
  }
  return response;
}

std::string limitKey(const Identity& caller, std::string_view operation) {
  return fmt::format("{} {}", operation, base::ownerKey(caller.mandateId, caller.userId));
}

std::string normalized(std::string prefix) {
  while (prefix.ends_with('/')) prefix.pop_back();
  if (!prefix.empty() && !prefix.starts_with('/')) prefix.insert(0, "/");
  return prefix;
}

using base::optionMember;

bool isPrefix(std::string_view prefix) {
  return prefix.empty() || (prefix.front() == '/' && prefix.back() != '/');
}

constexpr auto kOptions = std::to_array<base::Option<MountOptions>>({
    {"prefix", "Path of the endpoints",
     base::Text{"a path that starts with / and does not end with one, or nothing", isPrefix},
     optionMember<&MountOptions::prefix>},
    {"maxBodyBytes", "Maximum size of a request body", base::kCount,
     optionMember<&MountOptions::maxBodyBytes>},
    {"rateLimit",
     "Maximum number of requests of a caller to one operation in any 60 s (0: no limit)",
     base::Integer{0, base::kMany}, optionMember<&MountOptions::rateLimit>},
});

constexpr base::OptionTable<MountOptions> kTable(kOptions);

}  // namespace

struct Mount::Impl {
  Impl(std::shared_ptr<Engine> theEngine, MountOptions theOptions)
      : engine(std::move(theEngine)),
        options(std::move(theOptions)),
        prefix(http::parseTarget(normalized(options.prefix)).segments),
        openApi(http::makeOpenApi(normalized(options.prefix))) {
    if (options.rateLimit <= 0) return;
    const std::shared_ptr<Environment> environment(engine, &engine->environment());
    limiter = std::make_unique<http::RateLimiter>(environment, options.rateLimit, kRateWindow);
  }

  // The segments below the prefix; nothing for a path that is elsewhere.
  std::optional<std::span<const std::string>> below(const http::Target& target) const {
    const std::span<const std::string> path(target.segments);
    if (path.size() < prefix.size()) return std::nullopt;
    for (std::size_t i = 0; i < prefix.size(); ++i) {
      if (path[i] != prefix[i]) return std::nullopt;
    }
    return path.subspan(prefix.size());
  }

  Response answer(const Mount& mount, const Request& request, const Identity& caller) const {
    const http::Target target = http::parseTarget(request.target);
    const auto path = below(target);
    http::Match found = path ? http::match(request.method, *path) : http::Match{};
    if (found.allow.empty()) return errorResponse(404, errorBody("Not Found"));
    if (found.route == nullptr) {
      Response response = errorResponse(405, errorBody("Method Not Allowed"));
      response.headers.emplace_back("Allow", found.allow);
      return response;
    }
    const http::Call call{.engine = *engine,
                          .mount = mount,
                          .request = request,
                          .caller = caller,
                          .target = target,
                          .workflowId = std::move(found.workflowId)};
    return limited(*found.route, call);
  }

  Response limited(const http::Route& route, const http::Call& call) const {
    if (!limiter) return guarded(route, call);
    const http::RateLimiter::Verdict verdict = limiter->admit(limitKey(call.caller, route.limit()));
    Response response = verdict.allowed
                            ? guarded(route, call)
                            : errorResponse(Error(ErrorCode::rateLimited, "Rate limit exceeded")
                                                .withRetryAfter(verdict.resetSeconds));
    addLimitHeaders(response, route.limit(), verdict);
    return response;
  }

  // draft-ietf-httpapi-ratelimit-headers-10, sections 3 and 4.
  void addLimitHeaders(Response& response, std::string_view policy,
                       const http::RateLimiter::Verdict& verdict) const {
    response.headers.emplace_back(
        "RateLimit-Policy",
        fmt::format("\"{}\";q={};w={}", policy, limiter->limit(), limiter->window().count()));
    response.headers.emplace_back(
        "RateLimit",
        fmt::format("\"{}\";r={};t={}", policy, verdict.remaining, verdict.resetSeconds));
  }

  Response guarded(const http::Route& route, const http::Call& call) const {
    try {
      if (call.request.body.size() > options.maxBodyBytes) {
        throw Error(ErrorCode::tooLarge, "Request body too large");
      }
      return route.serve(call);
    } catch (const Error& error) {
      if (httpStatus(error.code()) == 500) return fault(error.what(), error.code());
      return errorResponse(error);
    } catch (const std::bad_alloc&) {
      throw;
    } catch (const std::exception& error) {
      return fault(error.what());
    }
  }

  // Logs a fault inside, and answers the client with an id by which the log has it.
  Response fault(const char* text, ErrorCode code = ErrorCode::internal) const {
    const std::string id = newId(engine->environment());
    if (engine->log()) {
      const std::array fields = {LogField{"fault", id}, LogField{"text", text}};
      engine->log()(LogLevel::error, "a request has failed", fields);
    }
    return errorResponse(500, http::faultBody(id, code));
  }

  std::shared_ptr<Engine> engine;
  MountOptions options;
  std::vector<std::string> prefix;
  std::string openApi;
  std::unique_ptr<http::RateLimiter> limiter;
};

Mount::Mount(std::shared_ptr<Engine> engine, MountOptions options)
    : impl_(std::make_unique<Impl>(std::move(engine), std::move(options))) {}

Mount::~Mount() = default;

Response Mount::serve(const Request& request, const Identity& caller) {
  try {
    return impl_->answer(*this, request, caller);
  } catch (const Error& error) {
    return errorResponse(error);
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& error) {
    return impl_->fault(error.what());
  }
}

std::string Mount::openApi() const { return impl_->openApi; }

bool setOption(MountOptions& options, std::string_view name, std::string_view text) {
  return base::setOption(kTable, options, name, text);
}

std::string optionsJson(const MountOptions& options) { return base::optionsJson(kTable, options); }

}  // namespace chatbot
