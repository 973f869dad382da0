// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/text_diff.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

namespace scrit::ui::models {

namespace {

constexpr std::size_t kMaxCells = std::size_t{4} * 1000 * 1000;

// Index pairs of a longest common subsequence, in order. Common ends are matched first, which
// leaves little for the table in the usual case of one rewritten place.
template<typename Equal>
std::vector<std::pair<std::size_t, std::size_t>>
commonSubsequence(std::size_t oldSize, std::size_t newSize, const Equal& equal,
                  std::size_t maxCells = kMaxCells, std::size_t* cells = nullptr) {
    std::vector<std::pair<std::size_t, std::size_t>> pairs;
    std::size_t head = 0;
    while (head < oldSize && head < newSize && equal(head, head)) {
        pairs.emplace_back(head, head);
        ++head;
    }
    std::size_t tail = 0;
    while (tail < oldSize - head && tail < newSize - head &&
           equal(oldSize - 1 - tail, newSize - 1 - tail)) {
        ++tail;
    }
    const std::size_t rows = oldSize - head - tail;
    const std::size_t columns = newSize - head - tail;
    if (rows > 0 && columns > 0 && rows <= maxCells / columns) {
        if (cells != nullptr) {
            *cells = rows * columns;
        }
        std::vector<std::uint32_t> length((rows + 1) * (columns + 1), 0);
        const auto at = [&length, columns](std::size_t i, std::size_t j) -> std::uint32_t& {
            return length[i * (columns + 1) + j];
        };
        for (std::size_t i = rows; i-- > 0;) {
            for (std::size_t j = columns; j-- > 0;) {
                at(i, j) = equal(head + i, head + j) ? at(i + 1, j + 1) + 1
                                                     : std::max(at(i + 1, j), at(i, j + 1));
            }
        }
        for (std::size_t i = 0, j = 0; i < rows && j < columns;) {
            if (equal(head + i, head + j)) {
                pairs.emplace_back(head + i++, head + j++);
            } else if (at(i + 1, j) >= at(i, j + 1)) {
                ++i;
            } else {
                ++j;
            }
        }
    }
    for (std::size_t k = tail; k > 0; --k) {
        pairs.emplace_back(oldSize - k, newSize - k);
    }
    return pairs;
}

constexpr std::size_t kLongestFormula = 2000; // bytes; what is longer is compared as words

// End of the formula that starts at `pos`, or `pos` when there is none.
std::size_t formulaEnd(std::string_view text, std::size_t pos, std::size_t end) {
    const std::string_view rest = text.substr(pos, end - pos);
    std::string_view close;
    std::size_t open = 2;
    if (rest.substr(0, 2) == "\\(") {
        close = "\\)";
    } else if (rest.substr(0, 2) == "\\[") {
        close = "\\]";
    } else if (rest.substr(0, 2) == "$$") {
        close = "$$";
    } else if (rest.size() > 1 && rest[0] == '$' && !base::isSpace(rest[1])) {
        close = "$";
        open = 1;
    } else {
        return pos;
    }
    const std::size_t found = rest.find(close, open);
    if (found > kLongestFormula) { // npos, too
        return pos;
    }
    // "$5 and $10" is money: a closing dollar has no space before it and no digit behind it.
    if (close == "$" &&
        (base::isSpace(rest[found - 1]) || rest[found - 1] == ' ' ||
         (found + 1 < rest.size() && rest[found + 1] >= '0' && rest[found + 1] <= '9'))) {
        return pos;
    }
    return pos + found + close.size();
}

std::string normalised(std::string_view text, base::Span span) {
    std::string out;
    bool space = false;
    for (const char c : base::slice(text, span)) {
        if (base::isSpace(c)) {
            space = !out.empty();
            continue;
        }
        if (space) {
            out += ' ';
            space = false;
        }
        out += c;
    }
    return out;
}

// Words that are not in the common subsequence, neighbours joined into one span.
std::vector<base::Span> unmatched(const std::vector<base::Span>& words,
                                  const std::vector<bool>& matched) {
    std::vector<base::Span> marks;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (matched[i]) {
            continue;
        }
        if (i > 0 && !matched[i - 1] && !marks.empty()) {
            marks.back().end = words[i].end;
        } else {
            marks.push_back(words[i]);
        }
    }
    return marks;
}

// Fills the marks of a changed row; returns the share of common words, 0 to 1.
double diffInside(std::string_view oldText, std::string_view newText, DiffRow& row) {
    WordMarks marks = diffPassages(oldText, row.oldSpan, newText, row.newSpan);
    row.oldMarks = std::move(marks.oldMarks);
    row.newMarks = std::move(marks.newMarks);
    return marks.common;
}

struct Sides {
    std::string_view oldText;
    const std::vector<base::Span>& oldSteps;
    std::string_view newText;
    const std::vector<base::Span>& newSteps;
};

// The rows between two matched steps: removed [o, oEnd) and added [n, nEnd), paired where alike.
void appendRewritten(const Sides& sides, base::Span removed, base::Span added,
                     std::vector<DiffRow>& rows) {
    std::size_t o = removed.begin;
    std::size_t n = added.begin;
    const auto remove = [&](std::size_t index) {
        DiffRow row;
        row.kind = DiffRow::Kind::Removed;
        row.oldIndex = index;
        row.oldSpan = sides.oldSteps[index];
        rows.push_back(std::move(row));
    };
    while (o < removed.end && n < added.end) {
        DiffRow row;
        row.kind = DiffRow::Kind::Changed;
        row.oldIndex = o;
        row.newIndex = n;
        row.oldSpan = sides.oldSteps[o];
        row.newSpan = sides.newSteps[n];
        constexpr double kAlike = 1.0 / 3.0;
        if (diffInside(sides.oldText, sides.newText, row) >= kAlike) {
            rows.push_back(std::move(row));
            ++n;
        } else {
            remove(o);
            // The new step may still pair with the next old one; with none left it is an addition.
            row.kind = DiffRow::Kind::Added;
            row.oldIndex.reset();
            row.oldSpan = {};
            row.oldMarks.clear();
            row.newMarks.clear();
            if (o + 1 == removed.end || removed.end - o <= added.end - n) {
                rows.push_back(std::move(row));
                ++n;
            }
        }
        ++o;
    }
    for (; o < removed.end; ++o) {
        remove(o);
    }
    for (; n < added.end; ++n) {
        DiffRow row;
        row.kind = DiffRow::Kind::Added;
        row.newIndex = n;
        row.newSpan = sides.newSteps[n];
        rows.push_back(std::move(row));
    }
}

} // namespace

std::vector<base::Span> diffWords(std::string_view text, base::Span within) {
    std::vector<base::Span> words;
    const std::size_t end = std::min(within.end, text.size());
    std::size_t i = within.begin;
    while (i < end) {
        if (base::isSpace(text[i])) {
            ++i;
            continue;
        }
        const std::size_t begin = i;
        while (i < end && !base::isSpace(text[i])) {
            const std::size_t formula = formulaEnd(text, i, end);
            i = formula > i ? formula : i + 1;
        }
        words.push_back({begin, i});
    }
    return words;
}

WordMarks diffPassages(std::string_view oldText, base::Span oldPassage, std::string_view newText,
                       base::Span newPassage, std::size_t maxCells) {
    const auto oldWords = diffWords(oldText, oldPassage);
    const auto newWords = diffWords(newText, newPassage);
    WordMarks out;
    const auto pairs = commonSubsequence(
        oldWords.size(), newWords.size(),
        [&](std::size_t i, std::size_t j) {
            return base::slice(oldText, oldWords[i]) == base::slice(newText, newWords[j]);
        },
        maxCells, &out.cells);
    std::vector<bool> oldMatched(oldWords.size(), false);
    std::vector<bool> newMatched(newWords.size(), false);
    for (const auto& [i, j] : pairs) {
        oldMatched[i] = true;
        newMatched[j] = true;
    }
    out.oldMarks = unmatched(oldWords, oldMatched);
    out.newMarks = unmatched(newWords, newMatched);
    const std::size_t larger = std::max(oldWords.size(), newWords.size());
    out.common =
        larger == 0 ? 1.0 : static_cast<double>(pairs.size()) / static_cast<double>(larger);
    return out;
}

std::vector<DiffRow> diffSteps(std::string_view oldText, const std::vector<base::Span>& oldSteps,
                               std::string_view newText, const std::vector<base::Span>& newSteps) {
    const auto normalisedSteps = [](std::string_view text, const std::vector<base::Span>& steps) {
        std::vector<std::string> all;
        all.reserve(steps.size());
        for (const base::Span span : steps) {
            all.push_back(normalised(text, span));
        }
        return all;
    };
    const std::vector<std::string> oldNormal = normalisedSteps(oldText, oldSteps);
    const std::vector<std::string> newNormal = normalisedSteps(newText, newSteps);
    const auto pairs =
        commonSubsequence(oldSteps.size(), newSteps.size(), [&](std::size_t i, std::size_t j) {
            return oldNormal[i] == newNormal[j];
        });
    const Sides sides{oldText, oldSteps, newText, newSteps};
    std::vector<DiffRow> rows;
    std::size_t o = 0;
    std::size_t n = 0;
    for (const auto& [oldMatch, newMatch] : pairs) {
        appendRewritten(sides, {o, oldMatch}, {n, newMatch}, rows);
        DiffRow row;
        row.oldIndex = oldMatch;
        row.newIndex = newMatch;
        row.oldSpan = oldSteps[oldMatch];
        row.newSpan = newSteps[newMatch];
        rows.push_back(std::move(row));
        o = oldMatch + 1;
        n = newMatch + 1;
    }
    appendRewritten(sides, {o, oldSteps.size()}, {n, newSteps.size()}, rows);
    return rows;
}

} // namespace scrit::ui::models
