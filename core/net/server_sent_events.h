// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace scrit::net {

// One event of a text/event-stream (WHATWG HTML, section 9.2 "Server-sent events").
struct ServerSentEvent {
    std::string event; // empty: "message"
    std::string data;  // lines of the event joined by '\n'
};

// Cuts a stream of bytes into events, however the network cut it: CR, LF and CRLF line ends,
// comments (keep-alives) skipped, a byte-order mark at the start skipped. An event that grows past
// maxEventBytes is given up: feed() returns false and everything after is ignored. Used by one
// thread.
class ServerSentEventParser {
public:
    using Sink = std::function<void(ServerSentEvent&&)>;
    explicit ServerSentEventParser(Sink sink, std::size_t maxEventBytes = std::size_t{32} << 20U);

    // Takes the next bytes; calls the sink for each event that is complete.
    [[nodiscard]] bool feed(std::string_view bytes);
    // The stream ended: an event whose blank line never came is handed out if it has data, since
    // some servers close right after the last line. Returns whether the stream ended between
    // events.
    bool finish();

private:
    void takeLine(std::string_view line);
    void dispatch();

    Sink m_sink;
    std::size_t m_maxEventBytes;
    std::string m_line;
    ServerSentEvent m_event;
    bool m_hasData = false;
    bool m_afterCr = false;
    bool m_atStart = true;
    bool m_overflow = false;
};

} // namespace scrit::net
