// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/text.h"

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

// Words of one sentence, for the small phrase matchers. Internal to core/critique.
namespace scrit::critique {

// A lower-case word as one number, so that a word of a text is compared with dozens of words of the
// rules at the cost of comparing integers. The letters' case bit is set in every character, which
// changes no digit and no apostrophe.
struct WordKey {
    static constexpr std::uint64_t kStart = 0xCBF29CE484222325ULL; // FNV-1a, 64 bits
    static constexpr std::uint64_t append(std::uint64_t key, char c) {
        constexpr std::uint64_t kPrime = 0x100000001B3ULL;
        constexpr unsigned char kCaseBit = 0x20;
        return (key ^ (static_cast<unsigned char>(c) | kCaseBit)) * kPrime;
    }
    consteval WordKey(const char* lower) : WordKey(std::string_view(lower)) {}
    consteval explicit WordKey(std::string_view lower) {
        for (const char c : lower) {
            value = append(value, c);
        }
    }
    std::uint64_t value = kStart;
};

struct Word {
    std::string_view text; // as written
    std::size_t at = 0;    // offset in the whole text
    char before = 0; // the last character between this word and the one before: ' ', ',', '(' …
    std::uint64_t key = WordKey::kStart; // of the text in lower case
};

// Case-insensitive comparison of a word with lower-case ASCII: letters, digits and apostrophes.
[[nodiscard]] inline bool is(const Word& word, WordKey lower) {
    return word.key == lower.value;
}
[[nodiscard]] inline bool isAny(const Word& word, std::initializer_list<WordKey> lower) {
    return std::ranges::any_of(
        lower, [&](const WordKey& candidate) { return word.key == candidate.value; });
}

// Walks the sentences of text[within] in order. A sentence ends at ". ", "! ", "? ", "; ", at a
// line break, or after kMaxSentenceWords words. Words are runs of letters, digits and apostrophes.
inline constexpr std::size_t kMaxSentenceWords = 400;
class SentenceReader {
public:
    SentenceReader(std::string_view text, base::Span within)
        : m_text(text), m_at(within.begin), m_end(within.end) {
        constexpr std::size_t kUsualWords = 32;
        m_words.reserve(kUsualWords);
    }
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
