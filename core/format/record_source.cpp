// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/record_source.h"

#include "core/base/text.h"
#include "core/format/byte_source.h"
#include "core/format/csv.h"

#include <algorithm>
#include <set>

namespace scrit::format {
namespace {

using base::ErrorCode;
using base::Expected;
using base::fail;

constexpr std::size_t kHeadBytes = std::size_t{64} << 10U;
constexpr std::size_t kParserPadding = 64; // room behind a record saves the JSON parser a copy

std::string tooLongReason(std::size_t limit) {
    return "longer than the limit of " + std::to_string(limit >> 20U) + " MiB";
}

class LineRecords final : public RecordSource {
public:
    LineRecords(std::unique_ptr<ByteSource> source, std::size_t limit)
        : m_reader(std::move(source), limit), m_limit(limit) {}

    Expected<bool> next(RawRecord& record) override {
        Line line;
        for (;;) {
            Expected<bool> more = m_reader.next(line);
            if (!more || !*more) {
                return more;
            }
            if (line.tooLong || !base::trimmed(line.text).empty()) {
                break;
            }
        }
        record.line = line.number;
        record.bad = line.tooLong ? tooLongReason(m_limit) : std::string{};
        record.text.clear();
        record.text.reserve(line.text.size() + kParserPadding);
        record.text.append(line.text);
        return true;
    }
    std::uint64_t bytesConsumed() const override { return m_reader.bytesConsumed(); }
    std::uint64_t bytesTotal() const override { return m_reader.bytesTotal(); }

private:
    LineReader m_reader;
    std::size_t m_limit;
};

// Bytes one at a time with a line count, behind the two sources whose records may span lines.
class ByteCursor {
public:
    explicit ByteCursor(std::unique_ptr<ByteSource> source) : m_source(std::move(source)) {}

    // True while there is a byte to peek at.
    Expected<bool> ready() {
        if (m_at < m_chunk.size()) {
            return true;
        }
        m_chunk.resize(kChunk);
        const Expected<std::size_t> got = m_source->read(m_chunk.data(), m_chunk.size());
        m_chunk.resize(got ? *got : 0);
        m_at = 0;
        if (!got) {
            return fail(got.error());
        }
        return *got > 0;
    }
    char peek() const { return m_chunk[m_at]; }
    char take() {
        const char c = m_chunk[m_at++];
        m_line += c == '\n' ? 1 : 0;
        return c;
    }
    std::uint64_t line() const { return m_line; }
    const ByteSource& source() const { return *m_source; }

private:
    std::unique_ptr<ByteSource> m_source;
    std::string m_chunk;
    std::size_t m_at = 0;
    std::uint64_t m_line = 1;
};

// Nesting of one JSON value, byte by byte.
class JsonNesting {
public:
    // True when the byte closed the value.
    bool closes(char c) {
        if (m_inString) {
            if (m_escaped) {
                m_escaped = false;
            } else if (c == '\\') {
                m_escaped = true;
            } else if (c == '"') {
                m_inString = false;
            }
            return false;
        }
        if (c == '"') {
            m_inString = true;
        } else if (c == '{' || c == '[') {
            ++m_depth;
        } else if (c == '}' || c == ']') {
            return --m_depth == 0;
        }
        return false;
    }

private:
    int m_depth = 0;
    bool m_inString = false;
    bool m_escaped = false;
};

class ValueRecords final : public RecordSource {
public:
    ValueRecords(std::unique_ptr<ByteSource> source, std::size_t limit)
        : m_cursor(std::move(source)), m_limit(limit) {}

    Expected<bool> next(RawRecord& record) override {
        for (;;) {
            Expected<bool> more = m_cursor.ready();
            if (!more) {
                return more;
            }
            if (!*more) {
                return atEnd(record);
            }
            const char c = m_cursor.peek();
            if (c == '[' && !m_started) {
                m_open = true;
            } else if (c == ']' && m_open) {
                m_open = false;
            } else if (!base::isSpace(c) && c != ',') {
                return value(record);
            }
            m_started = m_started || !base::isSpace(c);
            m_cursor.take();
        }
    }
    std::uint64_t bytesConsumed() const override { return m_cursor.source().bytesConsumed(); }
    std::uint64_t bytesTotal() const override { return m_cursor.source().bytesTotal(); }

private:
    Expected<bool> atEnd(RawRecord& record) {
        if (!m_open) {
            return false;
        }
        m_open = false;
        record =
            RawRecord{m_cursor.line(), {}, "the list is not closed: the file ends in the middle"};
        return true;
    }

    // An object or list up to its closing bracket, anything else up to a comma, line end or
    // bracket.
    Expected<bool> value(RawRecord& record) {
        m_started = true;
        record = RawRecord{m_cursor.line(), {}, {}};
        const bool nested = m_cursor.peek() == '{' || m_cursor.peek() == '[';
        JsonNesting nesting;
        for (;;) {
            Expected<bool> more = m_cursor.ready();
            if (!more) {
                return more;
            }
            if (!*more) {
                if (nested && record.bad.empty()) {
                    record.bad = "the file ends in the middle of this record";
                }
                m_open = false;
                return true;
            }
            const char c = m_cursor.peek();
            if (!nested && (c == ',' || c == '\n' || c == ']' || c == '{') &&
                !record.text.empty()) {
                return true;
            }
            m_cursor.take();
            if (record.bad.empty()) {
                record.text += c;
                if (record.text.size() > m_limit) {
                    record.text = {};
                    record.bad = tooLongReason(m_limit);
                }
            }
            if (nested && nesting.closes(c)) {
                return true;
            }
        }
    }

    ByteCursor m_cursor;
    std::size_t m_limit;
    bool m_started = false;
    bool m_open = false; // inside the outer list
};

class CsvRecords final : public RecordSource {
public:
    CsvRecords(std::unique_ptr<ByteSource> source, char delimiter, std::size_t limit)
        : m_cursor(std::move(source)), m_scanner(delimiter), m_limit(limit) {}

    Expected<bool> next(RawRecord& record) override {
        for (;;) {
            Expected<bool> more = row(record);
            if (!more || !*more || !record.bad.empty() || !base::trimmed(record.text).empty()) {
                return more;
            }
        }
    }
    std::uint64_t bytesConsumed() const override { return m_cursor.source().bytesConsumed(); }
    std::uint64_t bytesTotal() const override { return m_cursor.source().bytesTotal(); }

private:
    Expected<bool> row(RawRecord& record) {
        record = RawRecord{m_cursor.line(), {}, {}};
        bool any = false;
        for (;;) {
            Expected<bool> more = m_cursor.ready();
            if (!more) {
                return more;
            }
            if (!*more) {
                if (m_scanner.insideQuotes() && record.bad.empty()) {
                    record.bad = "a quoted cell that starts in this row is not closed";
                    record.text = {};
                }
                m_scanner.reset();
                return any;
            }
            const char c = m_cursor.take();
            any = true;
            if (m_scanner.endsRecord(c)) {
                return true;
            }
            if (record.bad.empty()) {
                record.text += c;
                if (record.text.size() > m_limit) {
                    record.text = {};
                    record.bad = tooLongReason(m_limit);
                }
            }
        }
    }

    ByteCursor m_cursor;
    CsvScanner m_scanner;
    std::size_t m_limit;
};

enum class Layout { Lines, Values, Csv };

bool startsObjectOverLines(std::string_view text) {
    const std::size_t lineEnd = text.find('\n');
    if (lineEnd == std::string_view::npos) {
        return false;
    }
    JsonNesting nesting;
    for (const char c : text.substr(0, lineEnd)) {
        if (nesting.closes(c)) {
            return false;
        }
    }
    // Not closed on its line: pretty-printed, unless the next line starts a record of its own.
    const std::string_view rest = base::trimmed(text.substr(lineEnd));
    return !rest.empty() && rest.front() != '{';
}

bool namedCsv(const std::filesystem::path& path) {
    std::filesystem::path name = path.filename();
    if (name.extension() == ".gz" || name.extension() == ".zst") {
        name = name.stem();
    }
    return name.extension() == ".csv" || name.extension() == ".tsv";
}

Layout layoutOf(std::string_view head, const std::filesystem::path& path,
                const std::vector<std::string_view>& knownColumns) {
    const std::string_view text = base::trimmed(head);
    if (text.starts_with('[')) {
        return Layout::Values;
    }
    if (text.starts_with('{')) {
        return startsObjectOverLines(text) ? Layout::Values : Layout::Lines;
    }
    if (namedCsv(path)) {
        return Layout::Csv;
    }
    const std::string_view firstLine = text.substr(0, text.find('\n'));
    const std::vector<std::string> cells = csvCells(firstLine, guessDelimiter(firstLine));
    const bool known = std::any_of(cells.begin(), cells.end(), [&](const std::string& cell) {
        return std::find(knownColumns.begin(), knownColumns.end(), base::trimmed(cell)) !=
               knownColumns.end();
    });
    return cells.size() > 1 && known ? Layout::Csv : Layout::Lines;
}

Expected<OpenedRecords> openCsv(std::unique_ptr<ByteSource> bytes, std::string_view head,
                                const std::string& name, std::size_t limit) {
    OpenedRecords opened;
    opened.delimiter = guessDelimiter(head.substr(0, head.find('\n')));
    opened.source = std::make_unique<CsvRecords>(std::move(bytes), opened.delimiter, limit);
    RawRecord header;
    const Expected<bool> more = opened.source->next(header);
    if (!more) {
        return fail(more.error());
    }
    if (!*more) {
        return opened;
    }
    std::set<std::string> seen;
    for (const std::string& cell : csvCells(header.text, opened.delimiter)) {
        const std::string column = base::makeVisibleUtf8(base::trimmed(cell));
        if (!header.bad.empty() || column.empty() || !seen.insert(column).second) {
            const std::string why = !header.bad.empty() ? header.bad
                                    : column.empty()    ? "a column has no name"
                                                        : "column \"" + column + "\" occurs twice";
            return fail(ErrorCode::Invalid, name + ": the CSV header cannot be used (" + why + ")",
                        "give the first row one name for each column");
        }
        opened.header.push_back(column);
    }
    return opened;
}

} // namespace

Expected<OpenedRecords> openRecords(const std::filesystem::path& path, std::size_t maxRecordBytes,
                                    const std::vector<std::string_view>& knownColumns) {
    Expected<std::unique_ptr<ByteSource>> bytes = ByteSource::open(path);
    if (!bytes) {
        return fail(bytes.error());
    }
    Expected<std::string> head = readHead(**bytes, kHeadBytes);
    if (!head) {
        return fail(head.error());
    }
    if (head->starts_with(kByteOrderMark)) {
        head->erase(0, kByteOrderMark.size());
    }
    const Layout layout = layoutOf(*head, path, knownColumns);
    auto source = std::make_unique<PrependedSource>(*head, std::move(*bytes));
    if (layout == Layout::Csv) {
        return openCsv(std::move(source), *head, path.string(), maxRecordBytes);
    }
    OpenedRecords opened;
    if (layout == Layout::Values) {
        opened.source = std::make_unique<ValueRecords>(std::move(source), maxRecordBytes);
    } else {
        opened.source = std::make_unique<LineRecords>(std::move(source), maxRecordBytes);
    }
    return opened;
}

} // namespace scrit::format
