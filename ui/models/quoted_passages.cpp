// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/quoted_passages.h"

#include "core/base/ascii.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>

namespace scrit::ui::models {

namespace {

constexpr std::size_t kLongestText = std::size_t{64} * 1024;
constexpr std::size_t kLeastRun = 5;     // tokens of a common run
constexpr std::size_t kLeastContent = 3; // of them figures or meaningful words
constexpr std::size_t kMostPlaces = 32;  // places of one run's beginning that are tried
constexpr std::size_t kMostOccurrences = 4;
constexpr std::size_t kLongestQuote = 600; // bytes between two quotation marks
constexpr std::size_t kMostQuotations = 200;

enum class TokenKind { Word, Number, Operator, Command };

struct Token {
    base::Span span;
    TokenKind kind = TokenKind::Word;
    std::uint32_t id = 0;
    bool content = false;
};
using Tokens = std::vector<Token>;

// Numbers the distinct tokens, so that comparing two is comparing two integers.
class Vocabulary {
public:
    std::uint32_t idOf(const std::string& token) {
        return m_ids.try_emplace(token, static_cast<std::uint32_t>(m_ids.size() + 1)).first->second;
    }

private:
    std::unordered_map<std::string, std::uint32_t> m_ids;
};

using base::isDigit;

bool isLetter(char c) {
    const char lower = static_cast<char>(c | 0x20);
    return (lower >= 'a' && lower <= 'z') || static_cast<unsigned char>(c) >= 0x80;
}

// Bytes of a typographic mark at `at` that is no part of a word (quotation marks, dashes, "…",
// guillemets); 0: none.
std::size_t typographicMark(std::string_view text, std::size_t at) {
    if (text.substr(at, 2) == "\xE2\x80" && at + 2 < text.size()) {
        return 3;
    }
    const std::string_view two = text.substr(at, 2);
    return two == "\xC2\xAB" || two == "\xC2\xBB" || two == "\xC2\xA0" ? 2 : 0;
}

bool carriesMeaning(std::string_view word) {
    static constexpr std::array<std::string_view, 34> kCommon{
        "that",  "this",  "with",  "from",  "have",     "which",  "there", "then", "than",
        "they",  "their", "them",  "these", "those",    "will",   "would", "were", "been",
        "each",  "also",  "into",  "only",  "because",  "where",  "when",  "what", "must",
        "since", "thus",  "hence", "first", "solution", "answer", "step"};
    return word.size() >= 4 && std::find(kCommon.begin(), kCommon.end(), word) == kCommon.end();
}

class Tokenizer {
public:
    Tokenizer(std::string_view text, Vocabulary& vocabulary)
        : m_text(text), m_vocabulary(vocabulary) {}

    Tokens run(base::Span within) {
        Tokens tokens;
        m_at = within.begin;
        while (m_at < within.end) {
            next(tokens, within.end);
        }
        return tokens;
    }

private:
    void next(Tokens& tokens, std::size_t end) {
        const char c = m_text[m_at];
        if (const std::size_t mark = typographicMark(m_text.substr(0, end), m_at); mark > 0) {
            m_at += mark;
        } else if (m_text.substr(m_at, 2) == "\xC3\x97") { // ×
            add(tokens, TokenKind::Operator, 2, "*");
        } else if (isDigit(c)) {
            number(tokens, end);
        } else if (isLetter(c)) {
            word(tokens, end);
        } else if (c == '\\') {
            command(tokens, end);
        } else if (c == '*' && (m_text.substr(m_at, 2) == "**" || boundary(m_at, end))) {
            m_at += m_text.substr(m_at, 2) == "**" ? 2 : 1; // emphasis
        } else if (std::string_view("+-*/=<>^%").find(c) != std::string_view::npos) {
            add(tokens, TokenKind::Operator, 1, std::string(1, c));
        } else {
            ++m_at;
        }
    }

    // An asterisk with a word on one side and nothing on the other opens or closes emphasis.
    [[nodiscard]] bool boundary(std::size_t at, std::size_t end) const {
        const bool before = at > 0 && isLetter(m_text[at - 1]);
        const bool after = at + 1 < end && isLetter(m_text[at + 1]);
        return before != after;
    }

    void add(Tokens& tokens, TokenKind kind, std::size_t size, const std::string& value) {
        Token token;
        token.span = {m_at, m_at + size};
        token.kind = kind;
        token.id = m_vocabulary.idOf(value);
        token.content =
            kind == TokenKind::Number || (kind == TokenKind::Word && carriesMeaning(value));
        tokens.push_back(token);
        m_at += size;
    }

    void number(Tokens& tokens, std::size_t end) {
        std::string value;
        std::size_t at = m_at;
        for (; at < end; ++at) {
            const char c = m_text[at];
            const bool inside = (c == '.' || c == ',') && at + 1 < end && isDigit(m_text[at + 1]);
            if (!isDigit(c) && !inside) {
                break;
            }
            if (c != ',') {
                value += c;
            }
        }
        add(tokens, TokenKind::Number, at - m_at, value);
    }

    void word(Tokens& tokens, std::size_t end) {
        std::string value;
        std::size_t at = m_at;
        while (at < end) {
            const std::size_t mark = typographicMark(m_text.substr(0, end), at);
            const bool apostrophe = m_text[at] == '\'' || m_text.substr(at, 3) == "\xE2\x80\x99";
            const std::size_t size = mark > 0 ? mark : 1;
            if (apostrophe && at + size < end && isLetter(m_text[at + size]) &&
                typographicMark(m_text.substr(0, end), at + size) == 0) {
                at += size; // "don't" and "don’t" are the same word
            } else if (mark == 0 && (isLetter(m_text[at]) || isDigit(m_text[at])) &&
                       m_text.substr(at, 2) != "\xC3\x97") {
                value += m_text[at++];
            } else {
                break;
            }
        }
        add(tokens, TokenKind::Word, at - m_at, base::lowerAscii(value));
    }

    void command(Tokens& tokens, std::size_t end) {
        std::size_t at = m_at + 1;
        while (at < end && isLetter(m_text[at]) && static_cast<unsigned char>(m_text[at]) < 0x80) {
            ++at;
        }
        const std::string name(m_text.substr(m_at + 1, at - m_at - 1));
        if (name.empty()) {
            m_at = std::min(end, m_at + 2); // a delimiter or an escaped sign
        } else if (name == "times" || name == "cdot") {
            add(tokens, TokenKind::Operator, at - m_at, "*");
        } else if (name == "left" || name == "right" || name == "text" || name == "boxed") {
            m_at = at;
        } else {
            add(tokens, TokenKind::Command, at - m_at, '\\' + name);
        }
    }

    std::string_view m_text;
    Vocabulary& m_vocabulary;
    std::size_t m_at = 0;
};

std::uint64_t runHash(const Tokens& tokens, std::size_t at, std::size_t size) {
    std::uint64_t hash = 0x9E3779B97F4A7C15ULL;
    for (std::size_t i = 0; i < size; ++i) {
        hash = (hash ^ tokens[at + i].id) * 0x100000001B3ULL;
    }
    return hash;
}

// Where runs of a few tokens stand in a text.
class RunIndex {
public:
    RunIndex(const Tokens& tokens, std::size_t size) : m_tokens(tokens), m_size(size) {
        for (std::size_t i = 0; i + size <= tokens.size(); ++i) {
            std::vector<std::size_t>& places = m_places[runHash(tokens, i, size)];
            if (places.size() < kMostPlaces) {
                places.push_back(i);
            }
        }
    }

    // The longest run of `part` from `at` that stands here: its place and length, 0 when none does.
    [[nodiscard]] std::pair<std::size_t, std::size_t> longest(const Tokens& part,
                                                              std::size_t at) const {
        std::pair<std::size_t, std::size_t> best{0, 0};
        if (at + m_size > part.size()) {
            return best;
        }
        const auto found = m_places.find(runHash(part, at, m_size));
        if (found == m_places.end()) {
            return best;
        }
        for (const std::size_t place : found->second) {
            std::size_t length = 0;
            while (at + length < part.size() && place + length < m_tokens.size() &&
                   part[at + length].id == m_tokens[place + length].id) {
                ++length;
            }
            if (length >= m_size && length > best.second) {
                best = {place, length};
            }
        }
        return best;
    }

private:
    const Tokens& m_tokens;
    std::size_t m_size;
    std::unordered_map<std::uint64_t, std::vector<std::size_t>> m_places;
};

// Places of a whole token sequence in another one.
std::vector<std::size_t> occurrences(const Tokens& needle, const Tokens& hay) {
    std::vector<std::size_t> places;
    if (needle.empty()) {
        return places;
    }
    const auto same = [](const Token& a, const Token& b) {
        return a.id == b.id;
    };
    auto from = hay.begin();
    while (places.size() <= kMostOccurrences) {
        const auto found = std::search(from, hay.end(), needle.begin(), needle.end(), same);
        if (found == hay.end()) {
            break;
        }
        places.push_back(static_cast<std::size_t>(found - hay.begin()));
        from = found + 1;
    }
    return places;
}

struct Quotation {
    base::Span inner;
    bool mathematics = false;
};

struct Delimiters {
    std::string_view open;
    std::string_view close;
    bool mathematics;
};

// The first pair whose opening mark stands at `at`; longer marks first.
const Delimiters* delimitersAt(std::string_view text, std::size_t at) {
    static constexpr std::array<Delimiters, 9> kPairs{{{"$$", "$$", true},
                                                       {"\\(", "\\)", true},
                                                       {"\\[", "\\]", true},
                                                       {"$", "$", true},
                                                       {"\xE2\x80\x9C", "\xE2\x80\x9D", false},
                                                       {"\xC2\xAB", "\xC2\xBB", false},
                                                       {"\"", "\"", false},
                                                       {"`", "`", false},
                                                       {"'", "'", false}}};
    for (const Delimiters& pair : kPairs) {
        if (text.substr(at, pair.open.size()) == pair.open) {
            return &pair;
        }
    }
    return nullptr;
}

std::vector<Quotation> quotations(std::string_view text) {
    std::vector<Quotation> found;
    for (std::size_t at = 0; at < text.size() && found.size() < kMostQuotations;) {
        const Delimiters* pair = delimitersAt(text, at);
        // An apostrophe inside a word opens nothing.
        if (pair == nullptr || (pair->open == "'" && at > 0 && isLetter(text[at - 1]))) {
            ++at;
            continue;
        }
        const std::size_t begin = at + pair->open.size();
        std::size_t end = text.substr(0, begin + kLongestQuote).find(pair->close, begin);
        while (pair->close == "'" && end != std::string_view::npos && end + 1 < text.size() &&
               isLetter(text[end + 1])) {
            end = text.substr(0, begin + kLongestQuote).find(pair->close, end + 1);
        }
        if (end == std::string_view::npos ||
            text.substr(begin, end - begin).find("\n\n") != std::string_view::npos) {
            at = begin;
            continue;
        }
        found.push_back({{begin, end}, pair->mathematics});
        // Mathematics inside quotation marks is part of the quotation.
        at = end + pair->close.size();
    }
    return found;
}

bool saysEnough(const Tokens& tokens, bool mathematics) {
    const auto has = [&tokens](TokenKind kind) {
        return std::any_of(tokens.begin(), tokens.end(),
                           [kind](const Token& token) { return token.kind == kind; });
    };
    if (mathematics) {
        return tokens.size() >= 3 && has(TokenKind::Operator);
    }
    return tokens.size() >= 3 || (tokens.size() == 2 && has(TokenKind::Number));
}

std::vector<base::Span> merged(std::vector<base::Span> spans) {
    std::sort(spans.begin(), spans.end(),
              [](base::Span a, base::Span b) { return a.begin < b.begin; });
    std::vector<base::Span> out;
    for (const base::Span span : spans) {
        if (!out.empty() && span.begin <= out.back().end + 1) {
            out.back().end = std::max(out.back().end, span.end);
        } else {
            out.push_back(span);
        }
    }
    return out;
}

} // namespace

std::vector<base::Span> quotedPassages(std::string_view part, std::string_view reference,
                                       std::string_view problem) {
    part = part.substr(0, kLongestText);
    reference = reference.substr(0, kLongestText);
    problem = problem.substr(0, kLongestText);
    Vocabulary vocabulary;
    const Tokens there = Tokenizer(reference, vocabulary).run({0, reference.size()});
    if (there.empty()) {
        return {};
    }
    const Tokens known = Tokenizer(problem, vocabulary).run({0, problem.size()});
    Tokenizer reader(part, vocabulary);
    std::vector<base::Span> passages;
    const auto add = [&](std::size_t first, std::size_t count) {
        passages.push_back({there[first].span.begin, there[first + count - 1].span.end});
    };
    for (const Quotation& quotation : quotations(part)) {
        const Tokens words = reader.run(quotation.inner);
        if (!saysEnough(words, quotation.mathematics) || !occurrences(words, known).empty()) {
            continue;
        }
        const std::vector<std::size_t> places = occurrences(words, there);
        if (places.size() <= kMostOccurrences) {
            for (const std::size_t place : places) {
                add(place, words.size());
            }
        }
    }
    const Tokens here = reader.run({0, part.size()});
    const RunIndex inReference(there, kLeastRun);
    const RunIndex inProblem(known, kLeastRun);
    for (std::size_t at = 0; at + kLeastRun <= here.size();) {
        const auto [place, length] = inReference.longest(here, at);
        if (length == 0) {
            ++at;
            continue;
        }
        const auto content = std::count_if(here.begin() + static_cast<std::ptrdiff_t>(at),
                                           here.begin() + static_cast<std::ptrdiff_t>(at + length),
                                           [](const Token& token) { return token.content; });
        if (static_cast<std::size_t>(content) >= kLeastContent &&
            inProblem.longest(here, at).second < length) {
            add(place, length);
        }
        at += length;
    }
    return merged(std::move(passages));
}

} // namespace scrit::ui::models
