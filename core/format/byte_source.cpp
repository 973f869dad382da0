// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/byte_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace scrit::format {
namespace {

using base::ErrorCode;
using base::Expected;
using base::fail;

class FileSource final : public ByteSource {
public:
    FileSource(int fd, std::string path, std::uint64_t total)
        : m_path(std::move(path)), m_total(total), m_fd(fd) {}
    ~FileSource() override {
        if (m_fd > STDERR_FILENO) {
            ::close(m_fd);
        }
    }

    Expected<std::size_t> read(char* buffer, std::size_t size) override {
        for (;;) {
            const ssize_t got = ::read(m_fd, buffer, size);
            if (got < 0 && errno == EINTR) {
                continue;
            }
            if (got < 0) {
                return fail(base::systemError(errno, "cannot read", m_path));
            }
            if (got == 0 && m_consumed < m_total) {
                return fail(ErrorCode::Io,
                            m_path + " became shorter while it was read (" +
                                std::to_string(m_consumed) + " of " + std::to_string(m_total) +
                                " bytes were there)",
                            "import it again when nothing writes to it any more");
            }
            m_consumed += static_cast<std::uint64_t>(got);
            return static_cast<std::size_t>(got);
        }
    }
    std::uint64_t bytesConsumed() const override { return m_consumed; }
    std::uint64_t bytesTotal() const override { return m_total; }
    const std::string& path() const { return m_path; }

private:
    std::string m_path;
    std::uint64_t m_total;
    std::uint64_t m_consumed = 0;
    int m_fd;
};

// Compressed input in blocks, behind both decompressors.
class CompressedInput {
public:
    CompressedInput(std::unique_ptr<ByteSource> inner, std::string path)
        : m_inner(std::move(inner)), m_path(std::move(path)), m_block(kChunk) {}

    // Reads the next block when the last one is used up; false at the end of the file.
    Expected<bool> fill() {
        if (m_used < m_filled) {
            return true;
        }
        const Expected<std::size_t> got = m_inner->read(m_block.data(), m_block.size());
        if (!got) {
            return fail(got.error());
        }
        m_used = 0;
        m_filled = *got;
        return m_filled > 0;
    }
    std::string_view left() const { return {m_block.data() + m_used, m_filled - m_used}; }
    void use(std::size_t bytes) { m_used += bytes; }
    const ByteSource& inner() const { return *m_inner; }

    tl::unexpected<base::Error> cutShort(std::string_view kind) const {
        return fail(ErrorCode::Corrupt,
                    m_path + ": the " + std::string(kind) + " data ends in the middle",
                    "the file was probably not copied completely: fetch it again");
    }
    tl::unexpected<base::Error> damaged(std::string_view kind, std::string_view detail) const {
        return fail(ErrorCode::Corrupt,
                    m_path + ": the " + std::string(kind) + " data is damaged (" +
                        std::string(detail) + ")",
                    "fetch the file again");
    }

private:
    std::unique_ptr<ByteSource> m_inner;
    std::string m_path;
    std::vector<char> m_block;
    std::size_t m_used = 0;
    std::size_t m_filled = 0;
};

class GzipSource final : public ByteSource {
public:
    GzipSource(std::unique_ptr<ByteSource> inner, std::string path)
        : m_input(std::move(inner), std::move(path)) {
        m_ready = inflateInit2(&m_stream, 15 + 16) == Z_OK;
    }
    ~GzipSource() override { inflateEnd(&m_stream); }

    Expected<std::size_t> read(char* buffer, std::size_t size) override {
        if (!m_ready) {
            return fail(ErrorCode::Internal, "zlib could not be started");
        }
        m_stream.next_out = reinterpret_cast<Bytef*>(buffer);
        m_stream.avail_out = static_cast<uInt>(size);
        while (m_stream.avail_out == size) {
            const Expected<bool> more = m_input.fill();
            if (!more) {
                return fail(more.error());
            }
            if (!*more) {
                return m_inMember ? Expected<std::size_t>(m_input.cutShort("gzip")) : 0;
            }
            const std::string_view left = m_input.left();
            if (!m_inMember && left.front() == '\0') { // padding, as tape archives have it
                m_input.use(1);
                continue;
            }
            m_inMember = true;
            m_stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(left.data()));
            m_stream.avail_in = static_cast<uInt>(left.size());
            const int status = inflate(&m_stream, Z_NO_FLUSH);
            m_input.use(left.size() - m_stream.avail_in);
            if (status == Z_STREAM_END) {
                m_inMember = false;
                inflateReset(&m_stream);
            } else if (status != Z_OK && status != Z_BUF_ERROR) {
                return m_input.damaged("gzip", m_stream.msg != nullptr ? m_stream.msg : "zlib");
            }
        }
        return size - m_stream.avail_out;
    }
    std::uint64_t bytesConsumed() const override { return m_input.inner().bytesConsumed(); }
    std::uint64_t bytesTotal() const override { return m_input.inner().bytesTotal(); }

private:
    CompressedInput m_input;
    z_stream m_stream{};
    bool m_ready = false;
    bool m_inMember = false;
};

class ZstdSource final : public ByteSource {
public:
    ZstdSource(std::unique_ptr<ByteSource> inner, std::string path)
        : m_input(std::move(inner), std::move(path)), m_stream(ZSTD_createDStream()) {}
    ~ZstdSource() override { ZSTD_freeDStream(m_stream); }

    Expected<std::size_t> read(char* buffer, std::size_t size) override {
        ZSTD_outBuffer out{buffer, size, 0};
        while (out.pos == 0) {
            const Expected<bool> more = m_input.fill();
            if (!more) {
                return fail(more.error());
            }
            const std::string_view left = m_input.left();
            ZSTD_inBuffer in{left.data(), left.size(), 0};
            if (!*more && m_wanted == 0) {
                return std::size_t{0};
            }
            const std::size_t status = ZSTD_decompressStream(m_stream, &out, &in);
            if (ZSTD_isError(status) != 0) {
                return m_input.damaged("zstd", ZSTD_getErrorName(status));
            }
            m_input.use(in.pos);
            m_wanted = status; // 0 at the end of a frame
            if (!*more && out.pos == 0) {
                return m_input.cutShort("zstd");
            }
        }
        return out.pos;
    }
    std::uint64_t bytesConsumed() const override { return m_input.inner().bytesConsumed(); }
    std::uint64_t bytesTotal() const override { return m_input.inner().bytesTotal(); }

private:
    CompressedInput m_input;
    ZSTD_DStream* m_stream;
    std::size_t m_wanted = 0;
};

enum class Packing { None, Gzip, Zstd };

Packing packingOf(std::string_view head) {
    const auto byte = [&](std::size_t i) {
        return static_cast<unsigned char>(head[i]);
    };
    if (head.size() >= 2 && byte(0) == 0x1F && byte(1) == 0x8B) {
        return Packing::Gzip;
    }
    if (head.size() >= 4) {
        const bool frame = byte(0) == 0x28 && byte(1) == 0xB5 && byte(2) == 0x2F && byte(3) == 0xFD;
        const bool skippable =
            (byte(0) & 0xF0U) == 0x50U && byte(1) == 0x2A && byte(2) == 0x4D && byte(3) == 0x18;
        if (frame || skippable) {
            return Packing::Zstd;
        }
    }
    return Packing::None;
}

} // namespace

PrependedSource::PrependedSource(std::string head, std::unique_ptr<ByteSource> rest)
    : m_head(std::move(head)), m_rest(std::move(rest)) {}

Expected<std::size_t> PrependedSource::read(char* buffer, std::size_t size) {
    if (m_used == m_head.size()) {
        return m_rest->read(buffer, size);
    }
    const std::size_t count = std::min(size, m_head.size() - m_used);
    std::memcpy(buffer, m_head.data() + m_used, count);
    m_used += count;
    return count;
}

Expected<std::string> readHead(ByteSource& source, std::size_t bytes) {
    std::string head(bytes, '\0');
    std::size_t filled = 0;
    while (filled < bytes) {
        const Expected<std::size_t> got = source.read(head.data() + filled, bytes - filled);
        if (!got) {
            return fail(got.error());
        }
        if (*got == 0) {
            break;
        }
        filled += *got;
    }
    head.resize(filled);
    return head;
}

Expected<std::unique_ptr<ByteSource>> ByteSource::open(const std::filesystem::path& path) {
    const std::string name = path.string();
    const int fd = name == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return fail(base::systemError(errno, "cannot open", name));
    }
    struct stat status {};
    std::uint64_t total = 0;
    if (::fstat(fd, &status) == 0) {
        if (S_ISDIR(status.st_mode)) {
            if (fd > STDERR_FILENO) {
                ::close(fd);
            }
            return fail(base::systemError(EISDIR, "cannot read", name));
        }
        total = S_ISREG(status.st_mode) ? static_cast<std::uint64_t>(status.st_size) : 0;
    }
    std::unique_ptr<ByteSource> file = std::make_unique<FileSource>(fd, name, total);
    Expected<std::string> head = readHead(*file, 4);
    if (!head) {
        return fail(head.error());
    }
    const Packing packing = packingOf(*head);
    const bool utf16 = head->starts_with("\xFF\xFE") || head->starts_with("\xFE\xFF");
    if (utf16) {
        return fail(ErrorCode::Invalid, name + " is UTF-16 text",
                    "convert it to UTF-8, for example with iconv -f UTF-16 -t UTF-8");
    }
    file = std::make_unique<PrependedSource>(std::move(*head), std::move(file));
    switch (packing) {
    case Packing::Gzip:
        return std::make_unique<GzipSource>(std::move(file), name);
    case Packing::Zstd:
        return std::make_unique<ZstdSource>(std::move(file), name);
    case Packing::None:
        break;
    }
    return file;
}

} // namespace scrit::format
