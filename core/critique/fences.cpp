// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/critique/fences.h"

#include "core/critique/line_head.h"

#include <string>

namespace scrit::critique {
namespace {

struct Open {
    std::size_t begin = 0;
    char mark = '`';
    bool code = false;
};

} // namespace

CodeFences::CodeFences(std::string_view text) {
    Open open;
    bool isOpen = false;
    for (std::size_t at = 0; at < text.size();) {
        const base::Span line = lineAt(text, at);
        const std::string_view content = base::trimmed(base::slice(text, line));
        const bool fence = content.substr(0, 3) == "```" || content.substr(0, 3) == "~~~";
        if (fence && !isOpen) {
            const std::string info = base::lowerAscii(base::trimmed(content.substr(3)));
            const bool inlineClose = info.find("```") != std::string::npos;
            const bool code = !info.empty() && info != "text" && info != "markdown" && info != "md";
            if (!inlineClose) {
                open = Open{line.begin, content[0], code};
                isOpen = true;
            }
        } else if (fence && content[0] == open.mark && base::trimmed(content.substr(3)).empty()) {
            m_spans.push_back({open.begin, line.end});
            m_isCode.push_back(open.code);
            isOpen = false;
        }
        at = nextLine(text, line);
    }
}

bool CodeFences::isCode(std::size_t at) {
    while (m_next < m_spans.size() && m_spans[m_next].end <= at) {
        ++m_next;
    }
    return m_next < m_spans.size() && m_spans[m_next].begin <= at && m_isCode[m_next];
}

} // namespace scrit::critique
