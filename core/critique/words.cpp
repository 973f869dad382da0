// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/critique/words.h"

#include "core/critique/line_head.h"

namespace scrit::critique {

// A full stop inside a number or an abbreviation without blank ("3.5", "e.g.x") ends nothing.
bool SentenceReader::endsAt(std::size_t at) const {
    const char c = m_text[at];
    if (c == '\n') {
        return true;
    }
    if (c != '.' && c != '!' && c != '?' && c != ';') {
        return false;
    }
    for (std::size_t p = at + 1; p < m_end && p < at + 4; ++p) {
        const char next = m_text[p];
        if (base::isSpace(next)) {
            return true;
        }
        if (next != '*' && next != '"' && next != ')' && next != '_' && next != '\'') {
            return false;
        }
    }
    return true;
}

bool SentenceReader::next() {
    m_words.clear();
    m_question = false;
    std::size_t begin = m_at;
    std::size_t at = m_at;
    char before = ' ';
    while (at < m_end) {
        const char c = m_text[at];
        if (isAlpha(c) || isDigit(c)) {
            const std::size_t start = at;
            std::uint64_t key = WordKey::kStart;
            while (at < m_end &&
                   (isAlpha(m_text[at]) || isDigit(m_text[at]) ||
                    (m_text[at] == '\'' && at + 1 < m_end && isAlpha(m_text[at + 1])))) {
                key = WordKey::append(key, m_text[at]);
                ++at;
            }
            m_words.push_back({m_text.substr(start, at - start), start, before, key});
            before = ' ';
            if (m_words.size() >= kMaxSentenceWords) {
                break;
            }
            continue;
        }
        if (endsAt(at)) {
            ++at;
            if (!m_words.empty()) {
                m_question = c == '?';
                break;
            }
            begin = at;
            continue;
        }
        if (!base::isSpace(c) && c != '*' && c != '_') {
            before = c;
        }
        ++at;
    }
    m_at = at;
    m_span = base::trimmed(m_text, {begin, at});
    return !m_words.empty();
}

} // namespace scrit::critique
