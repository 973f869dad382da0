// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/critique/prompt_template.h"

#include "core/base/hash.h"
#include "core/base/resources.h"
#include "core/base/text.h"
#include "core/critique/line_head.h"

#include <algorithm>
#include <optional>
#include <set>

namespace scrit::critique {
namespace {

using base::ErrorCode;

// The role of a section line "--- system ---".
std::optional<std::string> sectionRole(std::string_view line) {
    constexpr std::string_view kMark = "---";
    line = base::trimmed(line);
    if (line.size() < 2 * kMark.size() || line.substr(0, 3) != kMark ||
        line.substr(line.size() - 3) != kMark) {
        return std::nullopt;
    }
    std::string role(base::trimmed(line.substr(3, line.size() - 6)));
    const bool known = role == "system" || role == "user" || role == "assistant";
    return known ? std::optional<std::string>(std::move(role)) : std::nullopt;
}

bool isFieldName(std::string_view name) {
    const auto lowerCase = [](char c) {
        return c >= 'a' && c <= 'z';
    };
    return !name.empty() && lowerCase(name.front()) &&
           std::all_of(name.begin(), name.end(),
                       [&](char c) { return lowerCase(c) || isDigit(c) || c == '_'; });
}

std::string lineOf(std::string_view text, std::size_t at) {
    return std::to_string(
        std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n') + 1);
}

} // namespace

base::Expected<PromptTemplate> PromptTemplate::parse(std::string_view text) {
    struct Part {
        std::string role;
        base::Span span;
    };
    std::vector<Part> parts;
    for (std::size_t at = 0; at < text.size();) {
        const base::Span line = lineAt(text, at);
        at = nextLine(text, line);
        auto role = sectionRole(base::slice(text, line));
        if (!parts.empty()) {
            parts.back().span.end = role ? line.begin : at;
        }
        if (role) {
            parts.push_back({std::move(*role), {at, at}});
        }
    }
    if (parts.empty()) {
        parts.push_back({"user", {0, text.size()}});
    }
    PromptTemplate result;
    for (const Part& part : parts) {
        const base::Span span = base::trimmed(text, part.span);
        if (span.empty()) {
            return base::fail(ErrorCode::Parse,
                              "the prompt template has no text in its section \"" + part.role +
                                  "\"");
        }
        Section section{part.role, {}};
        std::size_t at = span.begin;
        while (at < span.end) {
            const std::size_t open = std::min(text.find("{{", at), span.end);
            if (open > at) {
                section.pieces.push_back({false, std::string(text.substr(at, open - at))});
            }
            if (open == span.end) {
                break;
            }
            const std::size_t close = text.substr(0, span.end).find("}}", open);
            if (close == std::string_view::npos) {
                return base::fail(ErrorCode::Parse,
                                  "line " + lineOf(text, open) +
                                      " of the prompt template opens {{ without }}");
            }
            const std::string_view name = base::trimmed(text.substr(open + 2, close - open - 2));
            if (!isFieldName(name)) {
                return base::fail(ErrorCode::Parse,
                                  "line " + lineOf(text, open) +
                                      " of the prompt template has a bad field name \"" +
                                      base::excerpt(base::makeVisibleUtf8(name), 40) + "\"",
                                  "use lower-case letters, digits and underscores");
            }
            section.pieces.push_back({true, std::string(name)});
            at = close + 2;
        }
        result.m_sections.push_back(std::move(section));
    }
    return result;
}

base::Expected<PromptTemplate> PromptTemplate::load(const std::string& path) {
    auto text = base::readFile(path);
    if (!text) {
        return base::fail(std::move(text).error());
    }
    auto parsed = parse(*text);
    if (!parsed) {
        return base::fail(parsed.error().withContext(path));
    }
    return parsed;
}

std::vector<std::string> PromptTemplate::fields() const {
    std::set<std::string> names;
    for (const Section& section : m_sections) {
        for (const Piece& piece : section.pieces) {
            if (piece.isField) {
                names.insert(piece.text);
            }
        }
    }
    return {names.begin(), names.end()};
}

base::Expected<RenderedPrompt> PromptTemplate::render(const PromptFields& values) const {
    const std::vector<std::string> known = fields();
    for (const auto& [name, value] : values) {
        if (!std::binary_search(known.begin(), known.end(), name)) {
            return base::fail(ErrorCode::Invalid,
                              "the prompt template has no field \"" + name + "\"");
        }
    }
    RenderedPrompt rendered;
    for (const Section& section : m_sections) {
        Message message{section.role, {}};
        for (const Piece& piece : section.pieces) {
            if (!piece.isField) {
                message.content += piece.text;
                continue;
            }
            const auto value = values.find(piece.text);
            if (value == values.end()) {
                return base::fail(ErrorCode::Invalid,
                                  "the prompt template needs a value for \"" + piece.text + "\"");
            }
            message.content += value->second;
        }
        rendered.messages.push_back(std::move(message));
    }
    rendered.hash = promptHash(rendered.messages);
    return rendered;
}

std::string promptHash(const std::vector<Message>& messages) {
    // Each part is hashed with its own length by contentHash, so the chain is unambiguous.
    std::string hash = base::contentHash({"prompt"});
    for (const Message& message : messages) {
        hash = base::contentHash({hash, message.role, message.content});
    }
    return hash;
}

base::Expected<PromptTemplate> shippedPrompt(std::string_view name) {
    const auto folder = base::resourceFolder();
    if (!folder) {
        return base::fail(folder.error());
    }
    return PromptTemplate::load((*folder / "prompts" / (std::string(name) + ".txt")).string());
}

base::Expected<RenderedPrompt> directPromptMessages(std::string_view problem,
                                                    std::string_view solution) {
    const auto prompt = shippedPrompt("direct_critic");
    if (!prompt) {
        return base::fail(prompt.error());
    }
    return prompt->render({{"problem", std::string(problem)}, {"solution", std::string(solution)}});
}

} // namespace scrit::critique
