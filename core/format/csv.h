// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

// Comma-separated values as in RFC 4180, with any one-byte delimiter. Pure.
namespace scrit::format {

// Finds the ends of records in a stream of bytes: a line end inside a quoted cell is not one. A
// quote only opens a cell at its first byte, so `5" pipe` is a plain cell.
class CsvScanner {
public:
    explicit CsvScanner(char delimiter) : m_delimiter(delimiter) {}
    // Takes the next byte; true when it is the LF that ends a record.
    bool endsRecord(char c);
    [[nodiscard]] bool insideQuotes() const { return m_state == State::Quoted; }
    void reset() { m_state = State::CellStart; }

private:
    enum class State { CellStart, Plain, Quoted, QuoteInQuoted };
    State m_state = State::CellStart;
    char m_delimiter;
};

// The cells of one record without its line end, quotes removed.
[[nodiscard]] std::vector<std::string> csvCells(std::string_view record, char delimiter);

// Whichever of , ; and tab occurs most often outside quotes in a header line; a comma when none
// does.
[[nodiscard]] char guessDelimiter(std::string_view headerLine);

// One cell as it has to be written: quoted where needed. A cell that a spreadsheet would run as a
// formula (it starts with = + - @, their full-width forms, tab, CR or LF) gets an apostrophe in
// front.
[[nodiscard]] std::string csvCell(std::string_view text);

} // namespace scrit::format
