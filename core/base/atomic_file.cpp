// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <utility>

namespace scrit::base {
namespace {

constexpr std::size_t kBlock = std::size_t{1} << 20U;

} // namespace

Expected<AtomicFile> AtomicFile::create(const std::filesystem::path& path) {
    AtomicFile file;
    file.m_path = path;
    const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
    file.m_temporary = (folder / ("." + path.filename().string() + ".XXXXXX.part")).string();
    file.m_fd = mkostemps(file.m_temporary.data(), 5, O_CLOEXEC);
    if (file.m_fd < 0) {
        const int error = errno;
        file.m_temporary.clear();
        return fail(systemError(error, "cannot create a file in", folder.string()));
    }
    const mode_t mask = umask(0);
    umask(mask);
    fchmod(file.m_fd, 0666U & ~mask);
    return file;
}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : m_path(std::move(other.m_path)), m_temporary(std::exchange(other.m_temporary, {})),
      m_buffer(std::move(other.m_buffer)), m_size(other.m_size),
      m_fd(std::exchange(other.m_fd, -1)) {}

AtomicFile& AtomicFile::operator=(AtomicFile&& other) noexcept {
    if (this != &other) {
        discard();
        m_path = std::move(other.m_path);
        m_temporary = std::exchange(other.m_temporary, {});
        m_buffer = std::move(other.m_buffer);
        m_size = other.m_size;
        m_fd = std::exchange(other.m_fd, -1);
    }
    return *this;
}

AtomicFile::~AtomicFile() {
    discard();
}

void AtomicFile::discard() noexcept {
    if (m_fd >= 0) {
        ::close(m_fd);
        m_fd = -1;
    }
    if (!m_temporary.empty()) {
        ::unlink(m_temporary.c_str());
        m_temporary.clear();
    }
}

Expected<void> AtomicFile::write(std::string_view bytes) {
    m_buffer.append(bytes);
    m_size += bytes.size();
    return m_buffer.size() >= kBlock ? flush() : Expected<void>{};
}

Expected<void> AtomicFile::flush() {
    std::string_view left = m_buffer;
    while (!left.empty()) {
        const ssize_t written = ::write(m_fd, left.data(), left.size());
        if (written < 0) {
            if (errno == EINTR) {
                continue;
            }
            return fail(systemError(errno, "cannot write", m_path.string()));
        }
        left.remove_prefix(static_cast<std::size_t>(written));
    }
    m_buffer.clear();
    return {};
}

Expected<void> AtomicFile::commit() {
    if (Expected<void> flushed = flush(); !flushed) {
        return flushed;
    }
    if (::fsync(m_fd) != 0) {
        return fail(systemError(errno, "cannot write", m_path.string()));
    }
    if (::close(std::exchange(m_fd, -1)) != 0) {
        return fail(systemError(errno, "cannot write", m_path.string()));
    }
    if (::rename(m_temporary.c_str(), m_path.c_str()) != 0) {
        return fail(systemError(errno, "cannot rename to", m_path.string()));
    }
    m_temporary.clear();
    const std::filesystem::path folder = m_path.has_parent_path() ? m_path.parent_path() : ".";
    const int directory = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory >= 0) {
        ::fsync(directory);
        ::close(directory);
    }
    return {};
}

} // namespace scrit::base
