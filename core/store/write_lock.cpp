// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/write_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace scrit::store {

using base::ErrorCode;

WriteLock::WriteLock(std::filesystem::path file, int descriptor, bool afterUncleanEnd)
    : m_file(std::move(file)), m_descriptor(descriptor), m_afterUncleanEnd(afterUncleanEnd) {}

WriteLock::WriteLock(WriteLock&& other) noexcept
    : m_file(std::move(other.m_file)), m_descriptor(std::exchange(other.m_descriptor, -1)),
      m_afterUncleanEnd(other.m_afterUncleanEnd), m_leaveBehind(other.m_leaveBehind) {}

WriteLock::~WriteLock() {
    if (m_descriptor >= 0) {
        if (!m_leaveBehind) {
            ::unlink(m_file.c_str()); // first, while the lock is held: see acquire()
        }
        ::close(m_descriptor);
    }
}

base::Expected<WriteLock> WriteLock::acquire(const std::filesystem::path& workspace) {
    const std::filesystem::path file = workspace.string() + ".lock";
    for (;;) {
        bool existed = false;
        int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (descriptor < 0 && errno == EEXIST) {
            existed = true;
            descriptor = ::open(file.c_str(), O_RDWR | O_CLOEXEC);
            if (descriptor < 0 && errno == ENOENT) {
                continue; // its owner has just removed it
            }
        }
        if (descriptor < 0) {
            base::Error error = base::systemError(errno, "cannot lock", workspace.string());
            error.advice += error.advice.empty() ? "open it read-only" : ", or open it read-only";
            return base::fail(std::move(error));
        }
        if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
            const int reason = errno;
            ::close(descriptor);
            if (reason == EWOULDBLOCK) {
                return base::fail(ErrorCode::Locked,
                                  workspace.string() + " is open for writing in another program",
                                  "close the other program or open read-only");
            }
            return base::fail(base::systemError(reason, "cannot lock", workspace.string()));
        }
        // Between our open and our lock the previous owner may have removed the file: then the lock
        // is on a file that nobody else sees.
        struct stat held {};
        struct stat named {};
        if (::fstat(descriptor, &held) == 0 && ::stat(file.c_str(), &named) == 0 &&
            held.st_ino == named.st_ino && held.st_dev == named.st_dev) {
            return WriteLock(file, descriptor, existed);
        }
        ::close(descriptor);
    }
}

} // namespace scrit::store
