// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/chat_example.h"

#include "core/critique/prompt_template.h"
#include "core/critique/target.h"
#include "core/format/views.h"

#include <mutex>
#include <utility>

namespace scrit::format {
namespace {

using base::Expected;

Expected<std::shared_ptr<const ChatPrompt>> readPrompt() {
    // No file of ours holds these bytes, and the template keeps values as they are.
    constexpr std::string_view kProblem = "\x01problem\x01";
    constexpr std::string_view kSolution = "\x01solution\x01";
    const auto marked = critique::directPromptMessages(kProblem, kSolution);
    const auto named = critique::directPromptMessages("{{problem}}", "{{solution}}");
    if (!marked || !named) {
        return base::fail(marked ? named.error() : marked.error());
    }
    const auto bad = [] {
        return base::fail(base::ErrorCode::Invalid, "the direct critic's prompt cannot be exported",
                          "it needs a system section, then a user section with {{problem}} before "
                          "{{solution}}, each once");
    };
    const std::vector<critique::Message>& messages = marked->messages;
    if (messages.size() != 2 || messages[0].role != "system" || messages[1].role != "user") {
        return bad();
    }
    const std::string& user = messages[1].content;
    const std::size_t problem = user.find(kProblem);
    const std::size_t solution = user.find(kSolution);
    if (problem == std::string::npos || solution == std::string::npos || solution < problem ||
        user.rfind(kProblem) != problem || user.rfind(kSolution) != solution ||
        messages[0].content.find('\x01') != std::string::npos) {
        return bad();
    }
    auto prompt = std::make_shared<ChatPrompt>();
    prompt->system = messages[0].content;
    prompt->beforeProblem = user.substr(0, problem);
    const std::size_t between = problem + kProblem.size();
    prompt->betweenThem = user.substr(between, solution - between);
    prompt->afterSolution = user.substr(solution + kSolution.size());
    prompt->hash = named->hash;
    return prompt;
}

} // namespace

Expected<std::shared_ptr<const ChatPrompt>> ChatPrompt::shipped() {
    static std::mutex mutex;
    static std::shared_ptr<const ChatPrompt> known;
    const std::lock_guard lock(mutex);
    if (!known) {
        Expected<std::shared_ptr<const ChatPrompt>> read = readPrompt();
        if (!read) {
            return read;
        }
        known = std::move(*read);
    }
    return known;
}

std::string ChatPrompt::user(std::string_view problem, std::string_view solution) const {
    std::string text;
    text.reserve(beforeProblem.size() + problem.size() + betweenThem.size() + solution.size() +
                 afterSolution.size());
    text.append(beforeProblem).append(problem).append(betweenThem).append(solution);
    return text.append(afterSolution);
}

Expected<ChatExample> chatExample(const ExportItem& item) {
    if (std::optional<std::string> gap = targetGap(item.critique)) {
        return base::fail(base::ErrorCode::Invalid, std::move(*gap));
    }
    const Expected<std::shared_ptr<const ChatPrompt>> prompt = ChatPrompt::shipped();
    if (!prompt) {
        return base::fail(prompt.error());
    }
    return ChatExample{*prompt, (*prompt)->user(problemForReader(item.problem), item.solution.text),
                       critique::renderTarget(item.critique.text, item.critique.parsed,
                                              item.critique.correctionText)};
}

Expected<std::string> ChatView::render(const ExportItem& item) const {
    const Expected<ChatExample> example = chatExample(item);
    if (!example) {
        return base::fail(example.error());
    }
    std::string row;
    const std::size_t texts =
        example->prompt->system.size() + example->user.size() + example->target.size();
    row.reserve(texts + texts / 16 + 256);
    write(row, *example);
    return row;
}

std::optional<std::string> ChatView::gap(const ExportItem& item) const {
    return targetGap(item.critique);
}

Expected<std::vector<Turn>> ChatView::turns(const ExportItem& item, const ExportItem*) const {
    Expected<ChatExample> example = chatExample(item);
    if (!example) {
        return base::fail(example.error());
    }
    return std::vector<Turn>{{"system", example->prompt->system, false},
                             {"user", std::move(example->user), false},
                             {"assistant", std::move(example->target), true}};
}

std::vector<std::string> ChatView::promptHashes() const {
    const auto prompt = ChatPrompt::shipped();
    return prompt ? std::vector<std::string>{(*prompt)->hash} : std::vector<std::string>{};
}

} // namespace scrit::format
