// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace scrit::net {

using Headers = std::vector<std::pair<std::string, std::string>>;

// The value of the first header of that name (any case), or an empty view.
[[nodiscard]] std::string_view headerValue(const Headers& headers, std::string_view name);

// Time limits of one request in milliseconds; 0 = none.
struct Deadlines {
    std::int64_t connect = 10'000;    // name look-up, TCP and TLS
    std::int64_t firstByte = 600'000; // from sending the request to the first byte of the answer
    std::int64_t stall = 120'000;     // between two pieces of the answer
    std::int64_t total = 3'600'000;
};

struct HttpRequest {
    std::string method = "GET";
    std::string url; // http:// or https:// only
    Headers headers;
    std::string body;
    // When set, the file's bytes follow `body` and `bodyEnd` follows them; the file is streamed. It
    // must not change meanwhile. Not for GET.
    std::filesystem::path bodyFile;
    std::string bodyEnd;
    // On a connection of its own. A kept connection that turns out to be dead is tried again by
    // libcurl, so that a server may see a request twice: not for what must happen once at most.
    bool once = false;
    Deadlines deadlines;
    std::size_t maxBodyBytes = std::size_t{64} << 20U;
    // When set, pieces of a 200 answer's body go here as they come and HttpResponse::body stays
    // empty; returning false ends the request with Cancelled. Answers of any other status are
    // collected.
    std::function<bool(std::string_view)> onData;
};

struct HttpResponse {
    int status = 0;
    Headers headers;
    std::string body;
    double connectSeconds = 0;   // 0 on a reused connection
    double firstByteSeconds = 0; // since the request was handed to send()
    double totalSeconds = 0;
    bool reusedConnection = false;
};

// HTTP on one thread, "scrit-http", which owns libcurl's multi handle. Any number of requests in
// flight; connections are kept and reused; TLS is verified; proxies come from the usual environment
// variables; gzip answers are unpacked; redirects are refused, because a server that was not
// configured must not be contacted. HTTP/1.1 is forced (libcurl 7.87–8.5 loses multiplexed
// streams).
//
// Callbacks run on scrit-http, never under a lock; they must not block. A transport failure is an
// Error of code Network (retryable) with the phase it happened in, a passed deadline Network too;
// an HTTP status ≥ 400 is not an Error here but a response.
class HttpClient {
public:
    using Done = std::function<void(base::Expected<HttpResponse>&&)>;
    using RequestId = std::uint64_t;

    struct Options {
        std::string userAgent = "scrit-studio";
        std::string caFile; // empty: the system's certificates
    };
    explicit HttpClient(Options options);
    HttpClient() : HttpClient(Options{}) {}
    // Cancels what is in flight (each gets its callback with Cancelled) and joins the thread.
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    // Any thread. `done` is called exactly once, also when the request is malformed.
    RequestId send(HttpRequest request, Done done);
    // Any thread. `done` is called with Cancelled unless the request has ended already.
    void cancel(RequestId id);

private:
    class Loop;
    std::unique_ptr<Loop> m_loop;
};

} // namespace scrit::net
