// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/text.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// Plain C++: finds the mathematics of a Markdown text. Pure functions, any thread; UTF-8 byte
// offsets.
namespace scrit::ui::render {

// A formula found in a text.
struct Formula {
    std::string tex;      // without delimiters; environments and \boxed{} keep their own commands
    bool display = false; // on a line of its own
    base::Span source;    // delimiters included
};

// Text made from another text, with the way back for every byte.
class MappedText {
public:
    // Appends bytes that stand at `source` in the original.
    void append(std::string_view bytes, std::size_t source);
    // Appends bytes that stand for the original's byte `source` but are not copied from it.
    void insert(std::string_view bytes, std::size_t source);
    // Appends bytes [begin, end) of another mapped text together with their way back.
    void append(const MappedText& from, std::size_t begin, std::size_t end);
    [[nodiscard]] const std::string& text() const { return m_text; }
    // The original offset of byte `offset` of text(); the end maps to the end.
    [[nodiscard]] std::size_t sourceOf(std::size_t offset) const;

private:
    struct Run {
        std::size_t begin;
        std::size_t source;
        bool copied;
    };
    std::string m_text;
    std::vector<Run> m_runs;
};

// The text with each formula replaced by one placeholder: the code point kFirstPlaceholder + its
// index.
struct SplitText {
    MappedText text;
    std::vector<Formula> formulas;
};

inline constexpr char32_t kFirstPlaceholder = 0xF0000; // a private-use plane
inline constexpr std::size_t kMaxFormulas = 60000;     // what is beyond stays text
inline constexpr char32_t kLineBreak = 0xFFFF0;        // behind them: a line break that is kept
inline constexpr std::size_t kMaxFormulaBytes = 16 * 1024;

// Takes out, in this order of precedence: code (fenced blocks, spans, [asy] drawings) is never
// mathematics; then \( \), \[ \], $ $, $$ $$, bare environments (\begin{align} …) and bare
// \boxed{}. An opening $ is not followed by white space; the next $ outside braces closes it if it
// is neither preceded by white space nor followed by a digit, else the opening one is a dollar
// sign. Inline formulas do not cross a blank line. What has no end stays text. Placeholder code
// points that the text already has become U+10FFFD.
[[nodiscard]] SplitText splitMath(std::string_view markdown);

// Where code is: fenced blocks, code spans and [asy]…[/asy], in order.
[[nodiscard]] std::vector<base::Span> codeSpans(std::string_view text);

} // namespace scrit::ui::render
