// SPDX-License-Identifier: GPL-3.0-or-later
// The stage "curate" of a round: which critiques it is trained on.
#include "core/base/hash.h"
#include "core/loop/evaluation_set.h"
#include "core/loop/export_driver.h"
#include "core/loop/round_steps.h"
#include "core/store/run_reader.h"

#include <algorithm>
#include <array>
#include <utility>

namespace scrit::loop {
namespace {

using base::ErrorCode;
using base::Expected;
using base::fail;

// What a looser policy would let through, in words and as an option of `scrit evolve`.
struct Way {
    std::string_view stage;
    std::string_view text;
};
constexpr std::array<Way, 5> kWays{
    {{export_stage::kNoMention, "keep what mentions the reference (--keep-leaks)"},
     {export_stage::kNoCopy, "keep copies of the reference (--keep-copies)"},
     {export_stage::kClean,
      "keep what shares words with evaluation problems (--no-decontamination)"},
     {export_stage::kDistinct, "keep duplicates (--keep-duplicates)"},
     {export_stage::kBalanced, "take conclusions as they come (--balance any)"}}};

// Why nothing is left to train on, and what to do.
base::Error emptySet(const ExportSummary& summary, const std::string& filter,
                     std::int64_t critiques, bool selfValidation) {
    if (critiques == 0) {
        return {ErrorCode::NotFound, "the training set is empty: no critique was made",
                "give the problems solutions: name a student (--student) or import some"};
    }
    std::string gone;
    std::string ways;
    for (const ExportStage& stage : summary.funnel) {
        if (stage.dropped == 0) {
            continue;
        }
        gone += (gone.empty() ? ", of which " : "; ") + std::to_string(stage.dropped) + " " +
                std::string(dropReason(stage.name));
        const auto* way = std::find_if(kWays.begin(), kWays.end(),
                                       [&](const Way& one) { return one.stage == stage.name; });
        if (way != kWays.end()) {
            ways += (ways.empty() ? "" : ", or ") + std::string(way->text);
        }
    }
    std::string advice = "take more problems";
    if (summary.selected() == 0 && selfValidation) {
        advice = "look at those that did not pass (validated:no), or begin another series that "
                 "trains on all (--no-self-validation)";
    } else if (!ways.empty()) {
        advice = "begin another series: " + ways;
    }
    return {ErrorCode::NotFound,
            "the training set is empty: of " + std::to_string(critiques) + " critiques " +
                std::to_string(summary.selected()) + " match " + filter + gone,
            advice + "; answers that are stored already are not asked for again"};
}

} // namespace

Expected<void> RoundWorker::doCurate() {
    const auto reader = m_workspace->reader();
    if (!reader) {
        return fail(reader.error());
    }
    store::RunReader runs(**reader);
    const auto job = jobOf(*m_workspace, runs, m_request, m_round.number);
    const auto trainer = m_context.makeTrainer(m_request.trainer.trainer);
    const auto view = !trainer ? fail(trainer.error())
                      : !job   ? fail(job.error())
                               : (*trainer)->exportView(*job);
    const auto balance = view ? balanceOf(m_request) : fail(view.error());
    if (!balance) {
        return fail(balance.error());
    }
    const EvolutionPolicy& policy = m_request.policy;
    std::vector<std::int64_t> used;
    for (const RoundReport& report : m_reports) {
        const bool own = report.number == m_round.number;
        if (report.runId != 0 && (own || policy.data == DataUse::Accumulate)) {
            used.push_back(report.runId);
        }
    }
    ExportJobOptions options;
    options.view = *view;
    options.folder = folderOf(*m_workspace, m_request, m_round.number) / "data";
    options.filter = datasetFilter(policy, used);
    options.seed = base::hash64("dataset", m_request.seed);
    options.keepLeaks = policy.keepLeaks;
    options.keepCopies = policy.keepCopies;
    options.dropDuplicates = policy.dropDuplicates;
    if (policy.decontaminate) {
        for (const std::string& set : m_request.sets) {
            options.evaluationSets.push_back({EvaluationSet::Kind::Frozen, set});
        }
    }
    options.examples = policy.examples;
    options.balance = *balance;
    options.order = policy.order;
    options.replace = true;
    options.title = m_round.series + ", round " + std::to_string(m_round.number);
    if (auto clean = refuseFrozen(*m_workspace, store::ListOf::Critiques, options.filter); !clean) {
        return clean;
    }
    const auto summary = exportDataset(
        *m_workspace, options,
        [this](const JobProgress& progress) {
            tell(progress.total > 0
                     ? static_cast<double>(progress.done) / static_cast<double>(progress.total)
                     : -1,
                 std::to_string(progress.done) + " critiques");
        },
        m_context.cancel);
    if (!summary) {
        return fail(summary.error());
    }
    m_report.curated.clear();
    for (const ExportStage& stage : summary->funnel) {
        m_report.curated.emplace_back(stage.name, static_cast<std::int64_t>(stage.left));
    }
    m_report.kept = static_cast<std::int64_t>(summary->dataset.rows);
    m_report.dataset = options.folder.string();
    if (summary->dataset.rows == 0) {
        return fail(emptySet(*summary, options.filter,
                             m_report.funnel ? m_report.funnel->critiques : 0,
                             policy.selfValidation));
    }
    return {};
}

} // namespace scrit::loop
