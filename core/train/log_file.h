// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <cstdint>
#include <filesystem>
#include <string_view>

namespace scrit::train {

// The log of a job: bytes are appended as they come, at most 64 MiB in all; what comes after that
// is left out with a line that says so. Private to core/train, one thread.
class LogFile {
public:
    [[nodiscard]] static base::Expected<LogFile> append(const std::filesystem::path& path);
    LogFile(LogFile&& other) noexcept;
    LogFile& operator=(LogFile&&) = delete;
    ~LogFile();
    // DiskFull, Io.
    [[nodiscard]] base::Expected<void> write(std::string_view bytes);

private:
    LogFile(std::filesystem::path path, int fd, std::uint64_t size)
        : m_path(std::move(path)), m_fd(fd), m_size(size) {}
    [[nodiscard]] base::Expected<void> writeAll(std::string_view bytes) const;
    std::filesystem::path m_path;
    int m_fd;
    std::uint64_t m_size;
};

} // namespace scrit::train
