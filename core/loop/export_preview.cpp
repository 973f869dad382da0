// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/curate/tokens.h"
#include "core/loop/export_plan.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

namespace scrit::loop {
namespace {

using base::Expected;

// Marks leaks in what is learned, where the view learns a critic's words at all.
PreviewTurn previewTurn(format::Turn&& turn, const format::ExportItem& item, bool marks) {
    PreviewTurn shown;
    shown.role = std::move(turn.role);
    shown.text = std::move(turn.text);
    shown.learned = turn.learned;
    shown.tokens = curate::approximateTokens(shown.text);
    if (turn.learned && marks) {
        critique::TargetLeaks leaks = critique::targetLeaks(shown.text, referenceOf(item),
                                                            item.problem.text, item.solution.text);
        shown.mentions = std::move(leaks.mentions);
        shown.copies = std::move(leaks.copies);
    }
    return shown;
}

PreviewRow previewRow(const ExportPlan& plan, const format::ExportItem& item,
                      const format::ExportItem* rejected, std::string_view droppedBy) {
    PreviewRow row;
    row.critiqueId = item.critique.id;
    row.rejectedId = rejected != nullptr ? rejected->critique.id : 0;
    row.solutionId = item.solution.id;
    row.problemId = item.problem.id;
    row.droppedBy = droppedBy;
    row.split = plan.splitOf(item);
    const format::View& view = plan.view();
    if (!view.info().pairs || rejected != nullptr) {
        const Expected<std::string> text =
            rejected != nullptr ? view.renderPair(item, *rejected) : view.render(item);
        row.text = text.value_or(std::string{});
    }
    Expected<std::vector<format::Turn>> turns = view.turns(item, rejected);
    if (!turns) { // what there is of it
        turns = std::vector<format::Turn>{{"problem", item.problem.text, false},
                                          {"solution", item.solution.text, false},
                                          {"critique", item.critique.text, false}};
    }
    const bool marks = !view.target(item).empty();
    for (format::Turn& turn : *turns) {
        const bool isRejected = turn.role == "rejected" && rejected != nullptr;
        row.turns.push_back(previewTurn(std::move(turn), isRejected ? *rejected : item, marks));
        row.tokens += row.turns.back().tokens;
        row.learnedTokens += row.turns.back().learned ? row.turns.back().tokens : 0;
    }
    return row;
}

class PreviewJob {
public:
    PreviewJob(ExportPlan& plan, const PreviewOptions& preview) : m_plan(plan), m_wanted(preview) {}

    Expected<ExportPreview> run() {
        m_plan.expectPasses(1);
        const bool whole = m_wanted.wholeFunnel;
        const bool survey = m_plan.view().info().pairs || (whole && m_plan.needsSurvey());
        const Expected<void> done = survey ? bySelection() : byStream(!whole);
        if (!done) {
            return base::fail(done.error());
        }
        m_preview.funnelIsWhole = whole || survey;
        for (const ExportStage& stage : m_preview.funnel) {
            auto& examples = m_dropped[stage.name];
            std::move(examples.begin(), examples.end(), std::back_inserter(m_preview.dropped));
        }
        for (const PreviewRow& row : m_preview.examples) {
            m_preview.tokens += row.tokens;
        }
        m_plan.throttle().tellNow(m_plan.progress());
        return std::move(m_preview);
    }

private:
    void noteDropped(const JudgedItem& judged) {
        std::vector<PreviewRow>& examples = m_dropped[std::string(judged.droppedBy)];
        if (examples.size() < m_wanted.droppedPerStage) {
            examples.push_back(previewRow(m_plan, judged.item, nullptr, judged.droppedBy));
        }
    }

    // Without steps that see all candidates. The first rows in order are kept as they come: `first`
    // holds at most as many as are wanted.
    Expected<void> byStream(bool endEarly) {
        std::multimap<std::uint64_t, format::ExportItem> first;
        const Expected<PassCounts> counts =
            m_plan.pass(false, [&](JudgedItem&& judged) -> Expected<bool> {
                if (!judged.droppedBy.empty()) {
                    noteDropped(judged);
                    return true;
                }
                ++m_preview.rows;
                ++m_preview.rowsBySplit[std::string(m_plan.splitOf(judged.item))];
                // Without all of them the first of an order are not known: those that come first.
                const std::uint64_t key = endEarly ? 0 : m_plan.orderKeyOf(judged.item);
                if (first.size() < m_wanted.rows ||
                    (!first.empty() && key < first.rbegin()->first)) {
                    first.emplace(key, std::move(judged.item)); // behind its equals
                    if (first.size() > m_wanted.rows) {
                        first.erase(std::prev(first.end()));
                    }
                }
                return !endEarly || first.size() < m_wanted.rows;
            });
        if (!counts) {
            return base::fail(counts.error());
        }
        m_preview.funnel = counts->funnel(m_plan.options());
        for (const auto& [key, item] : first) {
            m_preview.examples.push_back(previewRow(m_plan, item, nullptr, {}));
        }
        return {};
    }

    struct Chosen {
        std::uint64_t order;
        std::int64_t id;
        std::int64_t rejected;
    };

    Expected<void> bySelection() {
        Expected<ExportSelection> selection =
            selectForExport(m_plan, [this](JudgedItem&& judged) { noteDropped(judged); });
        if (!selection) {
            return base::fail(selection.error());
        }
        m_preview.funnel = std::move(selection->funnel);
        std::vector<Chosen> chosen;
        const auto add = [&](const Chosen& one, std::int8_t split) {
            chosen.push_back(one);
            ++m_preview.rows;
            ++m_preview.rowsBySplit[std::string(splitName(split))];
        };
        for (const curate::Candidate& candidate : selection->chosen) {
            add({candidate.order, candidate.id, 0}, candidate.split);
        }
        for (const curate::Pair& pair : selection->pairs) {
            add({pair.order, pair.chosen, pair.rejected}, pair.split);
        }
        const auto end =
            chosen.begin() + static_cast<std::ptrdiff_t>(std::min(m_wanted.rows, chosen.size()));
        std::partial_sort(chosen.begin(), end, chosen.end(), [](const Chosen& a, const Chosen& b) {
            return std::pair(a.order, a.id) < std::pair(b.order, b.id);
        });
        for (auto one = chosen.begin(); one != end; ++one) {
            if (Expected<void> shown = show(*one); !shown) {
                return shown;
            }
        }
        return {};
    }

    Expected<void> show(const Chosen& one) {
        std::vector<std::int64_t> ids{one.id};
        if (one.rejected != 0) {
            ids.push_back(one.rejected);
        }
        std::vector<format::ExportItem> items;
        Expected<void> read = m_plan.reader().forEachRecordOf(
            store::ListOf::Critiques, ids, [&](store::TraceRecord&& record) -> Expected<bool> {
                items.push_back(itemOf(std::move(record)));
                return true;
            });
        if (!read) {
            return read;
        }
        m_preview.examples.push_back(
            previewRow(m_plan, items.front(), items.size() > 1 ? &items[1] : nullptr, {}));
        return {};
    }

    ExportPlan& m_plan;
    const PreviewOptions& m_wanted;
    ExportPreview m_preview;
    std::map<std::string, std::vector<PreviewRow>> m_dropped; // by stage
};

} // namespace

Expected<ExportPreview> previewExport(store::Workspace& workspace, const ExportJobOptions& options,
                                      const PreviewOptions& preview,
                                      const ProgressFunction& progress,
                                      const base::CancelToken& cancel) {
    const Expected<std::unique_ptr<ExportPlan>> plan =
        ExportPlan::make(workspace, options, progress, cancel);
    if (!plan) {
        return base::fail(plan.error());
    }
    return PreviewJob(**plan, preview).run();
}

} // namespace scrit::loop
