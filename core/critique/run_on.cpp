// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/critique/run_on.h"

#include <algorithm>
#include <array>

namespace scrit::critique {
namespace {

constexpr std::array<std::string_view, 14> kTemplateTokens{
    "<|im_end|>",        "<|im_start|>",        "<|endoftext|>", "<|eot_id|>",    "<|end|>",
    "<|user|>",          "<|assistant|>",       "<|system|>",    "<end_of_turn>", "<start_of_turn>",
    "<|begin_of_text|>", "<|start_header_id|>", "</s>",          "[/INST]"};

constexpr std::array<std::string_view, 7> kTaskPhrases{"act as a grade school",
                                                       "act as a math",
                                                       "below is an instruction",
                                                       "you are a math",
                                                       "you are an ai assistant",
                                                       "you are a helpful assistant",
                                                       "write a response that appropriately"};

constexpr std::array<std::string_view, 14> kTaskLabels{"math problem",
                                                       "student solution",
                                                       "student s solution",
                                                       "question",
                                                       "problem",
                                                       "instruction",
                                                       "response",
                                                       "human",
                                                       "user",
                                                       "assistant",
                                                       "input",
                                                       "next question",
                                                       "next problem",
                                                       "system"};

std::size_t templateTokenAt(std::string_view text, base::Span line) {
    const std::string_view content = base::slice(text, line);
    std::size_t first = std::string_view::npos;
    // Every token starts with '<' or '['; most lines have neither.
    for (std::size_t at = content.find_first_of("<["); at != std::string_view::npos;
         at = content.find_first_of("<[", at + 1)) {
        for (const std::string_view token : kTemplateTokens) {
            if (content.substr(at, token.size()) == token) {
                return line.begin + at;
            }
        }
    }
    return first;
}

// "## 1196", "### 3/4", "####", "#### $5,600": a heading of digits and signs only.
bool isBareNumberHeading(std::string_view text, base::Span line, const LineHead& head) {
    if (head.hashes == 0) {
        return false;
    }
    constexpr std::size_t kLongest = 40;
    const std::size_t hash = text.find_last_of('#', line.end - 1);
    const std::string_view rest = base::trimmed(base::slice(text, {hash + 1, line.end}));
    return rest.size() <= kLongest && std::none_of(rest.begin(), rest.end(), isAlpha);
}

bool isAnswerLine(std::string_view text, base::Span line, const LineHead& head) {
    constexpr std::size_t kLongest = 80;
    return line.size() <= kLongest && head.colon &&
           (head.label == "the answer is" || head.label == "answer" ||
            head.label == "the final answer is") &&
           !base::trimmed(base::slice(text, {std::min(head.value, line.end), line.end})).empty();
}

} // namespace

RunOnMark runOnMark(std::string_view text, base::Span line, const LineHead& head) {
    if (line.empty()) {
        return {};
    }
    if (const std::size_t at = templateTokenAt(text, line); at != std::string_view::npos) {
        return {RunOnSign::Template, at};
    }
    for (const std::string_view phrase : kTaskPhrases) {
        if (matchesNoCase(text, head.begin, phrase)) {
            return {RunOnSign::NewTask, line.begin};
        }
    }
    const bool titled =
        (head.hashes > 0 && head.headingLike()) || (head.bold && head.headingLike()) || head.colon;
    if (titled &&
        std::find(kTaskLabels.begin(), kTaskLabels.end(), head.label) != kTaskLabels.end()) {
        return {RunOnSign::NewTask, line.begin};
    }
    if (isBareNumberHeading(text, line, head) || isAnswerLine(text, line, head)) {
        return {RunOnSign::Residue, line.begin};
    }
    return {};
}

} // namespace scrit::critique
