// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/line_reader.h"

#include "core/format/byte_source.h"

#include <utility>

namespace scrit::format {
namespace {

std::string_view withoutMarks(std::string_view text, bool first) {
    if (first && text.starts_with(kByteOrderMark)) {
        text.remove_prefix(kByteOrderMark.size());
    }
    if (text.ends_with('\r')) {
        text.remove_suffix(1);
    }
    return text;
}

} // namespace

base::Expected<LineReader> LineReader::open(const std::filesystem::path& path,
                                            std::size_t maxLineBytes) {
    base::Expected<std::unique_ptr<ByteSource>> source = ByteSource::open(path);
    if (!source) {
        return base::fail(source.error());
    }
    return LineReader(std::move(*source), maxLineBytes);
}

LineReader::LineReader(std::unique_ptr<ByteSource> source, std::size_t maxLineBytes)
    : m_source(std::move(source)), m_maxLineBytes(maxLineBytes) {}

// Appends one chunk behind what is still needed of the buffer; false at the end of the source.
base::Expected<bool> LineReader::fill() {
    m_buffer.erase(0, m_begin);
    m_begin = 0;
    const std::size_t before = m_buffer.size();
    m_buffer.resize(before + kChunk);
    const base::Expected<std::size_t> got = m_source->read(m_buffer.data() + before, kChunk);
    m_buffer.resize(before + (got ? *got : 0));
    if (!got) {
        m_end = true;
        m_buffer.clear();
        return base::fail(got.error());
    }
    m_end = *got == 0;
    return !m_end;
}

base::Expected<bool> LineReader::next(Line& line) {
    line = Line{};
    line.offset = m_offset;
    std::size_t searched = 0; // bytes behind m_begin that hold no line end
    for (;;) {
        const std::string_view rest = std::string_view(m_buffer).substr(m_begin);
        const std::size_t found = rest.find('\n', searched);
        const bool complete = found != std::string_view::npos;
        const std::size_t length = complete ? found : rest.size();
        line.tooLong = line.tooLong || length > m_maxLineBytes;
        if (complete || m_end) {
            if (!complete && length == 0 && !line.tooLong) {
                return false;
            }
            m_begin += length + (complete ? 1 : 0);
            m_offset += length + (complete ? 1 : 0);
            line.number = ++m_number;
            if (!line.tooLong) {
                line.text = withoutMarks(rest.substr(0, length), line.offset == 0);
            }
            return true;
        }
        searched = rest.size();
        if (line.tooLong) { // keep nothing of it
            m_offset += rest.size();
            m_begin = m_buffer.size();
            searched = 0;
        }
        if (base::Expected<bool> more = fill(); !more) {
            return more;
        }
    }
}

} // namespace scrit::format
