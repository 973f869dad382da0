// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// What the terminal can show.
namespace scrit::cli {

[[nodiscard]] bool stdoutIsTerminal();
[[nodiscard]] bool stderrIsTerminal();
// Columns of the terminal; $COLUMNS, else `fallback` when stdout is none.
[[nodiscard]] std::size_t terminalWidth(std::size_t fallback = 80);
// Colours are used on a terminal unless NO_COLOR is set (no-color.org) or TERM is "dumb".
[[nodiscard]] bool coloursWanted();

// Columns that a text takes: wide characters two, combining marks none.
[[nodiscard]] std::size_t displayWidth(std::string_view text);
// The start of a one-line text in at most `width` columns, with "…" where something is left out.
[[nodiscard]] std::string fitted(std::string_view text, std::size_t width);
// The text followed (or, right-aligned, preceded) by spaces up to `width` columns.
[[nodiscard]] std::string padded(std::string_view text, std::size_t width, bool right = false);
// Words filled into lines of at most `width` columns, each after `indent` spaces but the first.
[[nodiscard]] std::string wrapped(std::string_view text, std::size_t width, std::size_t indent);

// An aligned table: the first rows decide the widths, later rows stream. Cells must be one line and
// safe for a terminal. Writes to stdout.
class Table {
public:
    struct Column {
        std::string title;
        bool right = false;    // numbers
        bool flexible = false; // takes the width that is left on a terminal
        // Not 0: on a narrow terminal the table fits, for which texts are cut and then columns left
        // out, the least important (highest) first.
        int importance = 0;
    };
    explicit Table(std::vector<Column> columns) : m_columns(std::move(columns)) {}
    void add(std::vector<std::string> cells);
    // Prints what is still held back. Prints the titles alone when there was no row.
    void finish();
    // The titles of the columns that the terminal has no room for; known after finish().
    [[nodiscard]] std::vector<std::string> leftOut() const;

private:
    void decideWidths();
    [[nodiscard]] std::size_t widthOfShown() const;
    void cutTexts(std::size_t wanted, const std::vector<std::size_t>& least);
    bool leaveOneOut();
    void printRow(const std::vector<std::string>& cells, bool titles = false) const;

    std::vector<Column> m_columns;
    std::vector<std::size_t> m_widths; // empty until decided; 0: left out
    bool m_cut = false;                // texts are cut to their column
    std::vector<std::vector<std::string>> m_held;
};

} // namespace scrit::cli
