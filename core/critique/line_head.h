// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/ascii.h"
#include "core/base/text.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// How a line of model output begins, with Markdown noise (indentation, quotes, bullets, bold, '#')
// out of the way. Internal to core/critique. Offsets refer to the whole text.
namespace scrit::critique {

using base::isAlpha;
using base::isDigit;

// The line that starts at `at`, without its line break ("\n", "\r\n" or the end of the text). The
// next line starts at nextLine().
[[nodiscard]] base::Span lineAt(std::string_view text, std::size_t at);
[[nodiscard]] std::size_t nextLine(std::string_view text, base::Span line);

// Length of a colon at `at`: 1 for ":", 3 for the full-width colon, 0 for none.
[[nodiscard]] std::size_t colonLength(std::string_view text, std::size_t at);
// `text` at `at` starts with `wanted` (lower-case ASCII), whatever its case.
[[nodiscard]] bool matchesNoCase(std::string_view text, std::size_t at, std::string_view wanted);

struct LineHead {
    std::size_t begin =
        0; // first byte after indentation, quote marks, '#', bullet, number and bold
    std::size_t value = 0; // after the label and its colon, or where the label stopped
    std::string label;     // the first words in lower case, joined by one blank
    bool colon = false;    // the label ends with a colon
    bool whole = false;    // nothing follows the label on this line
    int hashes = 0;        // of a Markdown heading
    int indent = 0;        // blanks before the first mark
    bool bold = false;
    bool bullet = false;
    std::optional<int> listNumber; // "3." or "3)"
    [[nodiscard]] bool headingLike() const { return colon || whole; }
};

// Reads the head of one line; looks at no more than 200 bytes of it.
[[nodiscard]] LineHead readHead(std::string_view text, base::Span line);

// How firmly a line announces the critique of a step.
enum class StepRank {
    Prose,    // "Step 3 is wrong because"
    Labelled, // "Step 3:", "- **Step 3** …"
    Heading,  // "## Step 3", "<paragraph_2>"
    Critique, // "### Critique of Step 3"
};

struct StepHead {
    std::vector<int> numbers; // as written, one or more, ascending
    bool zeroBased = false;   // <paragraph_k> counts from 0
    StepRank rank = StepRank::Prose;
    std::size_t body = 0; // where the text about the step starts
};

// The step or steps that a line (or a sentence in it, from `begin`) talks about; nothing when it
// does not start with one. `head` tells the Markdown around it.
[[nodiscard]] std::optional<StepHead> readStepHead(std::string_view text, std::size_t begin,
                                                   std::size_t lineEnd, const LineHead& head);

// A number in digits ("3", "3rd") or words ("three", "third", up to twenty / tenth) at `at`; on
// success `at` moves behind it. At most six digits.
[[nodiscard]] std::optional<int> readNumber(std::string_view text, std::size_t& at);

} // namespace scrit::critique
