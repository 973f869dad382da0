// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/net/http_client.h"
#include "core/net/upload_body.h"

#include <curl/curl.h>

#include <array>
#include <memory>
#include <optional>
#include <string>

namespace scrit::net {

// One request on one easy handle; private to core/net and to the scrit-http thread. It sits at a
// fixed address while curl knows it.
class Transfer {
public:
    Transfer(CURL* easy, HttpClient::RequestId id, HttpRequest request, HttpClient::Done done,
             const HttpClient::Options& options, std::int64_t nowMillis);
    ~Transfer();
    Transfer(const Transfer&) = delete;
    Transfer& operator=(const Transfer&) = delete;

    [[nodiscard]] HttpClient::RequestId id() const { return m_id; }
    [[nodiscard]] CURL* easy() const { return m_easy; }
    // Gives the handle back for reuse; the transfer must have been removed from the multi handle.
    [[nodiscard]] CURL* takeEasy() { return std::exchange(m_easy, nullptr); }

    // The deadline that has passed at `nowMillis`, if any, in words.
    [[nodiscard]] std::optional<std::string> passedDeadline(std::int64_t nowMillis) const;
    // Ends the transfer with what curl said; calls the callback.
    void finish(CURLcode code);
    void fail(base::Error error);

private:
    static std::size_t onHeader(char* data, std::size_t size, std::size_t count, void* self);
    static std::size_t onBody(char* data, std::size_t size, std::size_t count, void* self);
    static std::size_t onUpload(char* data, std::size_t size, std::size_t count, void* self);
    static int onRewind(void* self, curl_off_t offset, int origin);
    void setUpload();
    void takeHeader(std::string_view line);
    [[nodiscard]] bool takeBody(std::string_view bytes);
    [[nodiscard]] base::Error errorFor(CURLcode code) const;

    CURL* m_easy;
    HttpClient::RequestId m_id;
    HttpRequest m_request;
    HttpClient::Done m_done;
    HttpResponse m_response;
    std::unique_ptr<UploadBody> m_upload; // of a request with a file
    curl_slist* m_headerList = nullptr;
    std::array<char, CURL_ERROR_SIZE> m_curlMessage{};
    std::int64_t m_startedAt;
    std::int64_t m_lastByteAt;
    bool m_hasFirstByte = false;
    bool m_bodyTooLarge = false;
    bool m_stoppedByReceiver = false;
};

} // namespace scrit::net
