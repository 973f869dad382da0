// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/loop/export_pass.h"

#include "core/critique/red_flags.h"
#include "core/loop/ordered_pool.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace scrit::loop {
namespace {

using base::Expected;

// Critiques that travel to a worker together: enough that handing them over costs nothing, little
// enough that the memory under way stays small.
constexpr std::size_t kBatchItems = 64;
constexpr std::size_t kBatchBytes = std::size_t{512} << 10U;
constexpr std::size_t kBatchesUnderWay = 12;

std::size_t sizeOf(const format::ExportItem& item) {
    return item.problem.text.size() + item.solution.text.size() + item.critique.text.size() +
           (item.reference ? item.reference->text.size() : 0);
}

// Neighbours share problem, solution and often the reference.
const critique::CopyDetector& detectorFor(std::string_view reference, std::string_view problem,
                                          std::string_view candidate) {
    struct Known {
        std::string reference;
        std::string problem;
        std::string candidate;
        critique::CopyDetector detector;
    };
    thread_local Known known;
    if (known.reference != reference || known.problem != problem || known.candidate != candidate) {
        known.reference = reference;
        known.problem = problem;
        known.candidate = candidate;
        known.detector.setTexts(reference, problem, candidate);
    }
    return known.detector;
}

} // namespace

tl::unexpected<base::Error> exportCancelled() {
    return base::fail(base::ErrorCode::Cancelled, "the export was stopped",
                      "nothing was written; run it again");
}

format::ExportItem itemOf(store::TraceRecord&& record) {
    return {std::move(record.problem),   std::move(*record.solution),
            std::move(*record.critique), std::move(record.reference),
            std::move(record.verdicts),  std::move(record.annotations)};
}

std::string_view referenceOf(const format::ExportItem& item) {
    if (item.reference) {
        return item.reference->text;
    }
    const bool maySee = item.critique.mode == model::CritiqueMode::Contrastive ||
                        item.critique.mode == model::CritiqueMode::Recorded;
    return maySee ? std::string_view(item.problem.referenceSolution) : std::string_view{};
}

std::string_view ItemJudge::leakStage(const format::ExportItem& item,
                                      std::string_view target) const {
    if (target.empty()) {
        return {}; // the view learns nothing that a critic wrote
    }
    if (!m_options.keepLeaks && (item.critique.parsed.flags.has(model::Flag::Leak) ||
                                 !critique::leakSpans(target).empty())) {
        return export_stage::kNoMention;
    }
    const std::string_view reference =
        m_options.keepCopies ? std::string_view{} : referenceOf(item);
    if (!reference.empty() && !detectorFor(reference, item.problem.text, item.solution.text)
                                   .copiedSpans(target)
                                   .empty()) {
        return export_stage::kNoCopy;
    }
    return {};
}

JudgedItem ItemJudge::judge(format::ExportItem&& item, bool wantRow) const {
    JudgedItem judged;
    judged.item = std::move(item);
    const format::ExportItem& it = judged.item;
    if (std::optional<std::string> gap = m_view.gap(it)) {
        judged.gap = std::move(*gap);
        judged.droppedBy = export_stage::kReadable;
        return judged;
    }
    if (std::binary_search(m_heldOut.begin(), m_heldOut.end(), it.problem.id)) {
        judged.droppedBy = export_stage::kTrainable;
        return judged;
    }
    const bool compared = m_options.dropDuplicates || m_options.nearDuplicates;
    const bool looked =
        !m_options.keepLeaks || !m_options.keepCopies || compared || !m_evaluation.empty();
    std::string target = looked ? m_view.target(it) : std::string{};
    judged.droppedBy = leakStage(it, target);
    if (!judged.droppedBy.empty()) {
        return judged;
    }
    if (!m_evaluation.empty() &&
        (m_evaluation.overlap(it.problem.text) || m_evaluation.overlap(it.solution.text) ||
         m_evaluation.overlap(target))) {
        judged.droppedBy = export_stage::kClean;
        return judged;
    }
    if (wantRow || (compared && target.empty())) {
        Expected<std::string> row = m_view.render(it);
        if (!row) {
            judged.failure = std::move(row.error());
            return judged;
        }
        if (compared && target.empty()) {
            target = *row; // labels are all that it says
        }
        judged.row = std::move(*row);
    }
    const std::array<std::string_view, 3> texts{it.problem.text, it.solution.text, target};
    if (m_options.dropDuplicates) {
        judged.exact = curate::looseHash(texts);
    }
    if (m_options.nearDuplicates) {
        judged.sketch = curate::ShingleSketch::of(texts);
    }
    return judged;
}

std::vector<ExportStage> PassCounts::funnel(const ExportJobOptions& options) const {
    std::vector<ExportStage> stages{{std::string(export_stage::kSelected), selected, 0}};
    const auto add = [&](std::string_view name, bool wanted) {
        if (wanted) {
            const auto found = dropped.find(name);
            const std::uint64_t gone = found == dropped.end() ? 0 : found->second;
            stages.push_back({std::string(name), stages.back().left - gone, gone});
        }
    };
    add(export_stage::kReadable, true);
    add(export_stage::kTrainable, heldOut);
    add(export_stage::kNoMention, !options.keepLeaks);
    add(export_stage::kNoCopy, !options.keepCopies);
    add(export_stage::kClean, !options.evaluationSets.empty());
    add(export_stage::kDistinct, options.dropDuplicates);
    add(export_stage::kDissimilar, options.nearDuplicates.has_value());
    return stages;
}

Expected<PassCounts> ExportPass::run(bool wantRows, const Sink& sink, JobProgress& progress,
                                     ProgressThrottle& throttle, const base::CancelToken& cancel) {
    using Batch = std::vector<format::ExportItem>;
    using JudgedBatch = std::vector<JudgedItem>;
    PassCounts counts;
    counts.heldOut = m_judge.holdsOut();
    curate::ExactSet seen;
    curate::NearSet near(m_options.nearDuplicates.value_or(1));
    bool ended = false;
    const auto take = [&](JudgedItem&& judged) -> Expected<void> {
        if (judged.failure) {
            return base::fail(*judged.failure);
        }
        if (judged.droppedBy.empty() && m_options.dropDuplicates && !seen.add(judged.exact)) {
            judged.droppedBy = export_stage::kDistinct;
        }
        if (judged.droppedBy.empty() && m_options.nearDuplicates && !near.add(judged.sketch)) {
            judged.droppedBy = export_stage::kDissimilar;
        }
        ++counts.selected;
        if (!judged.droppedBy.empty()) {
            ++counts.dropped[std::string(judged.droppedBy)];
        }
        if (!judged.gap.empty()) {
            ++counts.gaps[judged.gap];
        }
        const Expected<bool> more = sink(std::move(judged));
        ended = more && !*more;
        return more ? Expected<void>{} : base::fail(more.error());
    };
    OrderedPool<Batch, JudgedBatch> pool(
        workerThreads(0), kBatchesUnderWay,
        [&](Batch&& batch) {
            JudgedBatch out;
            out.reserve(batch.size());
            for (format::ExportItem& item : batch) {
                out.push_back(m_judge.judge(std::move(item), wantRows));
            }
            return out;
        },
        [&](JudgedBatch&& batch) -> Expected<void> {
            for (JudgedItem& judged : batch) {
                if (ended) {
                    break;
                }
                if (Expected<void> taken = take(std::move(judged)); !taken) {
                    return taken;
                }
            }
            return {};
        });
    Batch batch;
    std::size_t bytes = 0;
    const Expected<void> read = m_reader.forEachRecord(
        {store::ListOf::Critiques, m_options.filter, {}, false},
        [&](store::TraceRecord&& record) -> Expected<bool> {
            if (cancel.isCancelled()) {
                return exportCancelled();
            }
            ++progress.done;
            progress.items = progress.done;
            throttle.tell(progress);
            if (!record.solution || !record.critique) {
                return true;
            }
            batch.push_back(itemOf(std::move(record)));
            bytes += sizeOf(batch.back());
            if (batch.size() < kBatchItems && bytes < kBatchBytes) {
                return !ended;
            }
            bytes = 0;
            if (Expected<void> pushed = pool.push(std::exchange(batch, {})); !pushed) {
                return base::fail(pushed.error());
            }
            return !ended;
        });
    if (!read) {
        return base::fail(read.error());
    }
    if (!batch.empty() && !ended) {
        if (Expected<void> pushed = pool.push(std::move(batch)); !pushed) {
            return base::fail(pushed.error());
        }
    }
    if (!ended) {
        if (Expected<void> drained = pool.drain(); !drained) {
            return base::fail(drained.error());
        }
    }
    return counts;
}

} // namespace scrit::loop
