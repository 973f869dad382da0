// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
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
        Keep,  // the answer was whole; the connection stays open for the next request
        Close, // an orderly end (FIN)
        Reset, // RST in the face of the client
        Hang,  // says nothing more until the server stops or the client leaves
    };
    std::vector<Piece> pieces;
    Ending ending = Ending::Keep;
};

// A whole answer with Content-Length.
[[nodiscard]] FakeReply fakeAnswer(int status, std::string body,
                                   std::vector<std::pair<std::string, std::string>> headers = {},
                                   std::string_view contentType = "application/json");
// A chunked 200 text/event-stream with one `data:` event for each element, `pauseMillis` before
// each.
[[nodiscard]] FakeReply fakeStream(const std::vector<std::string>& events, int pauseMillis = 0);

// An HTTP/1.1 server on 127.0.0.1 with a port of its own, one thread for each connection. The
// handler runs on those threads, possibly at once. Stops and joins in the destructor.
class FakeHttpServer {
public:
    using Handler = std::function<FakeReply(const FakeRequest&)>;
    explicit FakeHttpServer(Handler handler);
    ~FakeHttpServer();
    FakeHttpServer(const FakeHttpServer&) = delete;
    FakeHttpServer& operator=(const FakeHttpServer&) = delete;

    [[nodiscard]] int port() const { return m_port; }
    [[nodiscard]] std::string url(std::string_view path) const;
    [[nodiscard]] int requests() const { return m_requests; }
    [[nodiscard]] int connections() const { return m_connections; }

private:
    void accept();
    void serve(int socket, int connection);

    Handler m_handler;
    int m_listener = -1;
    int m_port = 0;
    std::atomic<bool> m_stop{false};
    std::atomic<int> m_requests{0};
    std::atomic<int> m_connections{0};
    std::vector<std::thread> m_workers; // touched by the accepting thread, then by the destructor
    std::thread m_acceptor;
};

} // namespace scrit::testing
