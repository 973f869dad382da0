// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/critique/blocks.h"

#include "core/critique/fences.h"

#include <algorithm>
#include <map>
#include <optional>

namespace scrit::critique {
namespace {

using base::Span;

// A pair of dollars further apart than this is two strays, not one formula.
constexpr std::size_t kMaxDollarBlock = 4000;
constexpr std::size_t kMaxEnvironmentName = 20;

class Finder {
public:
    explicit Finder(std::string_view text) : m_text(text) {}

    std::vector<Span> run() {
        for (std::size_t at = 0; at + 1 < m_text.size();) {
            at = m_text.find_first_of("\\$", at);
            if (at == std::string_view::npos || at + 1 >= m_text.size()) {
                break;
            }
            at = m_text[at] == '$' ? takeDollar(at) : takeBackslash(at);
        }
        return std::move(m_found);
    }

private:
    std::size_t takeDollar(std::size_t at) {
        if (m_text[at + 1] != '$') {
            return at + 1;
        }
        if (m_dollar && at - *m_dollar <= kMaxDollarBlock) {
            m_found.push_back({*m_dollar, at + 2});
            m_dollar.reset();
        } else {
            m_dollar = at;
        }
        return at + 2;
    }

    std::size_t takeBackslash(std::size_t at) {
        const char next = m_text[at + 1];
        if (next == '[') {
            m_bracket = m_bracket ? m_bracket : std::optional<std::size_t>(at);
            return at + 2;
        }
        if (next == ']' && m_bracket) {
            m_found.push_back({*m_bracket, at + 2});
            m_bracket.reset();
            return at + 2;
        }
        constexpr std::string_view kBegin = "\\begin{";
        constexpr std::string_view kEnd = "\\end{";
        if (m_text.substr(at, kBegin.size()) == kBegin) {
            if (const auto name = nameAt(at + kBegin.size())) {
                m_open[*name].push_back(at);
            }
        } else if (m_text.substr(at, kEnd.size()) == kEnd) {
            const auto name = nameAt(at + kEnd.size());
            const auto open = name ? m_open.find(*name) : m_open.end();
            if (open != m_open.end() && !open->second.empty()) {
                m_found.push_back({open->second.back(), at + kEnd.size() + name->size() + 1});
                open->second.pop_back();
            }
        }
        return at + 2;
    }

    [[nodiscard]] std::optional<std::string_view> nameAt(std::size_t at) const {
        const std::size_t close =
            m_text.substr(0, std::min(m_text.size(), at + kMaxEnvironmentName)).find('}', at);
        if (close == std::string_view::npos) {
            return std::nullopt;
        }
        return m_text.substr(at, close - at);
    }

    std::string_view m_text;
    std::vector<Span> m_found;
    std::optional<std::size_t> m_dollar;
    std::optional<std::size_t> m_bracket;
    std::map<std::string_view, std::vector<std::size_t>> m_open; // environments not yet closed
};

} // namespace

std::vector<Span> wholeBlocks(std::string_view text) {
    std::vector<Span> found = Finder(text).run();
    const CodeFences fences(text);
    found.insert(found.end(), fences.spans().begin(), fences.spans().end());
    std::sort(found.begin(), found.end(), [](const Span& a, const Span& b) {
        return a.begin != b.begin ? a.begin < b.begin : a.end > b.end;
    });
    std::vector<Span> merged;
    for (const Span& span : found) {
        if (!merged.empty() && span.begin < merged.back().end) {
            merged.back().end = std::max(merged.back().end, span.end);
        } else {
            merged.push_back(span);
        }
    }
    return merged;
}

} // namespace scrit::critique
