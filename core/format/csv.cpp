// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/csv.h"

#include <algorithm>
#include <array>

namespace scrit::format {

bool CsvScanner::endsRecord(char c) {
    switch (m_state) {
    case State::Quoted:
        if (c == '"') {
            m_state = State::QuoteInQuoted;
        }
        return false;
    case State::QuoteInQuoted:
        if (c == '"') {
            m_state = State::Quoted;
            return false;
        }
        break;
    case State::CellStart:
        if (c == '"') {
            m_state = State::Quoted;
            return false;
        }
        break;
    case State::Plain:
        break;
    }
    if (c == '\n') {
        m_state = State::CellStart;
        return true;
    }
    m_state = c == m_delimiter ? State::CellStart : State::Plain;
    return false;
}

std::vector<std::string> csvCells(std::string_view record, char delimiter) {
    if (record.ends_with('\n')) {
        record.remove_suffix(1);
    }
    if (record.ends_with('\r')) {
        record.remove_suffix(1);
    }
    std::vector<std::string> cells(1);
    bool quoted = false;
    bool atStart = true;
    for (std::size_t i = 0; i < record.size(); ++i) {
        const char c = record[i];
        if (quoted && c == '"' && i + 1 < record.size() && record[i + 1] == '"') {
            cells.back() += '"';
            ++i;
        } else if (quoted && c == '"') {
            quoted = false;
        } else if (!quoted && atStart && c == '"') {
            quoted = true;
            atStart = false;
        } else if (!quoted && c == delimiter) {
            cells.emplace_back();
            atStart = true;
        } else {
            cells.back() += c;
            atStart = false;
        }
    }
    return cells;
}

char guessDelimiter(std::string_view headerLine) {
    char best = ',';
    std::ptrdiff_t most = 0;
    for (const char candidate : {',', ';', '\t'}) {
        CsvScanner scanner(candidate);
        std::ptrdiff_t count = 0;
        for (const char c : headerLine) {
            scanner.endsRecord(c);
            count += c == candidate && !scanner.insideQuotes() ? 1 : 0;
        }
        if (count > most) {
            most = count;
            best = candidate;
        }
    }
    return best;
}

std::string csvCell(std::string_view text) {
    constexpr std::string_view kFormulaStarts = "=+-@\t\r\n";
    // Their full-width forms, which some spreadsheets take for the same.
    constexpr std::array<std::string_view, 4> kWideStarts{"\uff1d", "\uff0b", "\uff0d", "\uff20"};
    const bool runs =
        (!text.empty() && kFormulaStarts.find(text.front()) != std::string_view::npos) ||
        std::any_of(kWideStarts.begin(), kWideStarts.end(),
                    [&](std::string_view wide) { return text.starts_with(wide); });
    std::string cell = runs ? "'" : "";
    cell += text;
    if (cell.find_first_of(",;\"\r\n\t") == std::string::npos) {
        return cell;
    }
    std::string quoted = "\"";
    for (const char c : cell) {
        quoted += c;
        if (c == '"') {
            quoted += '"';
        }
    }
    return quoted + '"';
}

} // namespace scrit::format
