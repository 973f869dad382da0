// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/fake_http_server.h"

#include "core/base/text.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <optional>

namespace scrit::testing {
namespace {

constexpr int kTickMillis = 20; // how often a waiting thread looks at the stop flag

// Waits until the socket can be read; false when the server stops.
bool waitReadable(int socket, const std::atomic<bool>& stop) {
    while (!stop) {
        pollfd poller{socket, POLLIN, 0};
        if (poll(&poller, 1, kTickMillis) > 0) {
            return true;
        }
    }
    return false;
}

void pause(int millis, const std::atomic<bool>& stop) {
    for (int left = millis; left > 0 && !stop; left -= kTickMillis) {
        std::this_thread::sleep_for(std::chrono::milliseconds(std::min(left, kTickMillis)));
    }
}

bool writeAll(int socket, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) {
            return false;
        }
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

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

// The next request of a connection; nothing when the client has left or the server stops.
std::optional<FakeRequest> readRequest(int socket, std::string& buffer,
                                       const std::atomic<bool>& stop) {
    std::array<char, 65536> block{};
    const auto more = [&] {
        if (!waitReadable(socket, stop)) {
            return false;
        }
        const ssize_t got = recv(socket, block.data(), block.size(), 0);
        if (got <= 0) {
            return false;
        }
        buffer.append(block.data(), static_cast<std::size_t>(got));
        return true;
    };
    std::size_t end = 0;
    while ((end = buffer.find("\r\n\r\n")) == std::string::npos) {
        if (!more()) {
            return std::nullopt;
        }
    }
    FakeRequest request = parseHead(std::string_view(buffer).substr(0, end));
    const std::string length(request.header("content-length"));
    const std::size_t bodySize = length.empty() ? 0 : std::strtoul(length.c_str(), nullptr, 10);
    while (buffer.size() < end + 4 + bodySize) {
        if (!more()) {
            return std::nullopt;
        }
    }
    request.body = buffer.substr(end + 4, bodySize);
    buffer.erase(0, end + 4 + bodySize);
    return request;
}

} // namespace

std::string_view FakeRequest::header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
        if (key == name) {
            return value;
        }
    }
    return {};
}

FakeReply fakeAnswer(int status, std::string body,
                     std::vector<std::pair<std::string, std::string>> headers,
                     std::string_view contentType) {
    std::string text = "HTTP/1.1 " + std::to_string(status) +
                       " Status\r\nContent-Type: " + std::string(contentType) +
                       "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
    for (const auto& [name, value] : headers) {
        text += name + ": " + value + "\r\n";
    }
    return {{{text + "\r\n" + body, 0}}, FakeReply::Ending::Keep};
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

FakeHttpServer::FakeHttpServer(Handler handler) : m_handler(std::move(handler)) {
    m_listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bind(m_listener, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    listen(m_listener, 1024);
    socklen_t size = sizeof address;
    getsockname(m_listener, reinterpret_cast<sockaddr*>(&address), &size);
    m_port = ntohs(address.sin_port);
    m_acceptor = std::thread([this] { accept(); });
}

FakeHttpServer::~FakeHttpServer() {
    m_stop = true;
    m_acceptor.join();
    for (std::thread& worker : m_workers) {
        worker.join();
    }
    ::close(m_listener);
}

std::string FakeHttpServer::url(std::string_view path) const {
    return "http://127.0.0.1:" + std::to_string(m_port) + std::string(path);
}

void FakeHttpServer::accept() {
    while (waitReadable(m_listener, m_stop)) {
        const int socket = accept4(m_listener, nullptr, nullptr, SOCK_CLOEXEC);
        if (socket < 0) {
            continue;
        }
        const int one = 1;
        setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        const int connection = ++m_connections;
        m_workers.emplace_back([this, socket, connection] { serve(socket, connection); });
    }
}

void FakeHttpServer::serve(int socket, int connection) {
    std::string buffer;
    bool open = true;
    while (open) {
        std::optional<FakeRequest> request = readRequest(socket, buffer, m_stop);
        if (!request) {
            break;
        }
        request->connection = connection;
        request->number = ++m_requests;
        const FakeReply reply = m_handler(*request);
        for (const FakeReply::Piece& piece : reply.pieces) {
            pause(piece.pauseMillis, m_stop);
            if (m_stop || !writeAll(socket, piece.bytes)) {
                open = false;
                break;
            }
        }
        switch (reply.ending) {
        case FakeReply::Ending::Keep:
            break;
        case FakeReply::Ending::Close:
            open = false;
            break;
        case FakeReply::Ending::Reset: {
            const linger now{1, 0};
            setsockopt(socket, SOL_SOCKET, SO_LINGER, &now, sizeof now);
            open = false;
            break;
        }
        case FakeReply::Ending::Hang: {
            char byte = 0;
            while (waitReadable(socket, m_stop) && recv(socket, &byte, 1, 0) > 0) {
            }
            open = false;
            break;
        }
        }
    }
    ::close(socket);
}

} // namespace scrit::testing
