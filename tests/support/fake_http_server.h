// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace scrit::testing {

// One request as the fake server read it.
struct FakeRequest {
    std::string method;
    std::string path;
    std::vector<std::pair<std::string, std::string>> headers; // names in lower case
    std::string body;
    int connection = 0; // counts from 1: which TCP connection it came on
    int number = 0;     // counts from 1 over the whole server
    [[nodiscard]] std::string_view header(std::string_view name) const;
};

// What the server does with one request: `pieces` are written one after the other, each after its
// pause, then the connection is kept or ended as told. Everything a bad network does is a list of
// pieces and an ending.
struct FakeReply {
    struct Piece {
        std::string bytes;
        int pauseMillis = 0; // before writing
    };
    enum class Ending {
        Keep,   // the answer was whole; the connection stays open for the next request
        Close,  // an orderly end (FIN)
        Reset,  // RST in the face of the client
        Hang,   // says nothing more until the server stops or the client leaves
        Refuse, // resets every connection and listens no more for refuseMillis
    };
    std::vector<Piece> pieces;
    Ending ending = Ending::Keep;
    int refuseMillis = 0;
};

// A whole answer with Content-Length.
[[nodiscard]] FakeReply
fakeAnswer(int status, const std::string& body,
           const std::vector<std::pair<std::string, std::string>>& headers = {},
           std::string_view contentType = "application/json");
// A chunked 200 text/event-stream with one `data:` event for each element, `pauseMillis` before
// each.
[[nodiscard]] FakeReply fakeStream(const std::vector<std::string>& events, int pauseMillis = 0);

// An HTTP/1.1 server on 127.0.0.1 that serves any number of connections on one thread of its own
// (epoll), fast enough to be no bottleneck. The handler runs on that thread and must not block:
// a slow answer is a piece with a pause. Stops and joins in the destructor.
class FakeHttpServer {
public:
    using Handler = std::function<FakeReply(const FakeRequest&)>;
    // `port` 0: any free one; port() is 0 when the wanted one could not be had.
    explicit FakeHttpServer(Handler handler, int port = 0);
    ~FakeHttpServer();
    FakeHttpServer(const FakeHttpServer&) = delete;
    FakeHttpServer& operator=(const FakeHttpServer&) = delete;

    [[nodiscard]] int port() const;
    [[nodiscard]] std::string url(std::string_view path) const;
    // Counters; any thread.
    [[nodiscard]] int requests() const;
    [[nodiscard]] int connections() const;
    [[nodiscard]] int inFlight() const;  // requests whose answer is not written yet
    [[nodiscard]] int abandoned() const; // clients that left before their answer was written

private:
    class Loop;
    std::unique_ptr<Loop> m_loop;
};

} // namespace scrit::testing
