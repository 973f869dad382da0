// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/fake_http_server.h"

#include "core/base/text.h"

#include <queue>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <thread>
#include <unordered_map>

namespace scrit::testing {
namespace {

using Clock = std::chrono::steady_clock;

FakeRequest parseHead(std::string_view head) {
    FakeRequest request;
    std::size_t at = 0;
    bool first = true;
    while (at < head.size()) {
        const std::size_t end = std::min(head.find("\r\n", at), head.size());
        const std::string_view line = head.substr(at, end - at);
        at = end + 2;
        if (first) {
            const std::size_t space = line.find(' ');
            request.method = line.substr(0, space);
            request.path = line.substr(space + 1, line.rfind(' ') - space - 1);
            first = false;
        } else if (const std::size_t colon = line.find(':'); colon != std::string_view::npos) {
            request.headers.emplace_back(base::lowerAscii(line.substr(0, colon)),
                                         base::trimmed(line.substr(colon + 1)));
        }
    }
    return request;
}

// Reads requests out of what a connection has sent so far.
class RequestReader {
public:
    void append(const char* data, std::size_t size) { m_buffer.append(data, size); }
    // The next request once it is whole.
    std::optional<FakeRequest> next() {
        if (!m_head) {
            const std::size_t end = m_buffer.find("\r\n\r\n");
            if (end == std::string::npos) {
                return std::nullopt;
            }
            m_head = parseHead(std::string_view(m_buffer).substr(0, end));
            const std::string length(m_head->header("content-length"));
            m_bodyBegin = end + 4;
            m_bodySize = length.empty() ? 0 : std::strtoul(length.c_str(), nullptr, 10);
            m_buffer.reserve(m_bodyBegin + m_bodySize);
        }
        if (m_buffer.size() < m_bodyBegin + m_bodySize) {
            return std::nullopt;
        }
        m_head->body = m_buffer.substr(m_bodyBegin, m_bodySize);
        m_buffer.erase(0, m_bodyBegin + m_bodySize);
        return std::exchange(m_head, std::nullopt);
    }

private:
    std::string m_buffer;
    std::optional<FakeRequest> m_head; // its body is still coming
    std::size_t m_bodyBegin = 0;
    std::size_t m_bodySize = 0;
};

struct ClientConnection {
    int socket = -1;
    int number = 0;
    RequestReader reader;
    bool replying = false;
    FakeReply reply;
    std::size_t nextPiece = 0;
    bool paused = false;   // a timer will go on with the next piece
    bool watchOut = false; // epoll waits until the socket takes more
    std::string out;       // bytes on their way
    std::size_t written = 0;
};

int listenOn(int port) {
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const int one = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    if (bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        listen(listener, 4096) != 0) {
        ::close(listener);
        return -1;
    }
    return listener;
}

int portOf(int listener) {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin_port);
}

} // namespace

// The thread of the server and everything it owns; the counters are read from elsewhere.
class FakeHttpServer::Loop {
public:
    Loop(Handler handler, int wantedPort)
        : m_handler(std::move(handler)), m_listener(listenOn(wantedPort)) {
        m_epoll = epoll_create1(EPOLL_CLOEXEC);
        m_wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        watch(m_wake, kWakeId, EPOLLIN, EPOLL_CTL_ADD);
        if (m_listener < 0) {
            return;
        }
        port = portOf(m_listener);
        watch(m_listener, kListenerId, EPOLLIN, EPOLL_CTL_ADD);
        m_thread = std::thread([this] { run(); });
        pthread_setname_np(m_thread.native_handle(), "fake-http");
    }

    ~Loop() {
        m_stop = true;
        const std::uint64_t one = 1;
        [[maybe_unused]] const ssize_t woken = ::write(m_wake, &one, sizeof one);
        if (m_thread.joinable()) {
            m_thread.join();
        }
        for (const auto& [number, connection] : m_connections) {
            ::close(connection->socket);
        }
        if (m_listener >= 0) {
            ::close(m_listener);
        }
        ::close(m_wake);
        ::close(m_epoll);
    }
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    int port = 0;
    std::atomic<int> requests{0};
    std::atomic<int> connections{0};
    std::atomic<int> inFlight{0};
    std::atomic<int> abandoned{0};

private:
    // What an epoll event is about: connections count from 1.
    static constexpr std::uint64_t kWakeId = UINT64_MAX;
    static constexpr std::uint64_t kListenerId = 0;

    struct Timer {
        Clock::time_point due;
        int connection = 0;                                                  // 0: listen again
        bool operator<(const Timer& other) const { return due > other.due; } // soonest on top
    };

    void watch(int socket, std::uint64_t id, std::uint32_t events, int operation) const {
        epoll_event event{};
        event.events = events;
        event.data.u64 = id;
        epoll_ctl(m_epoll, operation, socket, &event);
    }

    void run() {
        std::array<epoll_event, 512> events{};
        while (!m_stop) {
            const int count =
                epoll_wait(m_epoll, events.data(), static_cast<int>(events.size()), waitMillis());
            for (int i = 0; i < count; ++i) {
                const epoll_event& event = events[static_cast<std::size_t>(i)];
                if (event.data.u64 == kListenerId) {
                    acceptAll();
                } else if (event.data.u64 != kWakeId) {
                    serve(static_cast<int>(event.data.u64), event.events);
                }
            }
            fireTimers();
        }
    }

    [[nodiscard]] int waitMillis() const {
        if (m_timers.empty()) {
            return -1;
        }
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(m_timers.top().due - Clock::now());
        return static_cast<int>(std::max<std::int64_t>(0, left.count()));
    }

    void fireTimers() {
        while (!m_timers.empty() && m_timers.top().due <= Clock::now()) {
            const int number = m_timers.top().connection;
            m_timers.pop();
            if (number == 0) {
                m_listener = listenOn(port);
                watch(m_listener, kListenerId, EPOLLIN, EPOLL_CTL_ADD);
            } else if (const auto found = m_connections.find(number);
                       found != m_connections.end()) {
                ClientConnection& connection = *found->second;
                connection.paused = false;
                connection.out += connection.reply.pieces[connection.nextPiece++].bytes;
                proceed(connection);
            }
        }
    }

    void acceptAll() {
        while (m_listener >= 0) {
            const int socket = accept4(m_listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
            if (socket < 0) {
                return;
            }
            const int one = 1;
            setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
            auto connection = std::make_unique<ClientConnection>();
            connection->socket = socket;
            connection->number = ++connections;
            watch(socket, static_cast<std::uint64_t>(connection->number), EPOLLIN, EPOLL_CTL_ADD);
            m_connections.emplace(connection->number, std::move(connection));
        }
    }

    void serve(int number, std::uint32_t events) {
        const auto found = m_connections.find(number);
        if (found == m_connections.end()) {
            return; // ended earlier in the same round
        }
        ClientConnection& connection = *found->second;
        if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0 && !receive(connection)) {
            drop(connection, false);
            return;
        }
        if (connection.replying) {
            if ((events & EPOLLOUT) != 0) {
                proceed(connection);
            }
        } else {
            startNext(connection);
        }
    }

    // False when the client has left.
    bool receive(ClientConnection& connection) {
        while (true) {
            const ssize_t got = recv(connection.socket, m_block.data(), m_block.size(), 0);
            if (got <= 0) {
                return got < 0 && (errno == EAGAIN || errno == EINTR);
            }
            connection.reader.append(m_block.data(), static_cast<std::size_t>(got));
            if (static_cast<std::size_t>(got) < m_block.size()) {
                return true;
            }
        }
    }

    void startNext(ClientConnection& connection) {
        std::optional<FakeRequest> request = connection.reader.next();
        if (!request) {
            return;
        }
        request->connection = connection.number;
        request->number = ++requests;
        ++inFlight;
        connection.replying = true;
        connection.reply = m_handler(*request);
        connection.nextPiece = 0;
        proceed(connection);
    }

    // Writes as much of the reply as pauses and the socket allow; may end the connection.
    void proceed(ClientConnection& connection) {
        std::vector<FakeReply::Piece>& pieces = connection.reply.pieces;
        while (!connection.paused && connection.nextPiece < pieces.size()) {
            FakeReply::Piece& piece = pieces[connection.nextPiece];
            if (piece.pauseMillis > 0) {
                connection.paused = true;
                m_timers.push({Clock::now() + std::chrono::milliseconds(piece.pauseMillis),
                               connection.number});
                break;
            }
            if (connection.out.empty()) {
                connection.out = std::move(piece.bytes);
            } else {
                connection.out += piece.bytes;
            }
            ++connection.nextPiece;
        }
        if (!flush(connection)) {
            drop(connection, false);
            return;
        }
        if (connection.out.empty() && !connection.paused) {
            end(connection);
        }
    }

    // False when the client has left.
    bool flush(ClientConnection& connection) {
        while (connection.written < connection.out.size()) {
            const ssize_t sent = send(connection.socket, connection.out.data() + connection.written,
                                      connection.out.size() - connection.written, MSG_NOSIGNAL);
            if (sent < 0 && errno != EAGAIN) {
                return false;
            }
            if (sent < 0) {
                watchOut(connection, true);
                return true;
            }
            connection.written += static_cast<std::size_t>(sent);
        }
        connection.out.clear();
        connection.written = 0;
        watchOut(connection, false);
        return true;
    }

    void watchOut(ClientConnection& connection, bool on) {
        if (connection.watchOut != on) {
            connection.watchOut = on;
            watch(connection.socket, static_cast<std::uint64_t>(connection.number),
                  on ? EPOLLIN | EPOLLOUT : EPOLLIN, EPOLL_CTL_MOD);
        }
    }

    void end(ClientConnection& connection) {
        using Ending = FakeReply::Ending;
        switch (connection.reply.ending) {
        case Ending::Keep:
            connection.replying = false;
            --inFlight;
            startNext(connection); // pipelined
            return;
        case Ending::Hang:
            return;
        case Ending::Close:
        case Ending::Reset: {
            const bool reset = connection.reply.ending == Ending::Reset;
            connection.replying = false;
            --inFlight;
            drop(connection, reset);
            return;
        }
        case Ending::Refuse: {
            if (m_listener >= 0) {
                ::close(m_listener);
                m_listener = -1;
                m_timers.push(
                    {Clock::now() + std::chrono::milliseconds(connection.reply.refuseMillis), 0});
            }
            while (!m_connections.empty()) {
                drop(*m_connections.begin()->second, true);
            }
            return;
        }
        }
    }

    // The connection is gone afterwards. A request that was not answered counts as abandoned.
    void drop(ClientConnection& connection, bool reset) {
        if (connection.replying) {
            --inFlight;
            ++abandoned;
        }
        if (reset) {
            const linger now{1, 0};
            setsockopt(connection.socket, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        }
        ::close(connection.socket);
        m_connections.erase(connection.number);
    }

    Handler m_handler;
    int m_listener = -1; // −1 while connections are refused
    int m_epoll = -1;
    int m_wake = -1;
    std::atomic<bool> m_stop{false};
    std::array<char, 65536> m_block{};
    std::unordered_map<int, std::unique_ptr<ClientConnection>> m_connections;
    std::priority_queue<Timer> m_timers; // of connections that may be gone by then
    std::thread m_thread;                // last, so that it starts when all else is there
};

std::string_view FakeRequest::header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
        if (key == name) {
            return value;
        }
    }
    return {};
}

FakeReply fakeAnswer(int status, const std::string& body,
                     const std::vector<std::pair<std::string, std::string>>& headers,
                     std::string_view contentType) {
    std::string text = "HTTP/1.1 " + std::to_string(status) +
                       " Status\r\nContent-Type: " + std::string(contentType) +
                       "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
    for (const auto& [name, value] : headers) {
        text += name + ": " + value + "\r\n";
    }
    text += "\r\n";
    text += body;
    FakeReply reply;
    reply.pieces.push_back({std::move(text), 0});
    return reply;
}

FakeReply fakeStream(const std::vector<std::string>& events, int pauseMillis) {
    FakeReply reply;
    reply.pieces.push_back({"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                            "Transfer-Encoding: chunked\r\n\r\n",
                            0});
    for (const std::string& event : events) {
        const std::string payload = "data: " + event + "\n\n";
        std::array<char, 32> size{};
        std::snprintf(size.data(), size.size(), "%zx\r\n", payload.size());
        reply.pieces.push_back({size.data() + payload + "\r\n", pauseMillis});
    }
    reply.pieces.push_back({"0\r\n\r\n", 0});
    return reply;
}

FakeHttpServer::FakeHttpServer(Handler handler, int port)
    : m_loop(std::make_unique<Loop>(std::move(handler), port)) {}

FakeHttpServer::~FakeHttpServer() = default;

int FakeHttpServer::port() const {
    return m_loop->port;
}

std::string FakeHttpServer::url(std::string_view path) const {
    return "http://127.0.0.1:" + std::to_string(m_loop->port) + std::string(path);
}

int FakeHttpServer::requests() const {
    return m_loop->requests;
}

int FakeHttpServer::connections() const {
    return m_loop->connections;
}

int FakeHttpServer::inFlight() const {
    return m_loop->inFlight;
}

int FakeHttpServer::abandoned() const {
    return m_loop->abandoned;
}

} // namespace scrit::testing
