// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/loop/run_request.h"

#include "core/base/clock.h"
#include "core/loop/references.h"
#include "core/loop/run_plan.h"
#include "core/loop/run_problems.h"
#include "core/store/run_reader.h"
#include "core/store/run_writer.h"

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <utility>

namespace scrit::loop {
namespace {

using base::ErrorCode;
using base::Expected;
using base::fail;

constexpr std::size_t kItemsAtOnce = 4096;

Expected<void> checkModels(store::RunReader& runs, const RunRequest& request) {
    if (request.solveOnly && request.students.empty()) {
        return fail(ErrorCode::Invalid, "nobody solves", "name a student");
    }
    if (request.critic.empty() && !request.solveOnly) {
        return fail(ErrorCode::Invalid, "the run has no critic", "name one of the models");
    }
    std::vector<std::string> names = request.students;
    if (!request.critic.empty()) {
        names.push_back(request.critic);
    }
    if (!request.validator.empty()) {
        names.push_back(request.validator);
    }
    for (const std::string& name : names) {
        if (const auto model = runs.model(name); !model) {
            return fail(model.error());
        }
    }
    if (std::set<std::string>(request.students.begin(), request.students.end()).size() !=
        request.students.size()) {
        return fail(ErrorCode::Invalid, "a student is named twice",
                    "several answers of one student are its samples, see the recipe");
    }
    return {};
}

// Whether more solutions of a student and class can come together than the cap lets through.
Expected<bool> capCanBind(store::RunReader& runs, const RunPlan& plan,
                          std::span<const std::int64_t> problems) {
    const auto cap = plan.recipe().capPerStudentAndClass;
    if (!cap) {
        return false;
    }
    std::map<std::string, std::int64_t> most;
    for (const std::string& student : plan.request().students) {
        most[student] = static_cast<std::int64_t>(problems.size()) * plan.recipe().student.samples;
    }
    for (std::size_t at = 0; at < problems.size(); at += kProblemsAtOnce) {
        const auto solutions =
            runs.solutionsOf(problems.subspan(at, std::min(kProblemsAtOnce, problems.size() - at)));
        if (!solutions) {
            return fail(solutions.error());
        }
        for (const store::SelectableSolution& solution : *solutions) {
            ++most[solution.student];
        }
    }
    return std::any_of(most.begin(), most.end(),
                       [&](const auto& student) { return student.second > *cap; });
}

// Collects items and stores them a few thousand at a time.
class Planner {
public:
    Planner(store::RunWriter& runs, std::int64_t runId) : m_runs(runs), m_runId(runId) {}

    Expected<void> add(const StagePlan& stage, std::int64_t subject, int sample) {
        model::WorkItem& item = m_items.emplace_back();
        item.runId = m_runId;
        item.stage = stage.name;
        item.subject = stage.subject;
        item.subjectId = subject;
        item.sample = sample;
        return m_items.size() >= kItemsAtOnce ? flush() : Expected<void>{};
    }
    Expected<void> flush() {
        const auto planned = m_runs.planItems(m_items);
        m_items.clear();
        return planned ? Expected<void>{} : fail(planned.error());
    }

private:
    store::RunWriter& m_runs;
    std::int64_t m_runId;
    std::vector<model::WorkItem> m_items;
};

Expected<void> planFirst(Planner& planner, const RunPlan& plan, const SubjectsOfSet& subjects) {
    for (const StagePlan& stage : plan.stages) {
        const bool ofProblems = stage.subject == model::SubjectKind::Problem;
        if (!ofProblems && stage.kind != StageKind::Critique) {
            continue;
        }
        const int samples = stage.kind == StageKind::Select ? 1 : stage.role.samples;
        for (const std::int64_t id : ofProblems ? subjects.problems : subjects.solutions) {
            for (int sample = 0; sample < samples; ++sample) {
                if (auto done = planner.add(stage, id, sample); !done) {
                    return done;
                }
            }
        }
    }
    return planner.flush();
}

Expected<std::int64_t> storeRun(store::Workspace& workspace, const model::Run& run,
                                const RunPlan& plan, const SubjectsOfSet& subjects,
                                const StoreAlongside& alongside) {
    std::int64_t runId = 0;
    const auto written = workspace.write([&](store::Writer& writer) -> Expected<void> {
        store::RunWriter runs(writer);
        const auto added = runs.addRun(run);
        if (!added) {
            return fail(added.error());
        }
        runId = *added;
        Planner planner(runs, runId);
        if (auto planned = planFirst(planner, plan, subjects); !planned) {
            return planned;
        }
        return alongside ? alongside(writer, runId) : Expected<void>{};
    });
    if (!written) {
        return fail(written.error());
    }
    return runId;
}

// What a filter gives, with what its run needs apart from items.
Expected<SubjectsOfSet> subjectsOfFilter(store::Workspace& workspace, store::RunReader& runs,
                                         RunPlan& plan) {
    auto problems = problemsOfRun(runs, plan.request());
    if (!problems) {
        return fail(problems.error());
    }
    if (plan.recipe().reference != ReferenceSource::Solutions) {
        if (auto stored = storeReferences(workspace, runs, *problems); !stored) {
            return fail(std::move(stored.error()));
        }
    }
    const auto binds = capCanBind(runs, plan, *problems);
    if (!binds) {
        return fail(binds.error());
    }
    plan.settings.capOverAll = *binds;
    return SubjectsOfSet{std::move(*problems), {}};
}

} // namespace

Expected<std::int64_t> createRun(store::Workspace& workspace, const RunRequest& request,
                                 const StoreAlongside& alongside) {
    auto prompts = loadPrompts(request.recipe);
    if (!prompts) {
        return fail(std::move(prompts.error()));
    }
    auto plan = makePlan({request, std::move(*prompts), false}, 0);
    if (!plan) {
        return fail(std::move(plan.error()));
    }
    const auto reader = workspace.reader();
    if (!reader) {
        return fail(reader.error());
    }
    store::RunReader runs(**reader);
    if (auto known = checkModels(runs, request); !known) {
        return fail(std::move(known.error()));
    }
    const auto subjects = request.evaluation ? subjectsOfSet(**reader, *request.evaluation)
                                             : subjectsOfFilter(workspace, runs, *plan);
    if (!subjects) {
        return fail(subjects.error());
    }
    model::Run run;
    run.recipe = request.recipe.name;
    run.recipeText = request.recipe.text;
    run.settings = settingsJson(plan->settings);
    run.filter = request.filter;
    run.seed = plan->seed;
    run.roundId = request.roundId;
    run.createdAt = base::unixMillis();
    return storeRun(workspace, run, *plan, *subjects, alongside);
}

Expected<RunRequest> requestOfRun(const model::Run& run) {
    auto settings = settingsOfRun(run);
    if (!settings) {
        return fail(std::move(settings.error()));
    }
    return std::move(settings->request);
}

Expected<void> changeCaps(store::Workspace& workspace, std::int64_t runId, const RunCaps& caps) {
    const auto reader = workspace.reader();
    if (!reader) {
        return fail(reader.error());
    }
    const auto run = store::RunReader(**reader).run(runId);
    if (!run) {
        return fail(run.error());
    }
    auto settings = settingsOfRun(*run);
    if (!settings) {
        return fail(std::move(settings.error()));
    }
    settings->request.caps = caps;
    return workspace.write([&](store::Writer& writer) {
        return store::RunWriter(writer).setRunSettings(runId, settingsJson(*settings));
    });
}

} // namespace scrit::loop
