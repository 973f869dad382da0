// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/ascii.h"
#include "core/math/extract_parts.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <cstring>

namespace scrit::math {

namespace {

using base::isAlpha;

constexpr std::size_t kTail = 16384; // announcements are looked for in this much of the end

// Announcements in lower case. The first group says "final".
constexpr std::array<std::string_view, 3> kFinal = {"final answer is",
                                                    "final answer:", "final answer"};
// clang-format off
constexpr std::array<std::string_view, 58> kAnnouncements = {
    "answer is", "answer:", "answers are", "answer would be", "answer was", "answer equals", "answer =",
    "the result is", "the solution is", "the solutions are", "correct option is", "correct choice is", "best choice is",
    "correct answer", "**answer**", "answer**:", "option is",
    "答案是", "答案为", "答案：", "答案:", "答案选", "故选", "应选", "答：", "答:", "答案", "结果是", "结果为",
    "réponse est", "réponse :", "réponse:", "réponse finale", "réponse",
    "respuesta es", "respuesta:", "respuesta final", "respuesta",
    "antwort ist", "antwort:", "antwort lautet", "antwort",
    "ответ:", "ответ", "resposta é", "resposta:", "resposta", "risposta è", "risposta:", "risposta",
    "الجواب", "الإجابة", "उत्तर", "答えは", "答え", "정답", "답은", "đáp án"};
// clang-format on

constexpr char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// Phrases of two bytes or more, in order, so that those with the same first byte stand together.
template<std::size_t N>
class Phrases {
public:
    explicit constexpr Phrases(std::array<std::string_view, N> phrases) : m_phrases(phrases) {
        std::sort(m_phrases.begin(), m_phrases.end());
        for (std::size_t i = N; i > 0; --i) {
            const std::string_view phrase = m_phrases[i - 1];
            m_begin[static_cast<unsigned char>(phrase.front())] = static_cast<unsigned char>(i - 1);
            ++m_count[static_cast<unsigned char>(phrase.front())];
            m_longest = std::max(m_longest, phrase.size());
        }
    }

    // Among the last occurrences of each phrase that do not start inside a word, the one that ends
    // last: the position behind it. One walk from the end that stops where nothing can win.
    [[nodiscard]] std::optional<std::size_t> behindLast(std::string_view text) const {
        std::optional<std::size_t> best;
        std::bitset<N> seen;
        for (std::size_t at = text.size(); at > 0 && (!best || at - 1 + m_longest > *best); --at) {
            const std::size_t begin = at - 1;
            const auto first = static_cast<unsigned char>(lower(text[begin]));
            if (m_count[first] == 0 || at == text.size()) {
                continue;
            }
            const char second = lower(text[at]);
            const std::size_t end = m_begin[first] + std::size_t{m_count[first]};
            for (std::size_t i = m_begin[first]; i < end; ++i) {
                if (m_phrases[i][1] != second || seen.test(i) ||
                    !startsHere(text.substr(begin), m_phrases[i])) {
                    continue;
                }
                seen.set(i);
                const bool inside =
                    begin > 0 && isAlpha(m_phrases[i].front()) && isAlpha(text[begin - 1]);
                if (!inside) {
                    best = std::max(best.value_or(0), begin + m_phrases[i].size());
                }
            }
        }
        return best;
    }

private:
    static bool startsHere(std::string_view text, std::string_view phrase) {
        return text.size() >= phrase.size() &&
               std::equal(phrase.begin(), phrase.end(), text.begin(),
                          [](char wanted, char given) { return wanted == lower(given); });
    }

    std::array<std::string_view, N> m_phrases;
    std::array<unsigned char, 256> m_begin{}; // by first byte: the first of its phrases
    std::array<unsigned char, 256> m_count{}; // and how many there are
    std::size_t m_longest = 0;
};

constexpr auto everyAnnouncement() {
    std::array<std::string_view, kFinal.size() + kAnnouncements.size()> all;
    std::copy(kAnnouncements.begin(), kAnnouncements.end(),
              std::copy(kFinal.begin(), kFinal.end(), all.begin()));
    return all;
}
constexpr Phrases kFinalPhrases{kFinal};
constexpr Phrases kAllPhrases{everyAnnouncement()};

// "The answer isn't 5", "The answer is not B": what follows an announcement.
bool denies(std::string_view rest) {
    if (rest.starts_with("n't")) {
        return true;
    }
    if (!rest.starts_with(" not ") || rest.size() < 6) {
        return false; // "not possible" may be the answer
    }
    const char first = rest[5];
    const bool letter = isAlpha(first) && (rest.size() == 6 || !isAlpha(rest[6])) && first != 'a';
    return letter || (first >= '0' && first <= '9') || first == '$' || first == '(';
}

// "A: 18" at the start of a line.
std::optional<std::size_t> answerLine(std::string_view text) {
    std::size_t before = text.size();
    for (int tries = 0; tries < 8; ++tries) {
        const std::size_t at = lastOf(text.substr(0, before), "A:");
        if (at == std::string_view::npos) {
            return std::nullopt;
        }
        if (at == 0 || text[at - 1] == '\n') {
            return at + 2;
        }
        before = at;
    }
    return std::nullopt;
}

} // namespace

std::size_t lastOf(std::string_view text, std::string_view mark) {
    const char* const begin = text.data();
    for (std::size_t size = text.size(); size > 0;) {
        const void* hit = memrchr(begin, mark.front(), size); // of glibc, musl and the BSDs
        if (hit == nullptr) {
            break;
        }
        size = static_cast<std::size_t>(static_cast<const char*>(hit) - begin);
        if (text.substr(size).starts_with(mark)) {
            return size;
        }
    }
    return std::string_view::npos;
}

std::optional<std::size_t> afterAnnouncement(std::string_view text, bool finalOnly) {
    const std::size_t skip = text.size() > kTail ? text.size() - kTail : 0;
    const std::string_view tail = text.substr(skip);
    std::optional<std::size_t> best;
    std::string_view head = tail;
    for (int tries = 0; tries < 4; ++tries) {
        best = finalOnly ? kFinalPhrases.behindLast(head) : kAllPhrases.behindLast(head);
        if (!best || !denies(tail.substr(*best))) {
            break;
        }
        head = tail.substr(0, *best - 1); // what it is not says nothing
        best.reset();
    }
    if (!finalOnly) {
        const std::optional<std::size_t> line = answerLine(tail);
        best = line && (!best || *line > *best) ? line : best;
    }
    return best ? std::optional(*best + skip) : std::nullopt;
}

} // namespace scrit::math
