// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace scrit::critique {

// One chat message; role is "system", "user" or "assistant".
struct Message {
    std::string role;
    std::string content;
    friend bool operator==(const Message&, const Message&) = default;
};

// Messages ready to send, and their identity (base::contentHash over roles and contents).
struct RenderedPrompt {
    std::vector<Message> messages;
    std::string hash;
};

using PromptFields = std::map<std::string, std::string, std::less<>>;

// A prompt file: sections that start with a line "--- system ---", "--- user ---" or "--- assistant
// ---" (what stands before the first is a comment), with fields written {{name}}. A file without
// section lines is one user message. Values are inserted as they are: a {{…}} inside a value stays
// text. A value type; const functions may be called from any thread.
class PromptTemplate {
public:
    // Errors (code Parse, message with the line): an unclosed "{{", a field name that is not
    // [a-z][a-z0-9_]*, a section without text, a file without any.
    [[nodiscard]] static base::Expected<PromptTemplate> parse(std::string_view text);
    // Reads and parses a file; a missing file is an Error of code NotFound.
    [[nodiscard]] static base::Expected<PromptTemplate> load(const std::string& path);

    // The field names, sorted, each once.
    [[nodiscard]] std::vector<std::string> fields() const;
    // Errors (code Invalid) name the first field that has no value, or the first value that the
    // template has no field for.
    [[nodiscard]] base::Expected<RenderedPrompt> render(const PromptFields& values) const;

private:
    struct Piece {
        bool isField = false;
        std::string text; // literal text or field name
    };
    struct Section {
        std::string role;
        std::vector<Piece> pieces;
    };
    std::vector<Section> m_sections;
};

// The identity of a list of messages, as in RenderedPrompt::hash.
[[nodiscard]] std::string promptHash(const std::vector<Message>& messages);

// The template of resources/prompts with this name ("direct_critic", "contrastive_critic",
// "bug_injection", "student_solve").
[[nodiscard]] base::Expected<PromptTemplate> shippedPrompt(std::string_view name);

// System and user text of the direct critic for one problem and one solution, from
// resources/prompts/direct_critic.txt; exports and self-validation both use it.
[[nodiscard]] base::Expected<RenderedPrompt> directPromptMessages(std::string_view problem,
                                                                  std::string_view solution);

} // namespace scrit::critique
