// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/atomic_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <system_error>
#include <utility>

namespace scrit::base {
namespace {

namespace fs = std::filesystem;

fs::path parentOf(const fs::path& folder) {
    return folder.has_parent_path() ? folder.parent_path() : fs::path(".");
}

std::string hiddenPrefix(const fs::path& target) {
    return "." + target.filename().string() + ".part.";
}

enum class Lock { Ours, Theirs, NotPossible };

// Locks an open folder. The lock goes with the process, however that ends.
Lock lock(int fd) {
    if (::flock(fd, LOCK_EX | LOCK_NB) == 0) {
        return Lock::Ours;
    }
    return errno == EWOULDBLOCK ? Lock::Theirs : Lock::NotPossible; // not on every file system
}

int openFolder(const fs::path& folder) {
    return ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
}

void removeAbandoned(const fs::path& target) {
    const std::string prefix = hiddenPrefix(target);
    std::error_code error;
    for (fs::directory_iterator entry(parentOf(target), error), end; !error && entry != end;
         entry.increment(error)) {
        const std::string name = entry->path().filename().string();
        if (name.size() != prefix.size() + 6 || !name.starts_with(prefix)) {
            continue;
        }
        const int fd = openFolder(entry->path());
        if (fd >= 0 && lock(fd) == Lock::Ours) {
            std::error_code ignored;
            fs::remove_all(entry->path(), ignored);
        }
        if (fd >= 0) {
            ::close(fd);
        }
    }
}

void syncFolder(const fs::path& folder) {
    if (const int fd = openFolder(folder); fd >= 0) {
        ::fsync(fd);
        ::close(fd);
    }
}

} // namespace

Expected<AtomicFolder> AtomicFolder::create(const fs::path& target) {
    const fs::path parent = parentOf(target);
    std::error_code error;
    fs::create_directories(parent, error);
    if (error) {
        return fail(systemError(error.value(), "cannot create the folder", parent.string()));
    }
    removeAbandoned(target);
    AtomicFolder folder;
    folder.m_target = target;
    // Between its making and its locking another program may take it for abandoned: then again.
    for (int tries = 0; folder.m_lock < 0 && tries < 8; ++tries) {
        std::string name = (parent / (hiddenPrefix(target) + "XXXXXX")).string();
        if (::mkdtemp(name.data()) == nullptr) {
            return fail(systemError(errno, "cannot create a folder in", parent.string()));
        }
        const int fd = openFolder(name);
        struct stat here {};
        if (fd >= 0 && lock(fd) != Lock::Theirs && ::lstat(name.c_str(), &here) == 0) {
            folder.m_lock = fd;
            folder.m_hidden = name;
        } else if (fd >= 0) {
            ::close(fd);
        }
    }
    if (folder.m_lock < 0) {
        return fail(systemError(EBUSY, "cannot create a folder in", parent.string()));
    }
    const mode_t mask = ::umask(0);
    ::umask(mask);
    ::chmod(folder.m_hidden.c_str(), 0777U & ~mask); // mkdtemp leaves it to the owner alone
    return folder;
}

AtomicFolder::AtomicFolder(AtomicFolder&& other) noexcept
    : m_target(std::move(other.m_target)), m_hidden(std::exchange(other.m_hidden, {})),
      m_lock(std::exchange(other.m_lock, -1)) {}

AtomicFolder& AtomicFolder::operator=(AtomicFolder&& other) noexcept {
    if (this != &other) {
        discard();
        m_target = std::move(other.m_target);
        m_hidden = std::exchange(other.m_hidden, {});
        m_lock = std::exchange(other.m_lock, -1);
    }
    return *this;
}

AtomicFolder::~AtomicFolder() {
    discard();
}

void AtomicFolder::discard() noexcept {
    if (!m_hidden.empty()) {
        std::error_code ignored;
        fs::remove_all(m_hidden, ignored);
        m_hidden.clear();
    }
    if (m_lock >= 0) {
        ::close(std::exchange(m_lock, -1));
    }
}

Expected<void> AtomicFolder::commit(bool replace) {
    if (::rename(m_hidden.c_str(), m_target.c_str()) == 0) {
        m_hidden.clear();
    } else {
        const int renameError = errno;
        const bool taken = renameError == ENOTEMPTY || renameError == EEXIST;
        if (!taken || !replace ||
            ::renameat2(AT_FDCWD, m_hidden.c_str(), AT_FDCWD, m_target.c_str(), RENAME_EXCHANGE) !=
                0) {
            return fail(systemError(renameError, "cannot put in place", m_target.string()));
        }
    }
    discard(); // what was there before is behind the hidden name now
    syncFolder(parentOf(m_target));
    return {};
}

} // namespace scrit::base
