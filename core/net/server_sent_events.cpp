// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/net/server_sent_events.h"

#include <algorithm>
#include <utility>

namespace scrit::net {
namespace {

// Two searches for one byte are many times faster than one for either of two.
std::size_t lineEnd(std::string_view bytes) {
    const std::size_t feed = bytes.find('\n');
    return std::min(feed, bytes.substr(0, feed).find('\r'));
}

} // namespace

ServerSentEventParser::ServerSentEventParser(Sink sink, std::size_t maxEventBytes)
    : m_sink(std::move(sink)), m_maxEventBytes(maxEventBytes) {}

bool ServerSentEventParser::feed(std::string_view bytes) {
    while (!bytes.empty() && !m_overflow) {
        if (m_afterCr) {
            m_afterCr = false;
            if (bytes.front() == '\n') { // the second half of a CRLF that the network had cut
                bytes.remove_prefix(1);
                continue;
            }
        }
        const std::size_t end = lineEnd(bytes);
        const std::string_view part = bytes.substr(0, end);
        if (m_line.size() + m_event.data.size() + part.size() > m_maxEventBytes) {
            m_overflow = true;
            break;
        }
        if (end == std::string_view::npos) {
            m_line.append(part);
            break;
        }
        m_afterCr = bytes[end] == '\r';
        if (m_line.empty()) {
            takeLine(part);
        } else {
            m_line.append(part);
            takeLine(m_line);
            m_line.clear();
        }
        bytes.remove_prefix(end + 1);
    }
    return !m_overflow;
}

bool ServerSentEventParser::finish() {
    if (m_overflow) {
        return false;
    }
    if (!m_line.empty()) {
        takeLine(std::exchange(m_line, {}));
    }
    const bool clean = !m_hasData;
    dispatch();
    return clean;
}

void ServerSentEventParser::takeLine(std::string_view line) {
    if (std::exchange(m_atStart, false) && line.starts_with("\xEF\xBB\xBF")) {
        line.remove_prefix(3);
    }
    if (line.empty()) {
        dispatch();
        return;
    }
    const std::size_t colon = line.find(':');
    const std::string_view field = line.substr(0, colon);
    std::string_view value =
        colon == std::string_view::npos ? std::string_view{} : line.substr(colon + 1);
    if (value.starts_with(' ')) {
        value.remove_prefix(1);
    }
    if (field == "data") {
        if (m_hasData) {
            m_event.data += '\n';
        }
        m_event.data.append(value);
        m_hasData = true;
    } else if (field == "event") {
        m_event.event = value;
    } // comments (empty field), id and retry mean nothing to us
}

void ServerSentEventParser::dispatch() {
    ServerSentEvent event = std::exchange(m_event, {});
    if (std::exchange(m_hasData, false)) {
        m_sink(std::move(event));
    }
}

} // namespace scrit::net
