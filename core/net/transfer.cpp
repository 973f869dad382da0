// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/net/transfer.h"

#include "core/base/clock.h"
#include "core/base/text.h"

#include <charconv>
#include <utility>

namespace scrit::net {

std::string_view headerValue(const Headers& headers, std::string_view name) {
    const std::string wanted = base::lowerAscii(name);
    for (const auto& [key, value] : headers) {
        if (base::lowerAscii(key) == wanted) {
            return value;
        }
    }
    return {};
}

Transfer::Transfer(CURL* easy, HttpClient::RequestId id, HttpRequest request, HttpClient::Done done,
                   const HttpClient::Options& options, std::int64_t nowMillis)
    : m_easy(easy), m_id(id), m_request(std::move(request)), m_done(std::move(done)),
      m_startedAt(nowMillis), m_lastByteAt(nowMillis) {
    curl_easy_reset(m_easy);
    const auto set = [this](CURLoption option, auto value) {
        curl_easy_setopt(m_easy, option, value);
    };
    set(CURLOPT_URL, m_request.url.c_str());
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_ACCEPT_ENCODING, "gzip");
    set(CURLOPT_USERAGENT, options.userAgent.c_str());
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_TCP_KEEPALIVE, 1L);
    set(CURLOPT_ERRORBUFFER, m_curlMessage.data());
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(m_request.deadlines.connect));
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(m_request.deadlines.total));
    set(CURLOPT_FRESH_CONNECT, m_request.once ? 1L : 0L);
    if (!options.caFile.empty()) {
        set(CURLOPT_CAINFO, options.caFile.c_str());
    }
    set(CURLOPT_PRIVATE, static_cast<void*>(this));
    set(CURLOPT_HEADERFUNCTION, &Transfer::onHeader);
    set(CURLOPT_HEADERDATA, static_cast<void*>(this));
    set(CURLOPT_WRITEFUNCTION, &Transfer::onBody);
    set(CURLOPT_WRITEDATA, static_cast<void*>(this));
    if (!m_request.bodyFile.empty()) {
        setUpload();
    } else if (m_request.method != "GET") {
        set(CURLOPT_CUSTOMREQUEST, m_request.method.c_str());
        set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(m_request.body.size()));
        set(CURLOPT_POSTFIELDS, m_request.body.c_str());
    }
    for (const auto& [name, value] : m_request.headers) {
        m_headerList = curl_slist_append(m_headerList, (name + ": " + value).c_str());
    }
    m_headerList = curl_slist_append(m_headerList, "Expect:"); // no 100-continue round trip
    set(CURLOPT_HTTPHEADER, m_headerList);
}

void Transfer::setUpload() {
    m_upload = std::make_unique<UploadBody>(m_request.body, m_request.bodyFile, m_request.bodyEnd);
    curl_easy_setopt(m_easy, CURLOPT_POST, 1L);
    curl_easy_setopt(m_easy, CURLOPT_CUSTOMREQUEST, m_request.method.c_str());
    curl_easy_setopt(m_easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(m_upload->size()));
    curl_easy_setopt(m_easy, CURLOPT_READFUNCTION, &Transfer::onUpload);
    curl_easy_setopt(m_easy, CURLOPT_READDATA, static_cast<void*>(this));
    curl_easy_setopt(m_easy, CURLOPT_SEEKFUNCTION, &Transfer::onRewind);
    curl_easy_setopt(m_easy, CURLOPT_SEEKDATA, static_cast<void*>(this));
    if (m_request.deadlines.stall > 0) { // while it is sent nothing comes that could be waited for
        curl_easy_setopt(m_easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
        curl_easy_setopt(m_easy, CURLOPT_LOW_SPEED_TIME,
                         static_cast<long>((m_request.deadlines.stall + 999) / 1000));
    }
}

std::size_t Transfer::onUpload(char* data, std::size_t size, std::size_t count, void* self) {
    return static_cast<Transfer*>(self)
        ->m_upload->read(data, size * count)
        .value_or(static_cast<std::size_t>(CURL_READFUNC_ABORT));
}

int Transfer::onRewind(void* self, curl_off_t offset, int origin) {
    const bool good =
        origin == SEEK_SET && offset >= 0 &&
        static_cast<Transfer*>(self)->m_upload->seek(static_cast<std::uint64_t>(offset));
    return good ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_CANTSEEK;
}

Transfer::~Transfer() {
    curl_slist_free_all(m_headerList);
    if (m_easy != nullptr) {
        curl_easy_cleanup(m_easy);
    }
}

std::optional<std::string> Transfer::passedDeadline(std::int64_t nowMillis) const {
    const Deadlines& limits = m_request.deadlines;
    const auto seconds = [](std::int64_t millis) {
        return std::to_string(millis / 1000) + " s";
    };
    if (!m_hasFirstByte && limits.firstByte > 0 && nowMillis - m_startedAt > limits.firstByte) {
        return "no answer within " + seconds(limits.firstByte);
    }
    if (m_hasFirstByte && limits.stall > 0 && nowMillis - m_lastByteAt > limits.stall) {
        return "the answer stalled for " + seconds(limits.stall);
    }
    return std::nullopt;
}

std::size_t Transfer::onHeader(char* data, std::size_t size, std::size_t count, void* self) {
    static_cast<Transfer*>(self)->takeHeader({data, size * count});
    return size * count;
}

std::size_t Transfer::onBody(char* data, std::size_t size, std::size_t count, void* self) {
    return static_cast<Transfer*>(self)->takeBody({data, size * count}) ? size * count : 0;
}

void Transfer::takeHeader(std::string_view line) {
    m_lastByteAt = base::steadyMillis();
    if (line.starts_with("HTTP/")) { // a new status line; 1xx answers may come before the real one
        m_response.headers.clear();
        const std::size_t space = line.find(' ');
        int status = 0;
        if (space != std::string_view::npos) {
            std::from_chars(line.data() + space + 1, line.data() + line.size(), status);
        }
        m_response.status = status;
        return;
    }
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos) {
        m_response.headers.emplace_back(base::trimmed(line.substr(0, colon)),
                                        base::trimmed(line.substr(colon + 1)));
    }
}

bool Transfer::takeBody(std::string_view bytes) {
    m_lastByteAt = base::steadyMillis();
    if (!std::exchange(m_hasFirstByte, true)) {
        m_response.firstByteSeconds = static_cast<double>(m_lastByteAt - m_startedAt) / 1000;
    }
    if (m_request.onData && m_response.status == 200) {
        m_stoppedByReceiver = !m_request.onData(bytes);
        return !m_stoppedByReceiver;
    }
    if (m_response.body.size() + bytes.size() > m_request.maxBodyBytes) {
        m_bodyTooLarge = true;
        return false;
    }
    m_response.body.append(bytes);
    return true;
}

base::Error Transfer::errorFor(CURLcode code) const {
    const std::string detail =
        m_curlMessage[0] != '\0' ? m_curlMessage.data() : curl_easy_strerror(code);
    if (m_bodyTooLarge) {
        return {base::ErrorCode::Limit,
                "the answer is larger than the limit of " + std::to_string(m_request.maxBodyBytes) +
                    " bytes",
                {},
                false};
    }
    if (m_stoppedByReceiver) {
        return {base::ErrorCode::Cancelled, "the answer was not wanted any more", {}, false};
    }
    if (code == CURLE_ABORTED_BY_CALLBACK && m_upload) {
        return {base::ErrorCode::Io,
                "the file " + m_request.bodyFile.string() + " could not be read",
                "is it there, and has it been changed while it was sent?", false};
    }
    curl_off_t connectMicros = 0;
    curl_easy_getinfo(m_easy, CURLINFO_CONNECT_TIME_T, &connectMicros);
    if (code == CURLE_UNSUPPORTED_PROTOCOL &&
        connectMicros > 0) { // curl calls any non-HTTP answer so
        return {base::ErrorCode::Network, "the server does not speak HTTP",
                "check the port in the URL", true};
    }
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
        return {base::ErrorCode::Network, detail, "check the host name in the URL and the network",
                true};
    case CURLE_COULDNT_CONNECT:
        return {base::ErrorCode::Network, detail, "is the server running, and is the port right?",
                true};
    case CURLE_OPERATION_TIMEDOUT:
        return {base::ErrorCode::Network, detail, "the server is slow or gone", true};
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CONNECT_ERROR:
        return {base::ErrorCode::Network, detail, "the server's certificate was not accepted",
                false};
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
        return {base::ErrorCode::Invalid, detail, "give a URL that begins with http:// or https://",
                false};
    default:
        return {base::ErrorCode::Network, detail, {}, true};
    }
}

void Transfer::finish(CURLcode code) {
    if (code != CURLE_OK) {
        fail(errorFor(code));
        return;
    }
    long newConnections = 0;
    curl_off_t connectMicros = 0;
    curl_easy_getinfo(m_easy, CURLINFO_NUM_CONNECTS, &newConnections);
    curl_easy_getinfo(m_easy, CURLINFO_CONNECT_TIME_T, &connectMicros);
    m_response.reusedConnection = newConnections == 0;
    m_response.connectSeconds = newConnections == 0 ? 0 : static_cast<double>(connectMicros) / 1e6;
    m_response.totalSeconds = static_cast<double>(base::steadyMillis() - m_startedAt) / 1000;
    m_done(base::Expected<HttpResponse>(std::move(m_response)));
}

void Transfer::fail(base::Error error) {
    m_done(base::fail(std::move(error)));
}

} // namespace scrit::net
