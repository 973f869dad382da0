// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/critique/words.h"

#include "core/critique/line_head.h"

#include <algorithm>

namespace scrit::critique {

bool is(const Word& word, std::string_view lower) {
    return word.text.size() == lower.size() && mayBe(word, lower) &&
           matchesNoCase(word.text, 0, lower);
}

bool isAny(const Word& word, std::initializer_list<std::string_view> lower) {
    return std::any_of(lower.begin(), lower.end(),
                       [&](std::string_view candidate) { return is(word, candidate); });
}

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
        if (isLetter(c) || isDigit(c)) {
            const std::size_t start = at;
            while (at < m_end &&
                   (isLetter(m_text[at]) || isDigit(m_text[at]) ||
                    (m_text[at] == '\'' && at + 1 < m_end && isLetter(m_text[at + 1])))) {
                ++at;
            }
            m_words.push_back({m_text.substr(start, at - start), start, before});
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
