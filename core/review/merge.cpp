// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/review/answer_change.h"
#include "core/review/facts.h"
#include "core/review/pack.h"
#include "core/review/pack_file.h"
#include "core/review/pack_json.h"
#include "core/store/review_reader.h"
#include "core/store/review_writer.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace scrit::review {
namespace {

using base::ErrorCode;
using base::Expected;
using base::fail;
using model::SubjectKind;

constexpr std::size_t kMaxProblems = 100;

// One pack on its way into one write transaction.
class Merge {
public:
    Merge(store::Writer& writer, store::ReviewReader& reviews, const MergeOptions& options,
          const Rescorer& rescorer, const base::CancelToken& cancel)
        : m_writer(writer), m_reviewWriter(writer), m_reviews(reviews), m_options(options),
          m_rescorer(rescorer), m_cancel(cancel) {}

    Expected<MergeSummary> run(PackReader& file);

private:
    Expected<void> readLines(PackReader& file);
    Expected<void> take(const Json& json);
    Expected<void> takeObject(const std::string& type, const Json& json);
    Expected<void> takeItem(const PackItem& item);
    Expected<void> takeAnswer(PackAnswer answer);
    Expected<void> addPlan();
    Expected<void> refreshMarks();
    Expected<void> rescore();
    void note(const std::string& what);

    store::Writer& m_writer;
    store::ReviewWriter m_reviewWriter;
    store::ReviewReader& m_reviews;
    const MergeOptions& m_options;
    const Rescorer& m_rescorer;
    const base::CancelToken& m_cancel;
    PackHeader m_header;
    std::optional<store::ReviewPlanRow> m_plan;
    std::map<std::string, std::int64_t> m_problems; // ids of what the pack brings, by key
    std::map<std::string, std::int64_t> m_solutions;
    std::map<std::string, store::Stored> m_critiques;
    std::vector<store::ReviewItemRow> m_items;
    std::set<std::pair<std::string, std::int64_t>> m_marks;       // annotator, position
    std::map<std::int64_t, std::optional<std::string>> m_answers; // before, by problem
    MergeSummary m_summary;
    std::int64_t m_line = 0;
};

void Merge::note(const std::string& what) {
    ++m_summary.bad;
    if (m_summary.problems.size() < kMaxProblems) {
        m_summary.problems.push_back("line " + std::to_string(m_line) + ": " + what);
    }
}

Expected<MergeSummary> Merge::run(PackReader& file) {
    if (auto read = readLines(file); !read) {
        return fail(std::move(read.error()));
    }
    if (!m_header.answers && m_options.addItems && !m_plan) {
        if (auto added = addPlan(); !added) {
            return fail(std::move(added.error()));
        }
    }
    for (auto step : {&Merge::refreshMarks, &Merge::rescore}) {
        if (auto done = (this->*step)(); !done) {
            return fail(std::move(done.error()));
        }
    }
    if (m_plan) {
        m_summary.plan = m_plan->name;
    }
    return std::move(m_summary);
}

Expected<void> Merge::readLines(PackReader& file) {
    bool ended = false;
    for (;;) {
        if (m_cancel.isCancelled()) {
            return fail(ErrorCode::Cancelled, "interrupted", "nothing was merged");
        }
        const auto line = file.line();
        if (!line) {
            return fail(line.error());
        }
        if (!*line) {
            break;
        }
        ++m_line;
        const Json json = Json::parse(**line, nullptr, false);
        if (m_line == 1) {
            auto header = headerFrom(json);
            if (!header) {
                return fail(std::move(header.error()));
            }
            m_header = std::move(*header);
            auto plan = m_reviewWriter.planByUid(m_header.plan.uid);
            if (!plan) {
                return fail(std::move(plan.error()));
            }
            m_plan = std::move(*plan);
        } else if (!json.is_object()) {
            note("no JSON object");
        } else if (typeOf(json) == "end") {
            ended = linesOf(json) == m_line - 1;
            break;
        } else if (auto taken = take(json); !taken) {
            if (taken.error().code != ErrorCode::Parse) {
                return taken;
            }
            note(taken.error().message);
        }
    }
    if (!ended) {
        return fail(ErrorCode::Parse,
                    m_line == 0 ? "this is no review pack" : "the review pack is cut off",
                    "nothing was merged; fetch the file again");
    }
    return {};
}

Expected<void> Merge::take(const Json& json) {
    const std::string type = typeOf(json);
    if (type == "answer") {
        auto answer = answerFrom(json);
        if (!answer) {
            ++m_summary.answers;
            return fail(std::move(answer.error()));
        }
        return takeAnswer(std::move(*answer));
    }
    if (type == "item") {
        const auto item = itemFrom(json);
        return item ? takeItem(*item) : Expected<void>(fail(item.error()));
    }
    // Objects that are not to be added are not even read.
    return m_options.addItems ? takeObject(type, json) : Expected<void>{};
}

Expected<void> Merge::takeObject(const std::string& type, const Json& json) {
    const auto missing = [](const char* what) {
        return fail(ErrorCode::Parse, std::string(what) + " that the pack does not have");
    };
    if (type == "problem") {
        const auto problem = problemFrom(json);
        const auto stored = problem ? m_writer.addProblem(*problem)
                                    : Expected<store::Stored>(fail(problem.error()));
        if (!stored) {
            return fail(stored.error());
        }
        m_problems[problem->key] = stored->id;
        return {};
    }
    if (type == "solution") {
        auto read = solutionFrom(json);
        if (!read) {
            return fail(std::move(read.error()));
        }
        const auto problem = m_problems.find(read->problemKey);
        if (problem == m_problems.end()) {
            return missing("a solution of a problem");
        }
        read->solution.problemId = problem->second;
        const auto stored = m_writer.addSolution(read->solution);
        if (!stored) {
            return fail(stored.error());
        }
        m_solutions[read->solution.key] = stored->id;
        return {};
    }
    if (type == "critique") {
        auto read = critiqueFrom(json);
        if (!read) {
            return fail(std::move(read.error()));
        }
        const auto solution = m_solutions.find(read->solutionKey);
        if (solution == m_solutions.end()) {
            return missing("a critique of a solution");
        }
        read->critique.solutionId = solution->second;
        if (const auto reference = m_solutions.find(read->referenceKey);
            reference != m_solutions.end()) {
            read->critique.referenceId = reference->second;
        }
        const auto stored = m_writer.addCritique(read->critique);
        if (!stored) {
            return fail(stored.error());
        }
        m_critiques[read->critique.key] = *stored;
        return {};
    }
    if (type != "verdict") {
        return fail(ErrorCode::Parse, "a line of the unknown type \"" + type + "\"");
    }
    auto read = verdictFrom(json);
    if (!read) {
        return fail(std::move(read.error()));
    }
    const bool ofCritique = read->verdict.subject == SubjectKind::Critique;
    const auto critique = m_critiques.find(read->subjectKey);
    const auto solution = m_solutions.find(read->subjectKey);
    if (ofCritique ? critique == m_critiques.end() : solution == m_solutions.end()) {
        return missing("a verdict of something");
    }
    read->verdict.subjectId = ofCritique ? critique->second.id : solution->second;
    const auto stored = m_writer.addVerdict(read->verdict);
    return stored ? Expected<void>{} : fail(stored.error());
}

Expected<void> Merge::takeItem(const PackItem& item) {
    ++m_summary.items;
    const auto found = m_reviewWriter.findCritique(item.critiqueKey);
    if (!found) {
        return fail(found.error());
    }
    if (!*found) {
        ++m_summary.itemsUnknown;
        return {};
    }
    const auto brought = m_critiques.find(item.critiqueKey);
    const bool added = brought != m_critiques.end() && brought->second.added;
    ++(added ? m_summary.itemsAdded : m_summary.itemsExisting);
    store::ReviewItemRow row;
    row.position = item.position;
    row.critiqueId = (*found)->critiqueId;
    m_items.push_back(std::move(row));
    return {};
}

// The plan as its reviewer has it: without weights, strata and gold answers, which stay at home.
Expected<void> Merge::addPlan() {
    std::set<std::int64_t> critiques;
    for (std::size_t i = 0; i < m_items.size(); ++i) {
        if (m_items[i].position != static_cast<std::int64_t>(i) ||
            !critiques.insert(m_items[i].critiqueId).second) {
            return fail(ErrorCode::Parse, "the items of the review pack are not complete",
                        "nothing was merged; fetch the file again");
        }
    }
    store::ReviewPlanRow plan = m_header.plan;
    plan.settings = "{}";
    const auto taken = m_reviews.plans();
    if (!taken) {
        return fail(taken.error());
    }
    const auto isTaken = [&](const std::string& name) {
        return std::any_of(taken->begin(), taken->end(),
                           [&](const auto& one) { return one.name == name; });
    };
    for (int number = 2; isTaken(plan.name); ++number) {
        plan.name = m_header.plan.name + " (" + std::to_string(number) + ")";
    }
    const auto added = m_reviewWriter.addPlan(plan, m_items);
    if (!added) {
        return fail(added.error());
    }
    plan.id = *added;
    m_plan = std::move(plan);
    return {};
}

Expected<void> Merge::takeAnswer(PackAnswer answer) {
    ++m_summary.answers;
    const auto ids = m_reviewWriter.findCritique(answer.critiqueKey);
    if (!ids) {
        return fail(ids.error());
    }
    if (!*ids) {
        ++m_summary.unknown;
        return {};
    }
    for (model::Annotation& row : answer.annotations) {
        const bool ofProblem = row.subject == SubjectKind::Problem;
        row.subjectId = ofProblem ? (*ids)->problemId : (*ids)->critiqueId;
        if (ofProblem && !m_answers.contains(row.subjectId)) {
            const auto before = m_reviewWriter.annotations(SubjectKind::Problem, row.subjectId);
            if (!before) {
                return fail(before.error());
            }
            m_answers[row.subjectId] = answerInForce(*before);
        }
    }
    bool inPlan = false;
    if (m_plan) {
        const auto item = m_reviewWriter.item(m_plan->id, answer.entry.position);
        if (!item) {
            return fail(item.error());
        }
        inPlan = *item && (*item)->critiqueId == (*ids)->critiqueId;
    }
    if (!inPlan) {
        const auto added = m_reviewWriter.addAnnotations(answer.annotations, answer.entry.uid);
        if (!added) {
            return fail(added.error());
        }
        ++(*added > 0 ? m_summary.added : m_summary.existing);
        return {};
    }
    answer.entry.planId = m_plan->id;
    const auto stored = m_reviewWriter.addEntry(answer.entry, answer.annotations);
    if (!stored) {
        return fail(stored.error());
    }
    ++(stored->added ? m_summary.added : m_summary.existing);
    if (stored->added) {
        m_marks.emplace(answer.entry.annotator, answer.entry.position);
    }
    return {};
}

Expected<void> Merge::refreshMarks() {
    for (const auto& [annotator, position] : m_marks) {
        const auto item = m_reviewWriter.item(m_plan->id, position);
        if (!item) {
            return fail(item.error());
        }
        std::optional<int> gold;
        if (*item && !(*item)->gold.empty()) {
            const auto facts = m_reviews.facts((*item)->critiqueId);
            const auto annotations =
                m_reviewWriter.annotations(SubjectKind::Critique, (*item)->critiqueId);
            if (!facts || !annotations) {
                return fail(facts ? annotations.error() : facts.error());
            }
            gold = goldMark((*item)->gold, judgementOf(*annotations, annotator),
                            *facts ? opinionOf(**facts) : MachineOpinion{});
        }
        if (auto done = m_reviewWriter.refreshMark(m_plan->id, annotator, position, gold); !done) {
            return done;
        }
    }
    return {};
}

Expected<void> Merge::rescore() {
    for (const auto& [problem, before] : m_answers) {
        const auto annotations = m_reviewWriter.annotations(SubjectKind::Problem, problem);
        if (!annotations) {
            return fail(annotations.error());
        }
        const auto now = answerInForce(*annotations);
        if (now == before) {
            continue;
        }
        if (!m_rescorer) {
            return fail(ErrorCode::Invalid,
                        "the pack repairs answers of problems, which cannot be scored again here",
                        "use scrit review merge");
        }
        const auto verdicts = m_rescorer(problem, now);
        const auto added = verdicts ? addVerdicts(m_writer, *verdicts)
                                    : Expected<std::int64_t>(fail(verdicts.error()));
        if (!added) {
            return fail(added.error());
        }
        m_summary.rescored += *added;
    }
    return {};
}

} // namespace

Expected<MergeSummary> mergePack(store::Workspace& workspace, const std::filesystem::path& path,
                                 const MergeOptions& options, const Rescorer& rescorer,
                                 const base::CancelToken& cancel) {
    auto file = PackReader::open(path);
    if (!file) {
        return fail(std::move(file.error()));
    }
    const auto reader = workspace.reader();
    if (!reader) {
        return fail(reader.error());
    }
    store::ReviewReader reviews(**reader);
    MergeSummary summary;
    auto written = workspace.write([&](store::Writer& writer) -> Expected<void> {
        auto merged = Merge(writer, reviews, options, rescorer, cancel).run(**file);
        if (!merged) {
            return fail(merged.error().withContext("cannot merge " + path.string()));
        }
        summary = std::move(*merged);
        return {};
    });
    return written ? Expected<MergeSummary>(std::move(summary)) : fail(std::move(written.error()));
}

} // namespace scrit::review
