// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/curate/difficulty.h"
#include "core/curate/overlap.h"
#include "core/curate/selection.h"
#include "core/format/exporter.h"
#include "core/loop/export_driver.h"
#include "core/loop/export_pass.h"
#include "core/store/reader.h"
#include "core/store/workspace.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Private to core/loop: what exports and previews of them share.
namespace scrit::loop {

// The grams of all evaluation sets. Errors: Invalid (a filter), NotFound, Parse (a file with a line
// that cannot be read, or with no problem), Cancelled.
[[nodiscard]] base::Expected<curate::GramSet>
readEvaluationSets(store::Reader& reader, const std::vector<EvaluationSet>& sets,
                   const base::CancelToken& cancel);

// What is known before the first critique is read. One thread.
class ExportPlan {
public:
    // The arguments must live as long. Errors: Invalid (an option), those of the evaluation sets.
    [[nodiscard]] static base::Expected<std::unique_ptr<ExportPlan>>
    make(store::Workspace& workspace, const ExportJobOptions& options,
         const ProgressFunction& progress, const base::CancelToken& cancel);

    [[nodiscard]] const format::View& view() const { return *m_view; }
    [[nodiscard]] const ExportJobOptions& options() const { return m_options; }
    [[nodiscard]] store::Reader& reader() { return *m_reader; }
    [[nodiscard]] const ItemJudge& judge() const { return m_judge; }
    [[nodiscard]] const base::CancelToken& cancel() const { return m_cancel; }
    // Some steps must see all candidates before the first row is written.
    [[nodiscard]] bool needsSurvey() const;
    // Counts critiques; `passes` over all that the filter gives.
    void expectPasses(std::uint64_t passes) { m_progress.total = m_selected * passes; }
    [[nodiscard]] JobProgress& progress() { return m_progress; }
    [[nodiscard]] ProgressThrottle& throttle() { return m_throttle; }

    [[nodiscard]] std::string_view splitOf(const format::ExportItem& item) const;
    [[nodiscard]] std::uint64_t orderKeyOf(const format::ExportItem& item) const;
    // The options for the manifest: name and value of those that were asked for.
    [[nodiscard]] std::vector<std::pair<std::string, std::string>> settings() const;

    [[nodiscard]] base::Expected<PassCounts> pass(bool wantRows, const ExportPass::Sink& sink);

private:
    ExportPlan(const ExportJobOptions& options, const ProgressFunction& progress,
               base::CancelToken cancel, const format::View& view,
               std::unique_ptr<store::Reader> reader, curate::GramSet evaluation,
               std::vector<std::int64_t> heldOut)
        : m_options(options), m_cancel(std::move(cancel)), m_throttle(progress), m_view(&view),
          m_reader(std::move(reader)), m_evaluation(std::move(evaluation)),
          m_heldOut(std::move(heldOut)), m_judge(*m_view, m_options, m_evaluation, m_heldOut) {}
    [[nodiscard]] base::Expected<void> readDifficulty();

    const ExportJobOptions& m_options;
    base::CancelToken m_cancel;
    ProgressThrottle m_throttle;
    JobProgress m_progress;
    std::uint64_t m_selected = 0;
    const format::View* m_view;
    std::unique_ptr<store::Reader> m_reader;
    curate::GramSet m_evaluation;
    std::vector<std::int64_t> m_heldOut; // problems of frozen sets, where they must not be in
    store::Reader::AnswerCounts m_uniqueAnswers; // for orders by difficulty
    ItemJudge m_judge;
};

// What the steps that see all candidates chose.
struct ExportSelection {
    PassCounts counts;
    std::vector<ExportStage> funnel;
    std::vector<curate::Candidate> chosen; // in order of id; not of views of pairs
    std::vector<curate::Pair> pairs;       // of views of pairs
};
// Goes through all critiques once. `dropped` gets those that stay behind, and may be empty.
[[nodiscard]] base::Expected<ExportSelection>
selectForExport(ExportPlan& plan, const std::function<void(JudgedItem&&)>& dropped);

// The names of splits as curate::Candidate::split counts them.
[[nodiscard]] std::string_view splitName(std::int8_t split);

} // namespace scrit::loop
