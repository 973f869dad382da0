// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/net/upload_body.h"

#include <algorithm>
#include <cstring>

namespace scrit::net {

UploadBody::UploadBody(std::string_view begin, const std::filesystem::path& file,
                       std::string_view end)
    : m_begin(begin), m_end(end), m_file(file, std::ios::binary) {
    std::error_code error;
    const std::uintmax_t size = std::filesystem::file_size(file, error);
    m_fileSize = error ? 0 : size;
    if (error) {
        m_file.setstate(std::ios::failbit);
    }
}

std::uint64_t UploadBody::size() const {
    return m_begin.size() + m_fileSize + m_end.size();
}

std::optional<std::size_t> UploadBody::read(char* data, std::size_t room) {
    if (!m_file) {
        return std::nullopt;
    }
    const std::uint64_t endAt = m_begin.size() + m_fileSize;
    std::size_t copied = 0;
    if (m_at >= m_begin.size() && m_at < endAt) {
        copied = static_cast<std::size_t>(std::min<std::uint64_t>(room, endAt - m_at));
        if (!m_file.read(data, static_cast<std::streamsize>(copied))) {
            return std::nullopt;
        }
    } else {
        const std::string_view text = m_at < endAt ? m_begin : m_end;
        const std::uint64_t from = m_at < endAt ? m_at : m_at - endAt;
        const std::string_view left = text.substr(std::min<std::size_t>(from, text.size()));
        copied = std::min(room, left.size());
        std::memcpy(data, left.data(), copied);
    }
    m_at += copied;
    return copied;
}

bool UploadBody::seek(std::uint64_t offset) {
    if (offset > size()) {
        return false;
    }
    m_file.clear();
    const std::uint64_t inFile =
        offset > m_begin.size() ? std::min<std::uint64_t>(offset - m_begin.size(), m_fileSize) : 0;
    m_file.seekg(static_cast<std::streamoff>(inFile));
    m_at = offset;
    return static_cast<bool>(m_file);
}

} // namespace scrit::net
