// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/terminal.h"

#include "app/cli/session.h"
#include "core/base/text.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <utility>

namespace scrit::cli {
namespace {

constexpr std::size_t kRowsForWidths = 200;
constexpr std::size_t kGap = 2; // between columns
constexpr std::size_t kLeastFlexible = 12;
constexpr std::size_t kLeastText = 10;
constexpr std::size_t kLeastTitle = 4;
constexpr std::string_view kEllipsis = "\xE2\x80\xA6";

struct Range {
    char32_t first;
    char32_t last;
};

constexpr std::array kWide = {
    Range{0x1100, 0x115F},   Range{0x2E80, 0x303E},  Range{0x3041, 0xA4CF}, Range{0xAC00, 0xD7A3},
    Range{0xF900, 0xFAFF},   Range{0xFE30, 0xFE6F},  Range{0xFF00, 0xFF60}, Range{0xFFE0, 0xFFE6},
    Range{0x1F300, 0x1FAFF}, Range{0x20000, 0x3FFFD}};
constexpr std::array kZero = {Range{0x0300, 0x036F}, Range{0x200B, 0x200D}, Range{0x20D0, 0x20FF},
                              Range{0xFE00, 0xFE0F}};

template<std::size_t N>
bool within(const std::array<Range, N>& ranges, char32_t c) {
    return std::any_of(ranges.begin(), ranges.end(),
                       [c](const Range& range) { return c >= range.first && c <= range.last; });
}

// The next code point of a text that is valid UTF-8, and the position behind it.
char32_t nextCodePoint(std::string_view text, std::size_t& at) {
    const auto byte = [&](std::size_t i) -> std::uint32_t {
        return i < text.size() ? static_cast<std::uint8_t>(text[i]) : 0U;
    };
    const std::uint32_t first = byte(at);
    const std::size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    std::uint32_t value = length == 1 ? first : first & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        value = (value << 6U) | (byte(at + i) & 0x3FU);
    }
    at = std::min(at + length, text.size());
    return value;
}

std::size_t widthOf(char32_t c) {
    return within(kZero, c) ? 0 : within(kWide, c) ? 2 : 1;
}

} // namespace

bool stdoutIsTerminal() {
    return isatty(STDOUT_FILENO) != 0;
}

bool stderrIsTerminal() {
    return isatty(STDERR_FILENO) != 0;
}

std::size_t terminalWidth(std::size_t fallback) {
    winsize size{};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
        return size.ws_col;
    }
    if (const char* columns = std::getenv("COLUMNS"); columns != nullptr) {
        const unsigned long value = std::strtoul(columns, nullptr, 10);
        if (value >= 20 && value <= 10'000) {
            return value;
        }
    }
    return fallback;
}

bool coloursWanted() {
    const char* noColor = std::getenv("NO_COLOR");
    const char* term = std::getenv("TERM");
    return stdoutIsTerminal() && (noColor == nullptr || *noColor == '\0') &&
           (term == nullptr || std::string_view(term) != "dumb");
}

std::size_t displayWidth(std::string_view text) {
    std::size_t width = 0;
    for (std::size_t at = 0; at < text.size();) {
        width += widthOf(nextCodePoint(text, at));
    }
    return width;
}

std::string fitted(std::string_view text, std::size_t width) {
    if (displayWidth(text) <= width) {
        return std::string(text);
    }
    std::size_t used = 0;
    std::size_t end = 0;
    for (std::size_t at = 0; at < text.size();) {
        used += widthOf(nextCodePoint(text, at));
        if (used + 1 > width) {
            break;
        }
        end = at;
    }
    return std::string(text.substr(0, end)) + std::string(kEllipsis);
}

std::string padded(std::string_view text, std::size_t width, bool right) {
    const std::size_t used = displayWidth(text);
    const std::string space(used < width ? width - used : 0, ' ');
    return right ? space + std::string(text) : std::string(text) + space;
}

std::string wrapped(std::string_view text, std::size_t width, std::size_t indent) {
    std::string out;
    std::size_t column = 0;
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t end = std::min(text.find(' ', at), text.size());
        const std::string_view word = text.substr(at, end - at);
        const std::size_t size = displayWidth(word);
        if (column > 0 && column + 1 + size > width) {
            out += '\n' + std::string(indent, ' ');
            column = 0;
        }
        if (column > 0) {
            out += ' ';
            ++column;
        }
        out += word;
        column += size;
        at = end + 1;
    }
    return out;
}

void Table::add(std::vector<std::string> cells) {
    if (!m_widths.empty()) {
        printRow(cells);
        return;
    }
    m_held.push_back(std::move(cells));
    if (m_held.size() >= kRowsForWidths) {
        finish();
    }
}

void Table::finish() {
    if (m_widths.empty()) {
        decideWidths();
        std::vector<std::string> titles;
        for (const Column& column : m_columns) {
            titles.push_back(column.title);
        }
        printRow(titles, true);
    }
    for (const std::vector<std::string>& row : std::exchange(m_held, {})) {
        printRow(row);
    }
}

std::size_t Table::widthOfShown() const {
    std::size_t sum = 0;
    for (const std::size_t width : m_widths) {
        sum += width == 0 ? 0 : width + (sum == 0 ? 0 : kGap);
    }
    return sum;
}

// Takes from the widest column that may be cut, until the row fits or nothing can be taken.
void Table::cutTexts(std::size_t wanted, const std::vector<std::size_t>& least) {
    for (std::size_t sum = widthOfShown(); sum > wanted; --sum) {
        std::size_t widest = m_columns.size();
        for (std::size_t i = 0; i < m_columns.size(); ++i) {
            if (m_widths[i] > least[i] &&
                (widest == m_columns.size() || m_widths[i] > m_widths[widest])) {
                widest = i;
            }
        }
        if (widest == m_columns.size()) {
            return;
        }
        --m_widths[widest];
    }
}

bool Table::leaveOneOut() {
    std::size_t chosen = m_columns.size();
    int importance = 0;
    for (std::size_t i = 0; i < m_columns.size(); ++i) {
        if (m_widths[i] > 0 && m_columns[i].importance > importance) {
            chosen = i;
            importance = m_columns[i].importance;
        }
    }
    if (chosen == m_columns.size()) {
        return false;
    }
    m_widths[chosen] = 0;
    return true;
}

void Table::decideWidths() {
    const bool mustFit = std::any_of(m_columns.begin(), m_columns.end(),
                                     [](const Column& column) { return column.importance != 0; });
    std::vector<std::size_t> natural;
    std::vector<std::size_t> leastFlexible; // as natural, but for the columns that give way first
    std::vector<std::size_t> least;
    for (std::size_t i = 0; i < m_columns.size(); ++i) {
        std::size_t cells = 1;
        for (const std::vector<std::string>& row : m_held) {
            cells = std::max(cells, displayWidth(row[i]));
        }
        const std::size_t width = std::max(cells, displayWidth(m_columns[i].title));
        natural.push_back(width);
        leastFlexible.push_back(m_columns[i].flexible ? std::min(width, kLeastFlexible) : width);
        // Numbers are never cut, their titles are.
        least.push_back(m_columns[i].right ? std::min(width, std::max(cells, kLeastTitle))
                                           : std::min(width, kLeastText));
    }
    m_widths = natural;
    m_cut = mustFit && stdoutIsTerminal();
    if (!stdoutIsTerminal()) {
        return;
    }
    const std::size_t wanted = terminalWidth();
    cutTexts(wanted, leastFlexible);
    while (mustFit && widthOfShown() > wanted) {
        cutTexts(wanted, least);
        if (widthOfShown() <= wanted || !leaveOneOut()) {
            return;
        }
        for (std::size_t i = 0; i < m_widths.size(); ++i) {
            m_widths[i] = m_widths[i] == 0 ? 0 : natural[i];
        }
        cutTexts(wanted, leastFlexible);
    }
}

std::vector<std::string> Table::leftOut() const {
    std::vector<std::string> titles;
    for (std::size_t i = 0; i < m_widths.size(); ++i) {
        if (m_widths[i] == 0) {
            titles.push_back(m_columns[i].title);
        }
    }
    return titles;
}

void Table::printRow(const std::vector<std::string>& cells, bool titles) const {
    std::size_t last = 0;
    for (std::size_t i = 0; i < m_columns.size(); ++i) {
        last = m_widths[i] > 0 ? i : last;
    }
    std::string line;
    for (std::size_t i = 0; i <= last; ++i) {
        if (m_widths[i] == 0) {
            continue;
        }
        const Column& column = m_columns[i];
        const bool cut = column.flexible || (m_cut && (!column.right || titles));
        std::string cell = cut ? fitted(cells[i], m_widths[i]) : cells[i];
        if (i != last || column.right) {
            cell = padded(cell, m_widths[i], column.right);
        }
        line += (line.empty() ? "" : std::string(kGap, ' ')) + cell;
    }
    print(line + "\n");
}

} // namespace scrit::cli
