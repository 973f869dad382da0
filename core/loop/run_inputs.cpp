// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/loop/run_inputs.h"

#include "core/loop/run_problems.h"
#include "core/loop/run_prompts.h"
#include "core/loop/run_results.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>

namespace scrit::loop {
namespace {

using base::Expected;
using base::fail;
using Ids = std::vector<std::int64_t>;
using Tasks = std::vector<std::unique_ptr<Task>>;

// Rows by id, each read once however many items want it.
template<typename Row>
class Rows {
public:
    template<typename Read>
    Expected<void> read(Ids ids, Read&& rows) {
        std::sort(ids.begin(), ids.end());
        ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
        auto found = rows(ids);
        if (!found) {
            return fail(std::move(found.error()));
        }
        for (Row& row : *found) {
            const std::int64_t id = row.id;
            m_rows.emplace(id, std::move(row));
        }
        return {};
    }
    [[nodiscard]] const Row& at(std::int64_t id) const { return m_rows.at(id); }
    template<typename Pick>
    [[nodiscard]] Ids map(Pick&& pick) const {
        Ids ids;
        for (const auto& [id, row] : m_rows) {
            ids.push_back(pick(row));
        }
        return ids;
    }

private:
    std::unordered_map<std::int64_t, Row> m_rows;
};

// Reads what one batch needs.
class BatchReader {
public:
    BatchReader(const RunPlan& plan, store::RunReader& reader, const StagePlan& stage)
        : m_plan(plan), m_reader(reader), m_stage(stage) {}

    // Tasks in the order of the items; `refused` gets those that need no request.
    Expected<Tasks> read(std::span<const OpenItem> items,
                         std::vector<std::unique_ptr<Outcome>>& refused) {
        if (auto done = readRows(items); !done) {
            return fail(std::move(done.error()));
        }
        Tasks tasks;
        for (const OpenItem& item : items) {
            auto task = std::make_unique<Task>();
            task->item = item;
            if (std::optional<Refusal> refusal = fill(*task)) {
                refused.push_back(outcomeOf(item, std::move(*refusal)));
            } else {
                tasks.push_back(std::move(task));
            }
        }
        return tasks;
    }

    static std::unique_ptr<Outcome> outcomeOf(const OpenItem& item, Refusal&& refusal) {
        auto outcome = std::make_unique<Outcome>();
        outcome->item = item;
        outcome->state = refusal.state;
        outcome->errorCode = std::move(refusal.code);
        outcome->error = std::move(refusal.message);
        return outcome;
    }

private:
    Expected<void> readRows(std::span<const OpenItem> items) {
        Ids subjects;
        for (const OpenItem& item : items) {
            subjects.push_back(item.subjectId);
        }
        if (m_stage.kind == StageKind::Solve) {
            return readProblems(std::move(subjects));
        }
        Expected<void> done;
        if (m_stage.kind == StageKind::Validate) {
            done = m_critiques.read(std::move(subjects),
                                    [&](const Ids& ids) { return m_reader.critiques(ids); });
            subjects = m_critiques.map([](const model::Critique& row) { return row.solutionId; });
        }
        if (done) {
            done =
                m_solutions.read(subjects, [&](const Ids& ids) { return m_reader.solutions(ids); });
        }
        if (done) {
            done = readProblems(
                m_solutions.map([](const model::Solution& row) { return row.problemId; }));
        }
        if (done && wantsReferences()) {
            done = readReferences(subjects);
        }
        if (done && m_stage.kind == StageKind::Critique) {
            done = readCorrectness();
        }
        return done;
    }

    Expected<void> readProblems(Ids ids) {
        return m_problems.read(std::move(ids),
                               [&](const Ids& wanted) { return m_reader.problems(wanted); });
    }

    [[nodiscard]] bool wantsReferences() const {
        return m_stage.kind == StageKind::Inject ||
               (m_stage.kind == StageKind::Critique &&
                m_plan.recipe().mode == model::CritiqueMode::Contrastive);
    }

    Expected<void> readReferences(const Ids& solutionIds) {
        auto references = m_reader.references(m_plan.runId, solutionIds);
        if (!references) {
            return fail(std::move(references.error()));
        }
        m_referenceOf = std::move(*references);
        Ids ids;
        for (const auto& [solution, reference] : m_referenceOf) {
            ids.push_back(reference);
        }
        return m_references.read(std::move(ids),
                                 [&](const Ids& wanted) { return m_reader.solutions(wanted); });
    }

    Expected<void> readCorrectness() {
        const auto all = m_reader.solutionsOf(
            m_solutions.map([](const model::Solution& row) { return row.problemId; }));
        if (!all) {
            return fail(all.error());
        }
        for (const store::SelectableSolution& solution : *all) {
            if (solution.correct) {
                m_correct.emplace(solution.solutionId, *solution.correct);
            }
        }
        return {};
    }

    std::optional<Refusal> fill(Task& task) const {
        const std::int64_t subject = task.item.subjectId;
        if (m_stage.kind == StageKind::Solve) {
            task.problem = m_problems.at(subject);
            task.subjectKey = task.problem.key;
            return std::nullopt;
        }
        const model::Critique* critique = nullptr;
        if (m_stage.kind == StageKind::Validate) {
            critique = &m_critiques.at(subject);
        }
        task.solution = m_solutions.at(critique != nullptr ? critique->solutionId : subject);
        task.problem = m_problems.at(task.solution.problemId);
        task.subjectKey = critique != nullptr ? critique->key : task.solution.key;
        if (critique != nullptr) {
            task.critiqueId = subject;
            return chooseJudged(m_plan.recipe().validateCorrect, *critique, task);
        }
        if (const auto known = m_correct.find(subject); known != m_correct.end()) {
            task.correct = known->second;
        }
        if (wantsReferences()) {
            const auto reference = m_referenceOf.find(subject);
            if (reference == m_referenceOf.end()) {
                return Refusal{model::ItemState::Failed, "no-reference",
                               "the solution has no reference in this run"};
            }
            task.reference = m_references.at(reference->second);
        }
        return std::nullopt;
    }

    const RunPlan& m_plan;
    store::RunReader& m_reader;
    const StagePlan& m_stage;
    Rows<model::Problem> m_problems;
    Rows<model::Solution> m_solutions;
    Rows<model::Solution> m_references;
    Rows<model::Critique> m_critiques;
    std::unordered_map<std::int64_t, std::int64_t> m_referenceOf;
    std::unordered_map<std::int64_t, bool> m_correct;
};

// Whether it is the item's own data that cannot be read, so that other items are not concerned.
bool concernsOneItem(const base::Error& error) {
    return error.code == base::ErrorCode::Internal || error.code == base::ErrorCode::NotFound ||
           error.code == base::ErrorCode::Parse;
}

SelectionSettings selectionOf(const RunPlan& plan) {
    return {plan.recipe().bothClasses, std::nullopt, plan.seed, plan.recipe().reference};
}

Expected<std::vector<Selected>> select(const RunPlan& plan, store::RunReader& reader,
                                       std::span<const OpenItem> items) {
    Ids problems;
    for (const OpenItem& item : items) {
        problems.push_back(item.subjectId);
    }
    const auto solutions = reader.solutionsOf(problems);
    if (!solutions) {
        return fail(solutions.error());
    }
    std::unordered_map<std::int64_t, std::vector<Candidate>> byProblem;
    for (Candidate& candidate : selectable(*solutions)) {
        byProblem[candidate.problemId].push_back(std::move(candidate));
    }
    std::vector<Selected> selected;
    selected.reserve(items.size());
    for (const OpenItem& item : items) {
        SelectionCounts counts;
        selected.push_back(
            {item, selectAndPair(byProblem[item.subjectId], selectionOf(plan), counts)});
    }
    return selected;
}

void answerFromCache(const RunPlan& plan, store::RunReader& reader, PreparedBatch& batch) {
    std::vector<std::string> keys;
    for (const std::unique_ptr<Task>& task : batch.tasks) {
        keys.push_back(task->cacheKey);
    }
    auto known = reader.completions(keys);
    if (!known) {
        batch.error = std::move(known.error());
        return;
    }
    Tasks open;
    for (std::unique_ptr<Task>& task : batch.tasks) {
        const auto found = known->find(task->cacheKey);
        if (found == known->end()) {
            open.push_back(std::move(task));
            continue;
        }
        batch.outcomes.push_back(std::make_unique<Outcome>(
            evaluate(plan, std::move(*task), model::Completion(found->second))));
    }
    batch.tasks = std::move(open);
}

void prepareRequests(const RunPlan& plan, const ModelFacts& model, Tasks&& tasks,
                     PreparedBatch& batch) {
    for (std::unique_ptr<Task>& task : tasks) {
        if (std::optional<Refusal> refusal = prepareRequest(plan, model, *task)) {
            batch.outcomes.push_back(BatchReader::outcomeOf(task->item, std::move(*refusal)));
        } else {
            batch.tasks.push_back(std::move(task));
        }
    }
}

} // namespace

std::vector<Candidate> selectable(std::span<const store::SelectableSolution> solutions) {
    std::vector<Candidate> candidates;
    for (const store::SelectableSolution& solution : solutions) {
        const bool reference = solution.student == kReferenceAuthor;
        if ((solution.correct || reference) && !solution.student.ends_with(kInjectedSuffix)) {
            candidates.push_back({solution.solutionId, solution.problemId, solution.key,
                                  solution.student, solution.correct.value_or(reference),
                                  reference});
        }
    }
    return candidates;
}

PreparedBatch prepareBatch(const RunPlan& plan, store::RunReader& reader, PrepareJob&& job) {
    const StagePlan& stage = plan.stages[static_cast<std::size_t>(job.stage)];
    PreparedBatch batch;
    batch.stage = job.stage;
    batch.asked = job.items.size();
    if (stage.kind == StageKind::Select) {
        if (auto selected = select(plan, reader, job.items)) {
            batch.selected = std::move(*selected);
        } else {
            batch.error = std::move(selected.error());
        }
        return batch;
    }
    auto tasks = BatchReader(plan, reader, stage).read(job.items, batch.outcomes);
    if (tasks) {
        prepareRequests(plan, job.model, std::move(*tasks), batch);
    } else {
        batch.outcomes.clear();
        for (const OpenItem& item : job.items) {
            auto one = BatchReader(plan, reader, stage).read({&item, 1}, batch.outcomes);
            if (one) {
                prepareRequests(plan, job.model, std::move(*one), batch);
            } else if (concernsOneItem(one.error())) {
                batch.outcomes.push_back(BatchReader::outcomeOf(
                    item, {model::ItemState::Failed, "unreadable", one.error().text()}));
            } else {
                batch.error = std::move(one.error());
                return batch;
            }
        }
    }
    if (!plan.request().fresh && !batch.tasks.empty()) {
        answerFromCache(plan, reader, batch);
    }
    for (const std::unique_ptr<Task>& task : batch.tasks) {
        task->prompt = store::encodePrompt(task->promptHash, std::exchange(task->promptText, {}));
    }
    return batch;
}

Expected<std::vector<Selected>> selectOverAll(const RunPlan& plan, store::RunReader& reader,
                                              std::vector<OpenItem>&& items) {
    struct Choice {
        std::uint64_t rank;
        std::size_t item;
        Pairing pair;
    };
    std::map<std::pair<std::string, bool>, std::vector<Choice>> groups;
    for (std::size_t begin = 0; begin < items.size(); begin += kProblemsAtOnce) {
        const std::span<const OpenItem> chunk =
            std::span(items).subspan(begin, std::min(kProblemsAtOnce, items.size() - begin));
        Ids problems;
        std::unordered_map<std::int64_t, std::size_t> itemOf;
        for (const OpenItem& item : chunk) {
            problems.push_back(item.subjectId);
            itemOf.emplace(item.subjectId, begin + itemOf.size());
        }
        const auto solutions = reader.solutionsOf(problems);
        if (!solutions) {
            return fail(solutions.error());
        }
        const std::vector<Candidate> candidates = selectable(*solutions);
        std::unordered_map<std::int64_t, const Candidate*> byId;
        for (const Candidate& candidate : candidates) {
            byId.emplace(candidate.solutionId, &candidate);
        }
        SelectionCounts counts;
        for (const Pairing& pair : selectAndPair(candidates, selectionOf(plan), counts)) {
            const Candidate& candidate = *byId.at(pair.solutionId);
            groups[{candidate.student, candidate.correct}].push_back(
                {capRank(candidate, plan.seed), itemOf.at(candidate.problemId), pair});
        }
    }
    std::vector<Selected> selected;
    selected.reserve(items.size());
    for (const OpenItem& item : items) {
        selected.push_back({item, {}});
    }
    const auto cap =
        static_cast<std::size_t>(plan.recipe().capPerStudentAndClass.value_or(INT64_MAX));
    for (auto& [group, choices] : groups) {
        if (choices.size() > cap) {
            std::nth_element(choices.begin(), choices.begin() + static_cast<std::ptrdiff_t>(cap),
                             choices.end(),
                             [](const Choice& a, const Choice& b) { return a.rank < b.rank; });
            choices.resize(cap);
        }
        for (const Choice& choice : choices) {
            selected[choice.item].pairs.push_back(choice.pair);
        }
    }
    return selected;
}

} // namespace scrit::loop
