// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/loop/export_driver.h"

#include "core/backend/model_settings.h"
#include "core/base/resources.h"
#include "core/format/dataset_card.h"
#include "core/loop/export_plan.h"
#include "core/loop/ordered_pool.h"
#include "core/store/run_reader.h"
#include "core/store/writer.h"

#include <algorithm>
#include <array>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

namespace scrit::loop {
namespace {

using base::Expected;

// Models of the workspace by what their servers call them; no address, no folder.
std::vector<format::DatasetModel> modelsOf(store::Reader& reader) {
    std::vector<format::DatasetModel> list;
    const auto models = store::RunReader(reader).models(true);
    if (!models) {
        return list; // nothing of the rows depends on them
    }
    for (const model::Model& known : *models) {
        format::DatasetModel model{known.name, known.kind, {}};
        if (const auto settings = backend::settingsOf(known)) {
            const std::string& id =
                settings->modelId.empty() ? settings->modelFile : settings->modelId;
            model.model = id.starts_with('/') ? std::filesystem::path(id).filename().string() : id;
        }
        list.push_back(std::move(model));
    }
    return list;
}

class ExportJob {
public:
    ExportJob(store::Workspace& workspace, ExportPlan& plan)
        : m_workspace(workspace), m_plan(plan), m_options(plan.options()) {}

    Expected<ExportSummary> run() {
        Expected<format::DatasetWriter> writer =
            format::DatasetWriter::create(m_options.folder, m_plan.view(), datasetInfo());
        if (!writer) {
            return base::fail(writer.error());
        }
        m_writer = &*writer;
        ExportSummary summary;
        const Expected<void> written =
            m_plan.needsSurvey() ? writeSelection(summary) : writeStream(summary);
        if (!written) {
            return base::fail(written.error());
        }
        for (const ExportStage& stage : summary.funnel) {
            m_writer->addStage(stage.name, stage.left);
        }
        m_plan.progress().stage = "finish";
        m_plan.throttle().tellNow(m_plan.progress());
        Expected<format::DatasetSummary> dataset = m_writer->finish(m_plan.cancel());
        if (!dataset) {
            return base::fail(dataset.error());
        }
        summary.dataset = std::move(*dataset);
        if (Expected<void> recorded = record(summary.dataset); !recorded) {
            return base::fail(recorded.error().withContext(
                "the dataset was written, but could not be noted in the workspace"));
        }
        return summary;
    }

private:
    [[nodiscard]] format::DatasetInfo datasetInfo() {
        format::DatasetInfo info;
        info.title = m_options.title;
        info.filter = m_options.filter;
        info.seed = m_options.seed;
        info.settings = m_plan.settings();
        info.models = modelsOf(m_plan.reader());
        info.softwareVersion = m_options.softwareVersion;
        info.replace = m_options.replace;
        info.ordered = m_options.order != curate::Order::Stored;
        info.fileType = m_options.fileType;
        return info;
    }

    void noteGaps(const PassCounts& counts) {
        for (const auto& [reason, count] : counts.gaps) {
            m_writer->drop(reason, count);
        }
    }

    // Each critique is decided on as it comes.
    Expected<void> writeStream(ExportSummary& summary) {
        m_plan.expectPasses(1);
        const Expected<PassCounts> counts =
            m_plan.pass(true, [&](JudgedItem&& judged) -> Expected<bool> {
                if (!judged.droppedBy.empty()) {
                    return true;
                }
                const std::string_view split = m_plan.splitOf(judged.item);
                const Expected<void> added = m_writer->addRow(judged.row, judged.item, split,
                                                              m_plan.orderKeyOf(judged.item));
                m_members.push_back({judged.item.critique.id, split});
                return added ? Expected<bool>(true) : base::fail(added.error());
            });
        if (!counts) {
            return base::fail(counts.error());
        }
        noteGaps(*counts);
        summary.funnel = counts->funnel(m_options);
        return {};
    }

    // All candidates are looked at first; what was chosen is read again.
    Expected<void> writeSelection(ExportSummary& summary) {
        m_plan.expectPasses(2);
        Expected<ExportSelection> selection = selectForExport(m_plan, {});
        if (!selection) {
            return base::fail(selection.error());
        }
        noteGaps(selection->counts);
        summary.funnel = std::move(selection->funnel);
        std::vector<Wanted> wanted;
        for (const curate::Candidate& candidate : std::exchange(selection->chosen, {})) {
            wanted.push_back({candidate.id, 0, candidate.order, candidate.split});
        }
        for (const curate::Pair& pair : std::exchange(selection->pairs, {})) {
            wanted.push_back({pair.chosen, pair.rejected, pair.order, pair.split});
        }
        m_plan.progress().total = m_plan.progress().done + wanted.size();
        return writeWanted(wanted);
    }

    struct Wanted {
        std::int64_t id;
        std::int64_t rejected; // 0: no pair
        std::uint64_t order;
        std::int8_t split;
    };
    struct Row {
        format::ExportItem item;
        std::optional<format::ExportItem> rejected;
        const Wanted* wanted = nullptr;
        Expected<std::string> text;
    };

    Expected<void> writeWanted(const std::vector<Wanted>& wanted) {
        using Batch = std::vector<Row>;
        constexpr std::size_t kBatchRows = 64;
        constexpr std::size_t kBatchesUnderWay = 12;
        const format::View& view = m_plan.view();
        OrderedPool<Batch, Batch> pool(
            workerThreads(0), kBatchesUnderWay,
            [&view](Batch&& batch) {
                for (Row& row : batch) {
                    row.text = row.rejected ? view.renderPair(row.item, *row.rejected)
                                            : view.render(row.item);
                }
                return std::move(batch);
            },
            [this](Batch&& batch) -> Expected<void> {
                for (const Row& row : batch) {
                    if (Expected<void> added = addRow(row); !added) {
                        return added;
                    }
                }
                return {};
            });
        std::vector<std::int64_t> ids;
        for (const Wanted& one : wanted) {
            ids.push_back(one.id);
            if (one.rejected != 0) {
                ids.push_back(one.rejected);
            }
        }
        std::size_t at = 0;
        Batch batch;
        Expected<void> read = m_plan.reader().forEachRecordOf(
            store::ListOf::Critiques, ids, [&](store::TraceRecord&& found) -> Expected<bool> {
                if (m_plan.cancel().isCancelled()) {
                    return exportCancelled();
                }
                const bool second = !batch.empty() && batch.back().wanted == &wanted[at] &&
                                    wanted[at].rejected != 0;
                if (second) {
                    batch.back().rejected = itemOf(std::move(found));
                } else {
                    batch.push_back({itemOf(std::move(found)), std::nullopt, &wanted[at], {}});
                }
                if (!second && wanted[at].rejected != 0) {
                    return true;
                }
                ++at;
                JobProgress& progress = m_plan.progress();
                progress.items = ++progress.done;
                m_plan.throttle().tell(progress);
                if (batch.size() < kBatchRows) {
                    return true;
                }
                const Expected<void> pushed = pool.push(std::exchange(batch, {}));
                return pushed ? Expected<bool>(true) : base::fail(pushed.error());
            });
        if (!read) {
            return read;
        }
        if (Expected<void> pushed = pool.push(std::move(batch)); !pushed) {
            return pushed;
        }
        return pool.drain();
    }

    Expected<void> addRow(const Row& row) {
        if (!row.text && row.text.error().code == base::ErrorCode::Invalid) {
            m_writer->drop(row.text.error().message, 1); // two critiques that make no pair
            return {};
        }
        if (!row.text) {
            return base::fail(row.text.error());
        }
        const std::string_view split = splitName(row.wanted->split);
        m_members.push_back({row.wanted->id, split});
        if (row.rejected) {
            m_members.push_back({row.wanted->rejected, split});
        }
        return m_writer->addRow(*row.text, row.item, split, row.wanted->order);
    }

    Expected<void> record(const format::DatasetSummary& dataset) {
        if (m_workspace.mode() == store::OpenMode::ReadOnly) {
            return {};
        }
        const Expected<std::string> manifest =
            base::readFile(dataset.folder / format::kManifestName);
        if (!manifest) {
            return base::fail(manifest.error());
        }
        std::error_code error;
        const std::filesystem::path absolute = std::filesystem::absolute(dataset.folder, error);
        const std::string folder = (error ? dataset.folder : absolute).string();
        return m_workspace.write([&](store::Writer& writer) -> Expected<void> {
            const Expected<std::int64_t> added =
                writer.addExport(folder, m_options.view, m_options.filter, *manifest, m_members);
            return added ? Expected<void>{} : base::fail(added.error());
        });
    }

    store::Workspace& m_workspace;
    ExportPlan& m_plan;
    const ExportJobOptions& m_options;
    format::DatasetWriter* m_writer = nullptr;
    std::vector<store::Writer::ExportMember> m_members; // what was written, for the workspace
};

struct Reason {
    std::string_view stage;
    std::string_view text;
};
constexpr std::array<Reason, 12> kReasons{
    {{export_stage::kReadable, "have no row in this view"},
     {export_stage::kTrainable, "belong to a frozen evaluation set"},
     {export_stage::kNoMention, "mention the reference solution"},
     {export_stage::kNoCopy, "copy from the reference solution"},
     {export_stage::kClean, "share 13 words with an evaluation set"},
     {export_stage::kDistinct, "are exact duplicates"},
     {export_stage::kDissimilar, "are near duplicates"},
     {export_stage::kSourceCap, "are too many of their source"},
     {export_stage::kStudentCap, "are too many of their student"},
     {export_stage::kBalanced, "are too many of their conclusion"},
     {export_stage::kSized, "are more than were asked for"},
     {export_stage::kPaired, "have no counterpart for a pair"}}};

} // namespace

std::string_view dropReason(std::string_view stage) {
    const auto* found = std::find_if(kReasons.begin(), kReasons.end(),
                                     [&](const Reason& reason) { return reason.stage == stage; });
    return found == kReasons.end() ? std::string_view{} : found->text;
}

std::uint64_t ExportSummary::dropped(std::string_view stage) const {
    const auto found = std::find_if(funnel.begin(), funnel.end(),
                                    [&](const ExportStage& step) { return step.name == stage; });
    return found == funnel.end() ? 0 : found->dropped;
}

std::uint64_t ExportSummary::selected() const {
    return funnel.empty() ? 0 : funnel.front().left;
}

Expected<ExportSummary> exportDataset(store::Workspace& workspace, const ExportJobOptions& options,
                                      const ProgressFunction& progress,
                                      const base::CancelToken& cancel) {
    const Expected<std::unique_ptr<ExportPlan>> plan =
        ExportPlan::make(workspace, options, progress, cancel);
    if (!plan) {
        return base::fail(plan.error());
    }
    return ExportJob(workspace, **plan).run();
}

} // namespace scrit::loop
