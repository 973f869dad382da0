// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/format/byte_source.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace scrit::format {

// One line without its LF or CRLF; `text` is valid until the next call of next().
struct Line {
    std::uint64_t number = 0; // counted from 1
    std::uint64_t offset = 0; // of its first byte in the decompressed stream
    std::string_view text;    // bytes as they are; empty when tooLong
    bool tooLong = false;     // longer than the limit: skipped, nothing of it was kept
};

inline constexpr std::size_t kMaxLineBytes = std::size_t{64} << 20U;

// Reads a text line by line in memory bounded by the longest allowed line. A byte order mark at the
// start is dropped, a last line without an end is a line. Bytes that are not UTF-8 are passed on:
// whoever converts a line makes them visible. Used by one thread.
class LineReader {
public:
    // A line longer than `maxLineBytes` is delivered as tooLong. Errors as ByteSource::open.
    [[nodiscard]] static base::Expected<LineReader> open(const std::filesystem::path& path,
                                                         std::size_t maxLineBytes = kMaxLineBytes);
    // Reads from a given source; for tests and for text that is not in a file.
    LineReader(std::unique_ptr<ByteSource> source, std::size_t maxLineBytes);

    // True and the next line, or false at the end. After an error the reader is at its end.
    [[nodiscard]] base::Expected<bool> next(Line& line);
    // As ByteSource; bytes that were read ahead count as used.
    [[nodiscard]] std::uint64_t bytesConsumed() const { return m_source->bytesConsumed(); }
    [[nodiscard]] std::uint64_t bytesTotal() const { return m_source->bytesTotal(); }

private:
    [[nodiscard]] base::Expected<bool> fill();

    std::unique_ptr<ByteSource> m_source;
    std::size_t m_maxLineBytes;
    std::string m_buffer; // bytes that were read; the line starts at m_begin
    std::size_t m_begin = 0;
    std::uint64_t m_offset = 0; // stream offset of m_begin
    std::uint64_t m_number = 0;
    bool m_end = false;
};

} // namespace scrit::format
