// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/critique/target_leaks.h"
#include "core/curate/duplicates.h"
#include "core/curate/overlap.h"
#include "core/format/exporter.h"
#include "core/loop/export_driver.h"
#include "core/loop/progress_throttle.h"
#include "core/store/reader.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Private to core/loop: one pass over the critiques of an export's filter, through the steps that
// look at one critique at a time.
namespace scrit::loop {

// One critique with what the workers found out about it.
struct JudgedItem {
    format::ExportItem item;
    std::string row;                    // where it was asked for and the critique stays
    std::string_view droppedBy;         // a stage; empty: it stays
    std::string gap;                    // why the view has no row for it
    std::optional<base::Error> failure; // the row could not be made at all
    std::uint64_t exact = 0;            // of its texts, where exact duplicates are looked for
    curate::ShingleSketch sketch;       // where near duplicates are
};

// What is the same for all critiques. Immutable; any thread.
class ItemJudge {
public:
    // The references must live as long.
    // `heldOut`: problems that must not be trained on, ascending.
    ItemJudge(const format::View& view, const ExportJobOptions& options,
              const curate::GramSet& evaluation, const std::vector<std::int64_t>& heldOut)
        : m_view(view), m_options(options), m_evaluation(evaluation), m_heldOut(heldOut) {}
    [[nodiscard]] bool holdsOut() const { return !m_heldOut.empty(); }
    [[nodiscard]] JudgedItem judge(format::ExportItem&& item, bool wantRow) const;

private:
    [[nodiscard]] std::string_view leakStage(const format::ExportItem& item,
                                             std::string_view target) const;
    const format::View& m_view;
    const ExportJobOptions& m_options;
    const curate::GramSet& m_evaluation;
    const std::vector<std::int64_t>& m_heldOut;
};

// The solution that a target may have been copied from: the one that the critic was shown, else the
// data set's own where the critic may have seen it (contrastive and recorded critiques). Empty for
// a direct critic, which saw none.
[[nodiscard]] std::string_view referenceOf(const format::ExportItem& item);

[[nodiscard]] format::ExportItem itemOf(store::TraceRecord&& record);

struct PassCounts {
    std::uint64_t selected = 0;
    bool heldOut = false; // problems of frozen sets were looked for
    std::map<std::string, std::uint64_t, std::less<>> dropped; // by stage
    std::map<std::string, std::uint64_t> gaps;                 // why the view had no row
    // The steps that were asked for, "selected" first.
    [[nodiscard]] std::vector<ExportStage> funnel(const ExportJobOptions& options) const;
};

class ExportPass {
public:
    // Gets the critiques in order of their ids, those that stay and those that do not. Returning
    // false ends the pass early.
    using Sink = std::function<base::Expected<bool>(JudgedItem&&)>;

    ExportPass(store::Reader& reader, const ItemJudge& judge, const ExportJobOptions& options)
        : m_reader(reader), m_judge(judge), m_options(options) {}

    // The sink runs on this thread; rows are made on workers. Progress counts critiques from where
    // it stands. Errors: those of the filter, the workspace, the views and the sink; Cancelled.
    [[nodiscard]] base::Expected<PassCounts> run(bool wantRows, const Sink& sink,
                                                 JobProgress& progress, ProgressThrottle& throttle,
                                                 const base::CancelToken& cancel);

private:
    store::Reader& m_reader;
    const ItemJudge& m_judge;
    const ExportJobOptions& m_options;
};

[[nodiscard]] tl::unexpected<base::Error> exportCancelled();

} // namespace scrit::loop
