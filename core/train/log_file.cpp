// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/log_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace scrit::train {
namespace {

constexpr std::uint64_t kMost = std::uint64_t{64} << 20U;

} // namespace

base::Expected<LogFile> LogFile::append(const std::filesystem::path& path) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (fd < 0) {
        return base::fail(base::systemError(errno, "cannot write", path.string()));
    }
    struct stat info {};
    const bool known = fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
    return LogFile(path, fd, known ? static_cast<std::uint64_t>(info.st_size) : 0);
}

LogFile::LogFile(LogFile&& other) noexcept
    : m_path(std::move(other.m_path)), m_fd(std::exchange(other.m_fd, -1)), m_size(other.m_size) {}

LogFile::~LogFile() {
    if (m_fd >= 0) {
        ::close(m_fd);
    }
}

base::Expected<void> LogFile::writeAll(std::string_view bytes) const {
    while (!bytes.empty()) {
        const ssize_t written = ::write(m_fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written < 0) {
            return base::fail(base::systemError(errno, "cannot write", m_path.string()));
        }
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

base::Expected<void> LogFile::write(std::string_view bytes) {
    if (bytes.empty() || m_size >= kMost) {
        return {};
    }
    m_size += bytes.size();
    base::Expected<void> written = writeAll(bytes);
    if (written && m_size >= kMost) {
        written = writeAll("\n[the log is full: what comes after this is left out]\n");
    }
    return written;
}

} // namespace scrit::train
