// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/loop/export_plan.h"

#include "core/base/hash.h"
#include "core/curate/split.h"
#include "core/format/views.h"
#include "core/loop/selection.h"
#include "core/store/evaluation_reader.h"

#include <array>
#include <charconv>
#include <filesystem>
#include <unordered_map>

namespace scrit::loop {
namespace {

using base::ErrorCode;
using base::Expected;

constexpr std::array<std::string_view, 3> kSplits{"train", "validation", "test"};

Expected<void> checkOptions(const ExportJobOptions& options, const format::View& view) {
    const auto invalid = [](std::string what, std::string advice) -> Expected<void> {
        return base::fail(ErrorCode::Invalid, std::move(what), std::move(advice));
    };
    const auto isShare = [](double share) {
        return share >= 0 && share <= 1;
    };
    if (!isShare(options.validationShare) || !isShare(options.testShare) ||
        options.validationShare + options.testShare > 1) {
        return invalid("the shares of validation and test make no split",
                       "give two numbers from 0 to 1, at most 1 together");
    }
    if (options.nearDuplicates && !(*options.nearDuplicates > 0 && *options.nearDuplicates <= 1)) {
        return invalid("a similarity lies above 0 and is at most 1", "0.8 is a good start");
    }
    const std::string name(view.info().name);
    if (view.info().pairs && options.balance) {
        return invalid("the view " + name + " cannot be balanced",
                       "a row of it holds two critiques; leave the balance out");
    }
    if (view.info().pairs && options.examples > 0) {
        return invalid("the view " + name + " cannot be cut to a number of examples",
                       "a row of it holds two critiques; leave the number out");
    }
    if (!view.info().pairs && options.pairsPerSolution > 0) {
        return invalid("the view " + name + " has no pairs", "take the view dpo");
    }
    return {};
}

std::string decimal(double value) {
    std::array<char, 32> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
    return {buffer.data(), end};
}

// Numbers for names in order of first appearance.
class Numbers {
public:
    std::uint32_t of(const std::string& name) {
        return m_numbers.try_emplace(name, static_cast<std::uint32_t>(m_numbers.size()))
            .first->second;
    }

private:
    std::unordered_map<std::string, std::uint32_t> m_numbers;
};

std::int8_t sideOf(const format::ExportItem& item, Preference preference) {
    const std::optional<model::Outcome> outcome = format::outcomeOf(
        item, model::SubjectKind::Critique,
        preference == Preference::SelfValidation ? model::verifier::kSelfValidation
                                                 : model::verifier::kAnswerMatch);
    if (!outcome || *outcome == model::Outcome::Undecided) {
        return -1;
    }
    return *outcome == model::Outcome::Yes ? std::int8_t{1} : std::int8_t{0};
}

std::int8_t splitNumber(std::string_view name) {
    for (std::size_t i = 0; i < kSplits.size(); ++i) {
        if (kSplits[i] == name) {
            return static_cast<std::int8_t>(i);
        }
    }
    return 0;
}

} // namespace

std::string_view splitName(std::int8_t split) {
    return kSplits.at(static_cast<std::size_t>(split));
}

Expected<std::unique_ptr<ExportPlan>> ExportPlan::make(store::Workspace& workspace,
                                                       const ExportJobOptions& options,
                                                       const ProgressFunction& progress,
                                                       const base::CancelToken& cancel) {
    const Expected<const format::View*> view = format::viewNamed(options.view);
    if (!view) {
        return base::fail(view.error());
    }
    if (Expected<void> usable = checkOptions(options, **view); !usable) {
        return base::fail(usable.error());
    }
    Expected<std::unique_ptr<store::Reader>> reader = workspace.reader();
    if (!reader) {
        return base::fail(reader.error());
    }
    const Expected<std::int64_t> total =
        (*reader)->count({store::ListOf::Critiques, options.filter, {}, false});
    if (!total) {
        return base::fail(total.error());
    }
    Expected<curate::GramSet> evaluation =
        readEvaluationSets(**reader, options.evaluationSets, cancel);
    if (!evaluation) {
        return base::fail(evaluation.error());
    }
    std::vector<std::int64_t> heldOut;
    if ((*view)->info().forTraining && !options.keepHeldOut) {
        auto frozen = store::EvaluationReader(**reader).allProblems();
        if (!frozen) {
            return base::fail(std::move(frozen.error()));
        }
        heldOut = std::move(*frozen);
    }
    std::unique_ptr<ExportPlan> plan(new ExportPlan(options, progress, cancel, **view,
                                                    std::move(*reader), std::move(*evaluation),
                                                    std::move(heldOut)));
    plan->m_selected = static_cast<std::uint64_t>(*total);
    plan->m_progress.stage = "export";
    if (Expected<void> known = plan->readDifficulty(); !known) {
        return base::fail(known.error());
    }
    return plan;
}

bool ExportPlan::needsSurvey() const {
    return m_options.perSource > 0 || m_options.perStudent > 0 || m_options.balance ||
           m_options.examples > 0 || m_view->info().pairs;
}

// By the answers of all candidates in the workspace, also of those that nobody criticised.
Expected<void> ExportPlan::readDifficulty() {
    if (m_options.order != curate::Order::EasyFirst &&
        m_options.order != curate::Order::HardFirst) {
        return {};
    }
    auto counts = m_reader->uniqueAnswers(m_cancel);
    if (!counts) {
        return m_cancel.isCancelled() ? exportCancelled() : base::fail(std::move(counts.error()));
    }
    m_uniqueAnswers = std::move(*counts);
    return {};
}

std::string_view ExportPlan::splitOf(const format::ExportItem& item) const {
    return curate::splitOfProblem(item.problem.key,
                                  {m_options.validationShare, m_options.testShare}, m_options.seed);
}

std::uint64_t ExportPlan::orderKeyOf(const format::ExportItem& item) const {
    const auto answers = m_uniqueAnswers.find(item.problem.id);
    return curate::orderKey(m_options.order, answers == m_uniqueAnswers.end() ? 0 : answers->second,
                            base::hash64(item.critique.key, m_options.seed));
}

std::vector<std::pair<std::string, std::string>> ExportPlan::settings() const {
    std::vector<std::pair<std::string, std::string>> list;
    const auto add = [&list](std::string name, std::string value) {
        list.emplace_back(std::move(name), std::move(value));
    };
    const ExportJobOptions& o = m_options;
    if (o.keepHeldOut) {
        add("problems of frozen evaluation sets", "kept");
    }
    if (o.keepLeaks) {
        add("mentions of the reference", "kept");
    }
    if (o.keepCopies) {
        add("copies of the reference", "kept");
    }
    for (const EvaluationSet& set : o.evaluationSets) {
        EvaluationSet shown = set;
        if (set.kind == EvaluationSet::Kind::File) { // where it lies is nobody's business
            shown.value = std::filesystem::path(set.value).filename().string();
        }
        add("decontaminated against", text(shown));
    }
    if (!o.evaluationSets.empty()) {
        add("protected problems", std::to_string(m_evaluation.texts()));
    }
    if (o.dropDuplicates) {
        add("exact duplicates", "dropped");
    }
    if (o.nearDuplicates) {
        add("near duplicates", "dropped from similarity " + decimal(*o.nearDuplicates));
    }
    if (o.perSource > 0) {
        add("most of one source", std::to_string(o.perSource));
    }
    if (o.perStudent > 0) {
        add("most of one student", std::to_string(o.perStudent));
    }
    if (o.balance) {
        add("balance of correct to incorrect",
            std::to_string(o.balance->correct) + ":" + std::to_string(o.balance->incorrect));
    }
    if (o.examples > 0) {
        add("most examples", std::to_string(o.examples));
    }
    if (m_view->info().pairs) {
        add("chosen against rejected by",
            o.preference == Preference::SelfValidation ? "self-validation" : "answer match");
        if (o.pairsPerSolution > 0) {
            add("most pairs of one solution", std::to_string(o.pairsPerSolution));
        }
    }
    if (o.order != curate::Order::Stored) {
        add("order", std::string(curate::name(o.order)));
    }
    if (o.validationShare > 0) {
        add("share of validation", decimal(o.validationShare));
    }
    if (o.testShare > 0) {
        add("share of test", decimal(o.testShare));
    }
    return list;
}

Expected<PassCounts> ExportPlan::pass(bool wantRows, const ExportPass::Sink& sink) {
    return ExportPass(*m_reader, m_judge, m_options)
        .run(wantRows, sink, m_progress, m_throttle, m_cancel);
}

Expected<ExportSelection> selectForExport(ExportPlan& plan,
                                          const std::function<void(JudgedItem&&)>& dropped) {
    const ExportJobOptions& options = plan.options();
    const bool pairs = plan.view().info().pairs;
    Numbers sources;
    Numbers students;
    ExportSelection selection;
    std::vector<curate::Candidate>& candidates = selection.chosen;
    Expected<PassCounts> counts = plan.pass(false, [&](JudgedItem&& judged) -> Expected<bool> {
        if (!judged.droppedBy.empty()) {
            if (dropped) {
                dropped(std::move(judged));
            }
            return true;
        }
        const format::ExportItem& item = judged.item;
        curate::Candidate& candidate = candidates.emplace_back();
        candidate.id = item.critique.id;
        candidate.rank = base::hash64(item.critique.key, options.seed);
        candidate.group = item.solution.id;
        candidate.source = sources.of(item.problem.source);
        candidate.student = students.of(item.solution.author);
        if (item.critique.parsed.conclusion) {
            candidate.conclusion =
                *item.critique.parsed.conclusion == model::Conclusion::Correct ? 0 : 1;
        }
        candidate.preferred = pairs ? sideOf(item, options.preference) : std::int8_t{-1};
        candidate.split = splitNumber(plan.splitOf(item));
        candidate.order = plan.orderKeyOf(item);
        return true;
    });
    if (!counts) {
        return base::fail(counts.error());
    }
    selection.counts = std::move(*counts);
    selection.funnel = selection.counts.funnel(options);
    const auto stage = [&](std::string_view name, std::uint64_t gone) {
        selection.funnel.push_back({std::string(name), selection.funnel.back().left - gone, gone});
    };
    if (options.perSource > 0) {
        stage(export_stage::kSourceCap, curate::capPerSource(candidates, options.perSource));
    }
    if (options.perStudent > 0) {
        stage(export_stage::kStudentCap, curate::capPerStudent(candidates, options.perStudent));
    }
    if (options.balance) {
        stage(export_stage::kBalanced, curate::balance(candidates, *options.balance));
    }
    if (options.examples > 0) {
        stage(export_stage::kSized, curate::capAll(candidates, options.examples, options.balance));
    }
    if (pairs) {
        selection.pairs = curate::makePairs(candidates, options.pairsPerSolution);
        stage(export_stage::kPaired, candidates.size() - 2 * selection.pairs.size());
        candidates = {};
    }
    return selection;
}

} // namespace scrit::loop
