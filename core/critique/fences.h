// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/text.h"

#include <string_view>
#include <vector>

namespace scrit::critique {

// The Markdown code fences (``` or ~~~) of a text. A fence that is never closed is no fence, so a
// stray one cannot swallow the rest. Internal to core/critique.
class CodeFences {
public:
    explicit CodeFences(std::string_view text);
    // The offset lies in a fence of a programming language (an info string other than text or
    // markdown, in which models like to wrap whole answers). Offsets must be asked in ascending
    // order.
    [[nodiscard]] bool isCode(std::size_t at);
    // All closed fences from the opening to the end of the closing line, in order.
    [[nodiscard]] const std::vector<base::Span>& spans() const { return m_spans; }

private:
    std::vector<base::Span> m_spans;
    std::vector<bool> m_isCode;
    std::size_t m_next = 0;
};

} // namespace scrit::critique
