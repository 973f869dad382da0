// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/loop/run_prompts.h"

#include "core/base/hash.h"
#include "core/base/text.h"
#include "core/critique/step_splitter.h"
#include "core/format/views.h"

#include <utility>

namespace scrit::loop {
namespace {

constexpr std::int64_t kBytesPerTokenGuess = 4;
constexpr std::int64_t kMessageOverhead = 32; // tokens of a chat template around one message

critique::PromptFields fieldsOf(StageKind kind, const Task& task) {
    critique::PromptFields fields{{"problem", format::problemForReader(task.problem)}};
    switch (kind) {
    case StageKind::Solve:
    case StageKind::Select:
        break;
    case StageKind::Inject:
        fields.emplace("solution", task.reference.text);
        break;
    case StageKind::Critique:
        fields.emplace("solution", task.solution.text);
        if (!task.reference.text.empty()) {
            fields.emplace("reference", task.reference.text);
        }
        break;
    case StageKind::Validate:
        fields.emplace("solution", task.judged);
        break;
    }
    return fields;
}

std::string asText(const std::vector<critique::Message>& messages) {
    std::string text;
    for (const critique::Message& message : messages) {
        text += (text.empty() ? "--- " : "\n--- ") + message.role + " ---\n" + message.content;
        if (!text.ends_with('\n')) {
            text += '\n';
        }
    }
    return text;
}

RequestSize sizeOf(const std::vector<critique::Message>& messages, const RoleSettings& role) {
    RequestSize size;
    std::int64_t bytes = 0;
    for (const critique::Message& message : messages) {
        bytes += static_cast<std::int64_t>(message.content.size());
    }
    size.promptTokensMost = bytes + kMessageOverhead * static_cast<std::int64_t>(messages.size());
    size.promptTokensGuess = bytes / kBytesPerTokenGuess;
    size.completionTokensMost = role.maxTokens;
    return size;
}

// Texts that the answer will not be compared with.
void letGo(StageKind kind, Task& task) {
    task.problem.text = {};
    task.problem.referenceSolution = {};
    task.reference.text = {};
    if (kind != StageKind::Critique) {
        task.solution.text = {};
    }
}

} // namespace

std::optional<Refusal> chooseJudged(ValidateCorrect whenCorrect, const model::Critique& critique,
                                    Task& task) {
    const model::ParsedCritique& parsed = critique.parsed;
    if (parsed.conclusion == model::Conclusion::Correct) {
        if (whenCorrect == ValidateCorrect::Skip) {
            return Refusal{model::ItemState::Skipped, "called-correct",
                           "the critique calls the solution correct, and the recipe does not "
                           "validate such critiques"};
        }
        if (whenCorrect == ValidateCorrect::Solution) {
            task.judged = task.solution.text;
            task.judgedSteps = task.solution.steps;
            task.judgedWhat = "solution";
            return std::nullopt;
        }
    }
    std::string_view correction = critique.correctionText;
    if (parsed.correction && parsed.correction->end <= critique.text.size()) {
        correction = base::slice(critique.text, *parsed.correction);
    }
    correction = base::trimmed(correction);
    if (correction.empty()) {
        return Refusal{model::ItemState::Skipped, "no-correction",
                       "the critique holds no correction that could be judged"};
    }
    task.judged = correction;
    task.judgedSteps = critique::splitSteps(task.judged);
    task.judgedWhat = "correction";
    return std::nullopt;
}

std::optional<Refusal> prepareRequest(const RunPlan& plan, const ModelFacts& model, Task& task) {
    const StagePlan& stage = plan.stages[static_cast<std::size_t>(task.item.stage)];
    auto rendered = stage.prompt->render(fieldsOf(stage.kind, task));
    if (!rendered) {
        return Refusal{model::ItemState::Failed, "prompt", rendered.error().text()};
    }
    task.size = sizeOf(rendered->messages, stage.role);
    if (model.contextTokens && task.size.promptTokensGuess > *model.contextTokens) {
        return Refusal{model::ItemState::Skipped, "context-too-small",
                       "the prompt has about " + std::to_string(task.size.promptTokensGuess) +
                           " tokens, the context of " + model.name + " has " +
                           std::to_string(*model.contextTokens) + ": give it more context"};
    }
    task.seed = requestSeed(plan.seed, stage.name, task.subjectKey, task.item.sample);
    task.promptText = asText(rendered->messages);
    task.promptHash = std::move(rendered->hash);
    task.cacheKey =
        cacheKey(model.identity, task.promptHash, stage.sampling, task.seed, task.item.sample);
    backend::ChatRequest& request = task.request;
    for (critique::Message& message : rendered->messages) {
        request.messages.push_back({std::move(message.role), std::move(message.content)});
    }
    request.sampling.temperature = stage.role.temperature;
    request.sampling.topP = stage.role.topP;
    request.sampling.maxTokens = stage.role.maxTokens;
    request.sampling.seed = task.seed;
    letGo(stage.kind, task);
    return std::nullopt;
}

std::int64_t requestSeed(std::uint64_t runSeed, std::string_view stage, std::string_view subjectKey,
                         int sample) {
    const std::uint64_t hash = base::hash64(
        subjectKey, base::hash64(stage, base::hash64(std::to_string(sample), runSeed)));
    return static_cast<std::int64_t>(hash & 0x7FFFFFFFU);
}

std::string cacheKey(std::string_view modelIdentity, std::string_view promptHash,
                     std::string_view sampling, std::int64_t seed, int sample) {
    return base::contentHash({"completion", modelIdentity, promptHash, sampling,
                              std::to_string(seed), std::to_string(sample)});
}

} // namespace scrit::loop
