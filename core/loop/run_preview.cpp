// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backend/model_settings.h"
#include "core/loop/run_budget.h"
#include "core/loop/run_inputs.h"
#include "core/loop/run_plan.h"
#include "core/loop/run_problems.h"
#include "core/store/evaluation_reader.h"
#include "core/store/run_reader.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <utility>

namespace scrit::loop {
namespace {

using base::Expected;
using base::fail;

constexpr std::size_t kSampled = 200;           // problems and solutions whose length is looked at
constexpr std::int64_t kUnknownSolution = 1200; // bytes, where there is no solution to look at
constexpr std::int64_t kBytesPerToken = 4;

// What can be counted beforehand.
struct Counted {
    std::int64_t problems = 0;
    std::int64_t solutions = 0;
    std::int64_t unknown = 0;
    std::int64_t candidates = 0;
    std::int64_t pairs = 0;          // of the solutions that are there
    std::int64_t incorrectPairs = 0; // of these
    std::int64_t withBothClasses = 0;
};

// Mean lengths in bytes.
struct Lengths {
    std::int64_t problem = 0;
    std::int64_t solution = kUnknownSolution;
};

// The problems' own references that planning the run will store.
Expected<void> addReferences(store::RunReader& runs, std::span<const std::int64_t> problems,
                             std::vector<Candidate>& candidates) {
    std::set<std::int64_t> stored;
    for (const Candidate& candidate : candidates) {
        if (candidate.reference) {
            stored.insert(candidate.problemId);
        }
    }
    const auto rows = runs.problems(problems);
    if (!rows) {
        return fail(rows.error());
    }
    for (const model::Problem& problem : *rows) {
        if (!problem.referenceSolution.empty() && !stored.contains(problem.id)) {
            candidates.push_back(
                {0, problem.id, problem.key, std::string(kReferenceAuthor), true, true});
        }
    }
    return {};
}

Expected<Counted> count(store::RunReader& runs, const RunPlan& plan,
                        std::span<const std::int64_t> problems) {
    Counted counted;
    counted.problems = static_cast<std::int64_t>(problems.size());
    std::map<std::pair<std::string, bool>, std::int64_t> groups;
    for (std::size_t at = 0; at < problems.size(); at += kProblemsAtOnce) {
        const auto part = problems.subspan(at, std::min(kProblemsAtOnce, problems.size() - at));
        const auto solutions = runs.solutionsOf(part);
        if (!solutions) {
            return fail(solutions.error());
        }
        counted.solutions += static_cast<std::int64_t>(solutions->size());
        counted.unknown += std::count_if(solutions->begin(), solutions->end(),
                                         [](const auto& one) { return !one.correct; });
        std::vector<Candidate> candidates = selectable(*solutions);
        if (plan.recipe().reference != ReferenceSource::Solutions) {
            if (auto added = addReferences(runs, part, candidates); !added) {
                return fail(std::move(added.error()));
            }
        }
        counted.candidates +=
            std::count_if(candidates.begin(), candidates.end(),
                          [](const Candidate& candidate) { return !candidate.reference; });
        std::map<std::int64_t, const Candidate*> byId;
        std::map<std::int64_t, int> classes;
        for (const Candidate& candidate : candidates) {
            if (candidate.reference) {
                continue;
            }
            byId.emplace(candidate.solutionId, &candidate);
            classes[candidate.problemId] |= candidate.correct ? 1 : 2;
        }
        counted.withBothClasses += std::count_if(classes.begin(), classes.end(),
                                                 [](const auto& one) { return one.second == 3; });
        SelectionCounts ignored;
        for (const Pairing& pair : selectAndPair(
                 candidates,
                 {plan.recipe().bothClasses, std::nullopt, plan.seed, plan.recipe().reference},
                 ignored)) {
            ++groups[{byId.at(pair.solutionId)->student, pair.solutionCorrect}];
        }
    }
    const std::int64_t cap = plan.recipe().capPerStudentAndClass.value_or(INT64_MAX);
    for (const auto& [group, size] : groups) {
        counted.pairs += std::min(size, cap);
        counted.incorrectPairs += group.second ? 0 : std::min(size, cap);
    }
    return counted;
}

// `members`: exactly these solutions; none: those of the problems.
Expected<Lengths> measure(store::RunReader& runs, std::span<const std::int64_t> problems,
                          std::span<const std::int64_t> members) {
    Lengths lengths;
    std::vector<std::int64_t> some;
    const std::size_t stride = std::max<std::size_t>(1, problems.size() / kSampled);
    for (std::size_t at = 0; at < problems.size(); at += stride) {
        some.push_back(problems[at]);
    }
    const auto texts = runs.problems(some);
    const auto all = texts ? runs.solutionsOf(some) : fail(texts.error());
    if (!all) {
        return fail(all.error());
    }
    for (const model::Problem& problem : *texts) {
        lengths.problem += static_cast<std::int64_t>(problem.text.size());
    }
    lengths.problem /= std::max<std::int64_t>(1, static_cast<std::int64_t>(texts->size()));
    std::vector<std::int64_t> ids(
        members.begin(),
        members.begin() + static_cast<std::ptrdiff_t>(std::min(members.size(), kSampled)));
    for (const store::SelectableSolution& solution : *all) {
        if (members.empty() && ids.size() < kSampled) {
            ids.push_back(solution.solutionId);
        }
    }
    const auto solutions = runs.solutions(ids);
    if (!solutions) {
        return fail(solutions.error());
    }
    std::int64_t bytes = 0;
    for (const model::Solution& solution : *solutions) {
        bytes += static_cast<std::int64_t>(solution.text.size());
    }
    if (!ids.empty()) {
        lengths.solution = bytes / static_cast<std::int64_t>(ids.size());
    }
    return lengths;
}

std::int64_t promptBytes(const StagePlan& stage, const Recipe& recipe, const Lengths& lengths) {
    critique::PromptFields empty;
    for (const std::string& field : stage.prompt->fields()) {
        empty.emplace(field, "");
    }
    std::int64_t bytes = lengths.problem;
    if (const auto rendered = stage.prompt->render(empty)) {
        for (const critique::Message& message : rendered->messages) {
            bytes += static_cast<std::int64_t>(message.content.size());
        }
    }
    if (stage.kind != StageKind::Solve) {
        bytes += lengths.solution;
    }
    if (stage.kind == StageKind::Critique && recipe.mode == model::CritiqueMode::Contrastive) {
        bytes += lengths.solution;
    }
    return bytes;
}

// How often each stage asks its model, at most where it depends on answers.
std::vector<RunPreview::Stage> callsOf(const RunPlan& plan, const Counted& counted) {
    std::vector<RunPreview::Stage> stages;
    const Recipe& recipe = plan.recipe();
    const std::optional<RunEvaluation>& evaluation = plan.request().evaluation;
    const std::int64_t solvers = evaluation
                                     ? (evaluation->own ? 1 : 0)
                                     : static_cast<std::int64_t>(plan.request().students.size());
    const bool solves = solvers > 0;
    std::int64_t selected = counted.pairs;
    std::int64_t injected = counted.incorrectPairs;
    if (solves) {
        selected = counted.candidates + counted.problems * recipe.student.samples * solvers;
        injected = selected;
    }
    bool upper = solves;
    for (const StagePlan& stage : plan.stages) {
        RunPreview::Stage calls;
        calls.name = stage.name;
        switch (stage.kind) {
        case StageKind::Select:
            continue;
        case StageKind::Solve:
            calls.calls = counted.problems * stage.role.samples;
            break;
        case StageKind::Inject:
            calls.calls = injected * stage.role.samples;
            calls.upperBound = upper;
            // Each injected solution takes the place of an incorrect one.
            selected += injected * (stage.role.samples - 1);
            upper = true;
            break;
        case StageKind::Critique:
            selected *= stage.role.samples;
            calls.calls = selected;
            calls.upperBound = upper;
            break;
        case StageKind::Validate:
            calls.calls = selected * stage.role.samples;
            calls.upperBound = true; // critiques without a correction are not validated
            break;
        }
        stages.push_back(std::move(calls));
    }
    return stages;
}

Expected<void> addPrices(store::RunReader& runs, const RunPlan& plan, const Lengths& lengths,
                         RunPreview& preview) {
    std::vector<std::string> unpriced;
    for (RunPreview::Stage& stage : preview.stages) {
        const StagePlan& planned = plan.stages[static_cast<std::size_t>(plan.indexOf(stage.name))];
        const auto model = runs.model(planned.model);
        if (!model) {
            return fail(model.error());
        }
        stage.promptTokens =
            stage.calls * promptBytes(planned, plan.recipe(), lengths) / kBytesPerToken;
        stage.completionTokensMax = stage.calls * planned.role.maxTokens;
        const auto settings = backend::settingsOf(*model);
        const backend::Prices prices = settings ? settings->prices : backend::Prices{};
        stage.costMax = costOf(prices, stage.promptTokens, stage.completionTokensMax);
        const bool paid = model->kind == "openai";
        if (paid && prices.promptPerMillion <= 0 && prices.completionPerMillion <= 0 &&
            std::find(unpriced.begin(), unpriced.end(), model->name) == unpriced.end()) {
            unpriced.push_back(model->name);
            preview.warnings.push_back("the model " + model->name +
                                       " has no price: its cost counts as nothing");
        }
    }
    return {};
}

void addWarnings(const RunPlan& plan, const Counted& counted, RunPreview& preview) {
    if (counted.unknown > 0) {
        preview.warnings.push_back(std::to_string(counted.unknown) +
                                   " solutions are not known to be correct or incorrect and will "
                                   "not be selected: scrit verify scores them");
    }
    if (!plan.request().students.empty() || plan.request().evaluation) {
        return;
    }
    if (counted.solutions == 0) {
        preview.warnings.emplace_back("the problems have no solutions: name a student");
    } else if (plan.recipe().reference == ReferenceSource::Problem && counted.pairs == 0) {
        preview.warnings.emplace_back(
            "no problem with a solution has a reference solution: nothing will be selected");
    } else if (plan.recipe().reference == ReferenceSource::Solutions && plan.recipe().bothClasses &&
               counted.withBothClasses == 0) {
        preview.warnings.emplace_back(
            "no problem has both a correct and an incorrect solution: nothing will be selected");
    } else if (counted.pairs == 0) {
        preview.warnings.emplace_back(
            "no solution has another, correct one of its problem: nothing will be selected");
    }
}

// What a run looks at: a filter's problems, or the solutions of a frozen set.
struct Scope {
    std::vector<std::int64_t> problems;
    std::vector<std::int64_t> members; // of the set
};

Expected<Scope> scopeOf(store::Reader& reader, store::RunReader& runs, const RunRequest& request) {
    Scope scope;
    if (!request.evaluation) {
        auto problems = problemsOfRun(runs, request);
        if (!problems) {
            return fail(std::move(problems.error()));
        }
        scope.problems = std::move(*problems);
        return scope;
    }
    auto subjects = subjectsOfSet(reader, *request.evaluation);
    if (!subjects) {
        return fail(std::move(subjects.error()));
    }
    store::EvaluationReader sets(reader);
    const auto set = sets.set(request.evaluation->set);
    auto problems = set ? sets.problems(set->id) : fail(set.error());
    if (!problems) {
        return fail(std::move(problems.error()));
    }
    return Scope{std::move(*problems), std::move(subjects->solutions)};
}

// Every member is criticised, whether it is known to be correct or not.
Counted countSet(const Scope& scope) {
    Counted counted;
    counted.problems = static_cast<std::int64_t>(scope.problems.size());
    counted.solutions = static_cast<std::int64_t>(scope.members.size());
    counted.candidates = counted.solutions;
    counted.pairs = counted.solutions;
    return counted;
}

} // namespace

Expected<RunPreview> previewRun(store::Workspace& workspace, const RunRequest& request) {
    auto prompts = loadPrompts(request.recipe);
    if (!prompts) {
        return fail(std::move(prompts.error()));
    }
    const auto plan = makePlan({request, std::move(*prompts), false}, 0);
    if (!plan) {
        return fail(plan.error());
    }
    const auto reader = workspace.reader();
    if (!reader) {
        return fail(reader.error());
    }
    store::RunReader runs(**reader);
    const auto scope = scopeOf(**reader, runs, request);
    if (!scope) {
        return fail(scope.error());
    }
    const auto counted = request.evaluation ? Expected<Counted>(countSet(*scope))
                                            : count(runs, *plan, scope->problems);
    if (!counted) {
        return fail(counted.error());
    }
    const auto lengths = measure(runs, scope->problems, scope->members);
    if (!lengths) {
        return fail(lengths.error());
    }
    RunPreview preview;
    preview.problems = counted->problems;
    preview.solutions = counted->solutions;
    preview.solutionsUnknown = counted->unknown;
    preview.stages = callsOf(*plan, *counted);
    addWarnings(*plan, *counted, preview);
    if (auto priced = addPrices(runs, *plan, *lengths, preview); !priced) {
        return fail(std::move(priced.error()));
    }
    return preview;
}

} // namespace scrit::loop
