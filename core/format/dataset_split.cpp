// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/dataset_split.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <system_error>
#include <utility>

namespace scrit::format {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using base::Expected;
using base::fail;

// A file descriptor that closes itself.
class OpenFile {
public:
    explicit OpenFile(const fs::path& path) : m_fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
    ~OpenFile() {
        if (m_fd >= 0) {
            ::close(m_fd);
        }
    }
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;
    [[nodiscard]] int fd() const { return m_fd; }

    // Fills the whole buffer from an offset; false with errno set, 0 when the file is too short.
    bool readAt(std::uint64_t offset, std::string& buffer) const {
        std::size_t got = 0;
        while (got < buffer.size()) {
            const ssize_t n = ::pread(m_fd, buffer.data() + got, buffer.size() - got,
                                      static_cast<off_t>(offset + got));
            if (n == 0) {
                errno = 0;
            }
            if (n < 0 && errno == EINTR) {
                continue;
            }
            if (n <= 0) {
                return false;
            }
            got += static_cast<std::size_t>(n);
        }
        return true;
    }

private:
    int m_fd;
};

} // namespace

Expected<std::unique_ptr<SplitFile>> SplitFile::create(const fs::path& folder, DatasetFile about,
                                                       const std::string& header, bool ordered) {
    Expected<base::AtomicFile> file = base::AtomicFile::create(folder / about.name);
    if (!file) {
        return fail(file.error());
    }
    const std::string name = about.name;
    std::unique_ptr<SplitFile> made(new SplitFile(std::move(about), std::move(*file)));
    if (ordered) {
        made->m_rowsPath = folder / ("." + name + ".rows");
        Expected<base::AtomicFile> rows = base::AtomicFile::create(made->m_rowsPath);
        if (!rows) {
            return fail(rows.error());
        }
        made->m_rows = std::make_unique<base::AtomicFile>(std::move(*rows));
    }
    if (Expected<void> written = made->write(header); !written) {
        return fail(written.error());
    }
    return made;
}

Expected<void> SplitFile::write(std::string_view bytes) {
    m_hash.update(bytes);
    return m_file.write(bytes);
}

Expected<void> SplitFile::add(std::string_view row, std::uint64_t key) {
    ++m_about.rows;
    m_longest = std::max<std::uint64_t>(m_longest, row.size());
    if (!m_rows) {
        if (Expected<void> written = write(row); !written) {
            return written;
        }
        return write("\n");
    }
    if (row.size() >= std::numeric_limits<std::uint32_t>::max()) {
        return fail(ErrorCode::Limit, "a row is longer than 4 GiB");
    }
    m_places.push_back({key, m_rows->size(), static_cast<std::uint32_t>(row.size() + 1)});
    if (Expected<void> written = m_rows->write(row); !written) {
        return written;
    }
    return m_rows->write("\n");
}

Expected<void> SplitFile::copyInOrder(const base::CancelToken& cancel) {
    if (Expected<void> done = m_rows->commit(); !done) {
        return done;
    }
    m_rows.reset();
    std::stable_sort(m_places.begin(), m_places.end(),
                     [](const Place& a, const Place& b) { return a.key < b.key; });
    const OpenFile rows(m_rowsPath);
    std::string row;
    for (const Place& place : m_places) {
        if (cancel.isCancelled()) {
            return fail(ErrorCode::Cancelled, "the export was stopped",
                        "nothing was written; run it again");
        }
        row.resize(place.size);
        if (rows.fd() < 0 || !rows.readAt(place.offset, row)) {
            return fail(base::systemError(errno, "cannot read again", m_rowsPath.string()));
        }
        if (Expected<void> written = write(row); !written) {
            return written;
        }
    }
    m_places = {};
    std::error_code ignored;
    fs::remove(m_rowsPath, ignored);
    return {};
}

Expected<DatasetFile> SplitFile::finish(const base::CancelToken& cancel) {
    if (m_rows) {
        if (Expected<void> copied = copyInOrder(cancel); !copied) {
            return fail(copied.error());
        }
    }
    if (Expected<void> done = m_file.commit(); !done) {
        return fail(done.error());
    }
    m_about.bytes = m_file.size();
    m_about.sha256 = m_hash.hexDigest();
    return m_about;
}

Expected<void> describe(const fs::path& path, DatasetFile& about) {
    constexpr std::size_t kBlock = std::size_t{1} << 20U;
    const OpenFile file(path);
    const auto failed = [&] {
        return fail(base::systemError(errno, "cannot read", path.string()));
    };
    if (file.fd() < 0) {
        return failed();
    }
    base::Sha256 hash;
    std::string block(kBlock, '\0');
    about.bytes = 0;
    for (;;) {
        const ssize_t n = ::read(file.fd(), block.data(), block.size());
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return failed();
        }
        if (n == 0) {
            break;
        }
        hash.update(std::string_view(block.data(), static_cast<std::size_t>(n)));
        about.bytes += static_cast<std::uint64_t>(n);
    }
    about.sha256 = hash.hexDigest();
    ::fsync(file.fd()); // another program wrote it
    return {};
}

} // namespace scrit::format
