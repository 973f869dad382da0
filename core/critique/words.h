// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/text.h"

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

// Words of one sentence, for the small phrase matchers. Internal to core/critique.
namespace scrit::critique {

struct Word {
    std::string_view text; // as written
    std::size_t at = 0;    // offset in the whole text
    char before = 0; // the last character between this word and the one before: ' ', ',', '(' …
};

// The quick half of is(): false for almost every word that is another one.
[[nodiscard]] inline bool mayBe(const Word& word, std::string_view lower) {
    constexpr unsigned char kCaseBit = 0x20;
    return !word.text.empty() && !lower.empty() &&
           (static_cast<unsigned char>(word.text.front()) | kCaseBit) ==
               static_cast<unsigned char>(lower.front());
}
// Case-insensitive comparison of a word with lower-case ASCII: letters, digits and apostrophes.
[[nodiscard]] bool is(const Word& word, std::string_view lower);
[[nodiscard]] bool isAny(const Word& word, std::initializer_list<std::string_view> lower);

// Calls visit(span, words) for each sentence of text[within] in order. A sentence ends at ". ", "!
// ",
// "? ", "; ", at a line break, or after kMaxSentenceWords words. Words are runs of letters, digits
// and apostrophes. The vector is only valid during the call.
inline constexpr std::size_t kMaxSentenceWords = 400;
class SentenceReader {
public:
    SentenceReader(std::string_view text, base::Span within)
        : m_text(text), m_at(within.begin), m_end(within.end) {}
    // False at the end; otherwise span() and words() are the next sentence that has a word.
    [[nodiscard]] bool next();
    [[nodiscard]] base::Span span() const { return m_span; }
    [[nodiscard]] const std::vector<Word>& words() const { return m_words; }
    // The sentence ends with a question mark.
    [[nodiscard]] bool isQuestion() const { return m_question; }

private:
    [[nodiscard]] bool endsAt(std::size_t at) const;

    std::string_view m_text;
    std::size_t m_at;
    std::size_t m_end;
    base::Span m_span;
    std::vector<Word> m_words;
    bool m_question = false;
};

} // namespace scrit::critique
