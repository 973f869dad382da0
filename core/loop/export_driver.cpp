// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/loop/export_driver.h"

#include "core/base/hash.h"
#include "core/base/resources.h"
#include "core/critique/red_flags.h"
#include "core/format/exporter.h"
#include "core/loop/progress_throttle.h"
#include "core/store/reader.h"
#include "core/store/writer.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

namespace scrit::loop {
namespace {

using base::Expected;

enum class Fate { Keep, Unparsed, Leak };

class ExportJob {
public:
    ExportJob(store::Workspace& workspace, const ExportJobOptions& options,
              const ProgressFunction& progress, base::CancelToken cancel)
        : m_workspace(workspace), m_options(options), m_throttle(progress),
          m_cancel(std::move(cancel)) {}

    Expected<ExportSummary> run() {
        const Expected<const format::View*> view = format::viewNamed(m_options.view);
        if (!view) {
            return base::fail(view.error());
        }
        m_view = *view;
        Expected<std::unique_ptr<store::Reader>> reader = m_workspace.reader();
        if (!reader) {
            return base::fail(reader.error());
        }
        m_reader = std::move(*reader);
        m_query.filter = m_options.filter;
        const Expected<std::int64_t> total = m_reader->count(m_query);
        if (!total) {
            return base::fail(total.error());
        }
        m_progress.stage = "export";
        m_progress.total = static_cast<std::uint64_t>(*total);
        Expected<format::DatasetWriter> writer =
            format::DatasetWriter::create(m_options.folder, *m_view, datasetInfo());
        if (!writer) {
            return base::fail(writer.error());
        }
        if (m_options.balance) {
            m_progress.total *= 2; // two passes
            if (auto chosen = chooseBalanced(); !chosen) {
                return base::fail(chosen.error());
            }
        }
        return write(*writer);
    }

private:
    [[nodiscard]] format::DatasetInfo datasetInfo() const {
        format::DatasetInfo info;
        info.title = m_options.title;
        info.filter = m_options.filter;
        info.seed = m_options.seed;
        info.softwareVersion = m_options.softwareVersion;
        info.replace = m_options.replace;
        return info;
    }

    // Gives every selected critique that has its solution to `use`.
    Expected<void> forEachItem(const std::function<Expected<void>(format::ExportItem&&)>& use) {
        const Expected<void> read =
            m_reader->forEachRecord(m_query, [&](store::TraceRecord&& record) -> Expected<bool> {
                if (m_cancel.isCancelled()) {
                    return base::fail(base::ErrorCode::Cancelled, "the export was stopped",
                                      "nothing was written; run it again");
                }
                ++m_progress.done;
                m_progress.items = m_progress.done;
                m_throttle.tell(m_progress);
                if (!record.solution || !record.critique) {
                    return true;
                }
                const Expected<void> used =
                    use({std::move(record.problem), std::move(*record.solution),
                         std::move(*record.critique), std::move(record.reference),
                         std::move(record.verdicts), std::move(record.annotations)});
                if (!used) {
                    return base::fail(used.error());
                }
                return true;
            });
        return read;
    }

    [[nodiscard]] Fate fateOf(const format::ExportItem& item) const {
        const model::ParsedCritique& parsed = item.critique.parsed;
        // A view that trains on the critique has no row for one that could not be read.
        if ((!parsed.conclusion || !parsed.firstErrorStep) && !m_view->render(item)) {
            return Fate::Unparsed;
        }
        if (!m_options.keepLeaks && (parsed.flags.has(model::Flag::Leak) ||
                                     !critique::leakSpans(item.critique.text, parsed).empty() ||
                                     !critique::leakSpans(item.critique.correctionText).empty())) {
            return Fate::Leak;
        }
        return Fate::Keep;
    }

    // Decides which critiques are left out for the balance: those with the largest hashes of (seed,
    // critique key), so that the choice is random, and the same for the same seed and data.
    Expected<void> chooseBalanced() {
        struct Candidate {
            std::uint64_t rank;
            std::int64_t id;
        };
        std::vector<Candidate> correct;
        std::vector<Candidate> incorrect;
        const Expected<void> read = forEachItem([&](format::ExportItem&& item) -> Expected<void> {
            const std::optional<model::Conclusion> conclusion = item.critique.parsed.conclusion;
            if (conclusion && fateOf(item) == Fate::Keep && m_view->render(item)) {
                auto& side = *conclusion == model::Conclusion::Correct ? correct : incorrect;
                side.push_back({base::hash64(item.critique.key, m_options.seed), item.critique.id});
            }
            return {};
        });
        if (!read) {
            return read;
        }
        const Balance balance = *m_options.balance;
        std::uint64_t units = UINT64_MAX;
        if (balance.correct > 0) {
            units = std::min<std::uint64_t>(units, correct.size() / balance.correct);
        }
        if (balance.incorrect > 0) {
            units = std::min<std::uint64_t>(units, incorrect.size() / balance.incorrect);
        }
        const auto choose = [this](std::vector<Candidate>& side, std::uint64_t wanted) {
            std::sort(side.begin(), side.end(), [](const Candidate& a, const Candidate& b) {
                return std::pair(a.rank, a.id) < std::pair(b.rank, b.id);
            });
            for (std::size_t i = 0; i < std::min<std::uint64_t>(side.size(), wanted); ++i) {
                m_chosen.push_back(side[i].id);
            }
        };
        choose(correct, units * balance.correct);
        choose(incorrect, units * balance.incorrect);
        std::sort(m_chosen.begin(), m_chosen.end());
        return {};
    }

    Expected<ExportSummary> write(format::DatasetWriter& writer) {
        ExportSummary summary;
        const Expected<void> written =
            forEachItem([&](format::ExportItem&& item) -> Expected<void> {
                ++summary.selected;
                switch (fateOf(item)) {
                case Fate::Unparsed:
                    ++summary.unparsed;
                    return {};
                case Fate::Leak:
                    ++summary.leaks;
                    return {};
                case Fate::Keep:
                    break;
                }
                if (m_options.balance &&
                    !std::binary_search(m_chosen.begin(), m_chosen.end(), item.critique.id)) {
                    ++summary.unbalanced;
                    return {};
                }
                std::string_view split = "train";
                if (m_options.testShare > 0) {
                    split = format::splitForProblem(item.problem.key, m_options.testShare,
                                                    m_options.seed);
                }
                const Expected<bool> added = writer.add(item, split);
                return added ? Expected<void>{} : base::fail(added.error());
            });
        if (!written) {
            return base::fail(written.error());
        }
        std::uint64_t left = summary.selected;
        writer.addStage("selected", left);
        if (summary.unparsed > 0) {
            writer.addStage("parsed", left -= summary.unparsed);
        }
        if (!m_options.keepLeaks) {
            writer.addStage("without-leaks", left -= summary.leaks);
        }
        if (m_options.balance) {
            writer.addStage("balanced", left -= summary.unbalanced);
        }
        Expected<format::DatasetSummary> dataset = writer.finish();
        if (!dataset) {
            return base::fail(dataset.error());
        }
        summary.dataset = std::move(*dataset);
        m_throttle.tellNow(m_progress);
        if (auto recorded = record(summary.dataset); !recorded) {
            return base::fail(recorded.error().withContext(
                "the dataset was written, but could not be noted in the workspace"));
        }
        return summary;
    }

    Expected<void> record(const format::DatasetSummary& dataset) {
        if (m_workspace.mode() == store::OpenMode::ReadOnly) {
            return {};
        }
        const Expected<std::string> manifest = base::readFile(dataset.folder / "manifest.json");
        if (!manifest) {
            return base::fail(manifest.error());
        }
        std::error_code error;
        const std::filesystem::path absolute = std::filesystem::absolute(dataset.folder, error);
        const std::string folder = (error ? dataset.folder : absolute).string();
        return m_workspace.write([&](store::Writer& writer) -> Expected<void> {
            const Expected<std::int64_t> added =
                writer.addExport(folder, m_options.view, m_options.filter, *manifest);
            return added ? Expected<void>{} : base::fail(added.error());
        });
    }

    store::Workspace& m_workspace;
    const ExportJobOptions& m_options;
    ProgressThrottle m_throttle;
    base::CancelToken m_cancel;
    const format::View* m_view = nullptr;
    std::unique_ptr<store::Reader> m_reader;
    store::ListQuery m_query;
    std::vector<std::int64_t> m_chosen; // ids that the balance keeps, sorted
    JobProgress m_progress;
};

} // namespace

Expected<Balance> parseBalance(std::string_view text) {
    const auto bad = [&] {
        return base::fail(base::ErrorCode::Invalid,
                          "\"" + std::string(text) + "\" is not a balance",
                          "write correct:incorrect, for example 1:1");
    };
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) {
        return bad();
    }
    const auto number = [](std::string_view part, std::uint32_t& value) {
        const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
        return error == std::errc() && end == part.data() + part.size() && value <= 1'000'000;
    };
    Balance balance;
    if (!number(text.substr(0, colon), balance.correct) ||
        !number(text.substr(colon + 1), balance.incorrect) ||
        balance.correct + balance.incorrect == 0) {
        return bad();
    }
    return balance;
}

Expected<ExportSummary> exportDataset(store::Workspace& workspace, const ExportJobOptions& options,
                                      const ProgressFunction& progress,
                                      const base::CancelToken& cancel) {
    return ExportJob(workspace, options, progress, cancel).run();
}

} // namespace scrit::loop
