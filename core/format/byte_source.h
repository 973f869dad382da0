// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace scrit::format {

inline constexpr std::size_t kChunk = std::size_t{256} << 10U; // bytes of one read
inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// A byte stream out of a plain, gzip (several members, too) or zstd (several frames, too) file,
// told apart by their first bytes, not by name; "-" is standard input. Constant memory. Used by one
// thread.
class ByteSource {
public:
    // NotFound, Permission, Invalid (a folder, UTF-16 text) or Io, each with advice.
    [[nodiscard]] static base::Expected<std::unique_ptr<ByteSource>>
    open(const std::filesystem::path& path);
    ByteSource() = default;
    ByteSource(const ByteSource&) = delete;
    ByteSource& operator=(const ByteSource&) = delete;
    virtual ~ByteSource() = default;

    // Up to `size` decompressed bytes into `buffer`; 0 at the end. Corrupt where compressed data is
    // damaged or cut short, Io where reading fails or a plain file became shorter while it was
    // read.
    [[nodiscard]] virtual base::Expected<std::size_t> read(char* buffer, std::size_t size) = 0;
    // Bytes of the file on disk that were used so far, for progress.
    [[nodiscard]] virtual std::uint64_t bytesConsumed() const = 0;
    // Size of the file on disk; 0 when not known (a pipe).
    [[nodiscard]] virtual std::uint64_t bytesTotal() const = 0;
};

// Bytes that were read ahead, followed by the rest of their source.
class PrependedSource final : public ByteSource {
public:
    PrependedSource(std::string head, std::unique_ptr<ByteSource> rest);
    base::Expected<std::size_t> read(char* buffer, std::size_t size) override;
    std::uint64_t bytesConsumed() const override { return m_rest->bytesConsumed(); }
    std::uint64_t bytesTotal() const override { return m_rest->bytesTotal(); }

private:
    std::string m_head;
    std::size_t m_used = 0;
    std::unique_ptr<ByteSource> m_rest;
};

// The next `bytes` bytes, fewer only at the end of the source.
[[nodiscard]] base::Expected<std::string> readHead(ByteSource& source, std::size_t bytes);

} // namespace scrit::format
