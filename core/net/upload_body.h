// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string_view>

namespace scrit::net {

// A body made of a beginning, a file and an end, read piece by piece in constant memory. Its texts
// must live as long. Private to core/net; one thread.
class UploadBody {
public:
    UploadBody(std::string_view begin, const std::filesystem::path& file, std::string_view end);
    // Bytes in all; what the file had when it was opened counts.
    [[nodiscard]] std::uint64_t size() const;
    // Copies the next bytes, at most `room`; 0 at the end, nothing when the file cannot be read (it
    // was not there, or has become shorter).
    [[nodiscard]] std::optional<std::size_t> read(char* data, std::size_t room);
    [[nodiscard]] bool seek(std::uint64_t offset);

private:
    std::string_view m_begin;
    std::string_view m_end;
    std::ifstream m_file;
    std::uint64_t m_fileSize = 0;
    std::uint64_t m_at = 0;
};

} // namespace scrit::net
