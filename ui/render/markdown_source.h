// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/render/math_split.h"

#include <string>
#include <string_view>
#include <vector>

namespace scrit::ui::render {

// A text made ready for the Markdown parser, with the way back to the original's bytes.
struct MarkdownSource {
    MappedText text;
    std::vector<Formula> formulas;
};

// Takes the mathematics out (splitMath) and mends what the parser would show differently from what
// a person wrote. Plain C++, pure, any thread; `markdown` must be valid UTF-8.
//   - single line breaks are kept: a line becomes a line (models write a step a line);
//   - "3. text" that does not continue a list from 1 stays "3. text": the parser would number it 1;
//   - "3*4*5" and "a_1*b_2*c" keep their asterisks; "+ 5" at a line's start stays a sum;
//   - "#### 42", the final answer of a GSM8K solution, is a line of text and no heading;
//   - [asy]…[/asy] drawings become code blocks.
[[nodiscard]] MarkdownSource prepareMarkdown(std::string_view markdown);

} // namespace scrit::ui::render
