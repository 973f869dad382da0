// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backend/chat_piece.h"

#include "core/base/text.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace scrit::backend {
namespace {

constexpr int kDeepest = 64; // deeper nesting is for the full parser

// Walks over JSON text from left to right. Every member function returns false where the text is
// not well formed; what has been walked over then means nothing.
class Scanner {
public:
    explicit Scanner(std::string_view text) : m_text(text) {}

    void skipSpace() {
        while (m_at < m_text.size() && (m_text[m_at] == ' ' || m_text[m_at] == '\n' ||
                                        m_text[m_at] == '\r' || m_text[m_at] == '\t')) {
            ++m_at;
        }
    }
    [[nodiscard]] bool atEnd() const { return m_at >= m_text.size(); }
    [[nodiscard]] char peek() const { return atEnd() ? '\0' : m_text[m_at]; }
    bool take(char c) {
        if (peek() != c) {
            return false;
        }
        ++m_at;
        return true;
    }

    // A string with its quotes; `raw` is what stands between them.
    bool string(std::string_view& raw) {
        if (!take('"')) {
            return false;
        }
        const std::size_t begin = m_at;
        for (std::size_t end = m_text.find('"', m_at); end != std::string_view::npos;
             end = m_text.find('"', end + 1)) {
            std::size_t slashes = 0; // right before the quote
            while (end - slashes > begin && m_text[end - slashes - 1] == '\\') {
                ++slashes;
            }
            if (slashes % 2 == 0) {
                raw = m_text.substr(begin, end - begin);
                m_at = end + 1;
                return std::none_of(raw.begin(), raw.end(),
                                    [](char c) { return static_cast<unsigned char>(c) < 0x20; });
            }
        }
        return false;
    }

    // Any value; `raw` is its text.
    bool value(std::string_view& raw) {
        const std::size_t begin = m_at;
        std::string_view text;
        bool good = false;
        switch (peek()) {
        case '"':
            good = string(text) && escapesAreKnown(text);
            break;
        case '{':
            good = members([this](std::string_view /*key*/) { return skip(); });
            break;
        case '[':
            good = elements([this] { return skip(); });
            break;
        default:
            good = literal("true") || literal("false") || literal("null") || number();
        }
        raw = m_text.substr(begin, m_at - begin);
        return good;
    }
    bool skip() {
        std::string_view ignored;
        return value(ignored);
    }

    // Calls member(key) for each member of the object that stands here; that has to walk over the
    // value, which is where this then stands.
    template<typename Member>
    bool members(Member member) {
        if (!take('{') || ++m_depth > kDeepest) {
            return false;
        }
        skipSpace();
        if (take('}')) {
            --m_depth;
            return true;
        }
        while (true) {
            std::string_view key;
            if (!string(key) || key.find('\\') != std::string_view::npos) {
                return false;
            }
            skipSpace();
            if (!take(':')) {
                return false;
            }
            skipSpace();
            if (!member(key)) {
                return false;
            }
            skipSpace();
            if (take('}')) {
                --m_depth;
                return true;
            }
            if (!take(',')) {
                return false;
            }
            skipSpace();
        }
    }

    // The same for an array: element() has to walk over each element.
    template<typename Element>
    bool elements(Element element) {
        if (!take('[') || ++m_depth > kDeepest) {
            return false;
        }
        skipSpace();
        if (take(']')) {
            --m_depth;
            return true;
        }
        while (true) {
            if (!element()) {
                return false;
            }
            skipSpace();
            if (take(']')) {
                --m_depth;
                return true;
            }
            if (!take(',')) {
                return false;
            }
            skipSpace();
        }
    }

private:
    bool literal(std::string_view word) {
        if (!m_text.substr(m_at).starts_with(word)) {
            return false;
        }
        m_at += word.size();
        return true;
    }

    bool digits() {
        const std::size_t begin = m_at;
        while (peek() >= '0' && peek() <= '9') {
            ++m_at;
        }
        return m_at > begin;
    }

    bool number() {
        take('-');
        if (!take('0') && !digits()) {
            return false;
        }
        if (take('.') && !digits()) {
            return false;
        }
        if (take('e') || take('E')) {
            if (!take('+')) {
                take('-');
            }
            return digits();
        }
        return true;
    }

    static bool escapesAreKnown(std::string_view raw) {
        for (std::size_t at = 0; (at = raw.find('\\', at)) != std::string_view::npos; at += 2) {
            if (std::string_view("\"\\/bfnrt").find(raw[at + 1]) != std::string_view::npos) {
                continue;
            }
            if (raw[at + 1] != 'u' || at + 6 > raw.size()) {
                return false;
            }
            unsigned code = 0;
            const auto [end, error] =
                std::from_chars(raw.data() + at + 2, raw.data() + at + 6, code, 16);
            // Surrogates, paired or not, are rare enough for the full parser.
            if (error != std::errc{} || end != raw.data() + at + 6 ||
                (code >= 0xD800 && code <= 0xDFFF)) {
                return false;
            }
        }
        return true;
    }

    std::string_view m_text;
    std::size_t m_at = 0;
    int m_depth = 0;
};

void appendUtf8(std::string& out, unsigned code) {
    if (code < 0x80) {
        out += static_cast<char>(code);
    } else if (code < 0x800) {
        out += static_cast<char>(0xC0U | (code >> 6U));
        out += static_cast<char>(0x80U | (code & 0x3FU));
    } else {
        out += static_cast<char>(0xE0U | (code >> 12U));
        out += static_cast<char>(0x80U | ((code >> 6U) & 0x3FU));
        out += static_cast<char>(0x80U | (code & 0x3FU));
    }
}

// Walks over a value and takes its text; empty when it is no string.
bool takeText(Scanner& scanner, std::string& out) {
    std::string_view raw;
    out.clear();
    if (!scanner.value(raw)) {
        return false;
    }
    if (raw.front() != '"') {
        return true;
    }
    raw = raw.substr(1, raw.size() - 2);
    out.reserve(raw.size());
    while (!raw.empty()) {
        const std::size_t escape = raw.find('\\');
        out.append(raw.substr(0, escape));
        if (escape == std::string_view::npos) {
            break;
        }
        const char c = raw[escape + 1];
        std::size_t length = 2;
        switch (c) {
        case 'n':
            out += '\n';
            break;
        case 't':
            out += '\t';
            break;
        case 'r':
            out += '\r';
            break;
        case 'b':
            out += '\b';
            break;
        case 'f':
            out += '\f';
            break;
        case 'u': {
            unsigned code = 0;
            std::from_chars(raw.data() + escape + 2, raw.data() + escape + 6, code, 16);
            appendUtf8(out, code);
            length = 6;
            break;
        }
        default:
            out += c;
        }
        raw.remove_prefix(escape + length);
    }
    return true;
}

// Walks over a count of tokens; false also when it is a number that is no plain integer.
bool takeCount(Scanner& scanner, std::optional<std::int64_t>& out) {
    std::string_view raw;
    out.reset();
    if (!scanner.value(raw)) {
        return false;
    }
    if (raw.front() != '-' && (raw.front() < '0' || raw.front() > '9')) {
        return true;
    }
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(raw.data(), raw.data() + raw.size(), value);
    out = value;
    return error == std::errc{} && end == raw.data() + raw.size();
}

bool takeNull(Scanner& scanner) {
    std::string_view raw;
    return scanner.value(raw) && raw == "null";
}

bool takeDelta(Scanner& scanner, ChatPiece& piece) {
    if (scanner.peek() != '{') {
        return scanner.skip();
    }
    return scanner.members([&](std::string_view key) {
        return key == "content"             ? takeText(scanner, piece.content)
               : key == "reasoning_content" ? takeText(scanner, piece.reasoning)
                                            : scanner.skip();
    });
}

bool takeChoice(Scanner& scanner, std::string_view textKey, ChatPiece& piece) {
    if (std::exchange(piece.hasChoice, true) || scanner.peek() != '{') {
        return scanner.skip();
    }
    return scanner.members([&](std::string_view key) {
        return key == textKey           ? takeDelta(scanner, piece)
               : key == "finish_reason" ? takeText(scanner, piece.finishReason)
               : key == "logprobs"      ? takeNull(scanner)
                                        : scanner.skip();
    });
}

bool takeUsage(Scanner& scanner, ChatPiece& piece) {
    if (scanner.peek() != '{') {
        return scanner.skip();
    }
    piece.hasUsage = true;
    return scanner.members([&](std::string_view key) {
        return key == "prompt_tokens"       ? takeCount(scanner, piece.promptTokens)
               : key == "completion_tokens" ? takeCount(scanner, piece.completionTokens)
                                            : scanner.skip();
    });
}

} // namespace

std::optional<ChatPiece> readChatPiece(std::string_view json, std::string_view textKey) {
    ChatPiece piece;
    Scanner scanner(json);
    scanner.skipSpace();
    const bool good = scanner.members([&](std::string_view key) {
        if (key == "choices") {
            return scanner.peek() == '['
                       ? scanner.elements([&] { return takeChoice(scanner, textKey, piece); })
                       : scanner.skip();
        }
        return key == "usage"   ? takeUsage(scanner, piece)
               : key == "model" ? takeText(scanner, piece.model)
               : key == "error" ? takeNull(scanner)
                                : scanner.skip();
    });
    scanner.skipSpace();
    if (!good || !scanner.atEnd()) {
        return std::nullopt;
    }
    return piece;
}

void appendJsonString(std::string& out, std::string_view text) {
    const bool valid = base::isValidUtf8(text);
    out += '"';
    std::size_t begin = 0; // of what was not written yet
    const auto flush = [&](std::size_t end) {
        out.append(text.substr(begin, end - begin));
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c >= 0x20 && c != '"' && c != '\\' && (valid || c < 0x80)) {
            continue;
        }
        if (c >= 0x80) { // in a text that is not UTF-8 as a whole
            std::size_t length = 1;
            while (length < 4 && i + length < text.size() &&
                   (static_cast<unsigned char>(text[i + length]) & 0xC0U) == 0x80U) {
                ++length;
            }
            if (base::isValidUtf8(text.substr(i, length))) {
                i += length - 1;
                continue;
            }
            flush(i);
            out += "\xEF\xBF\xBD";
        } else {
            flush(i);
            constexpr std::string_view kNamed = "\"\\\b\f\n\r\t";
            constexpr std::string_view kLetters = "\"\\bfnrt";
            if (const std::size_t at = kNamed.find(text[i]); at != std::string_view::npos) {
                out += '\\';
                out += kLetters[at];
            } else {
                constexpr std::string_view kHex = "0123456789abcdef";
                out += "\\u00";
                out += kHex[c >> 4U];
                out += kHex[c & 15U];
            }
        }
        begin = i + 1;
    }
    flush(text.size());
    out += '"';
}

} // namespace scrit::backend
