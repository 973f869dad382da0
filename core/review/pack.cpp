// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/review/pack.h"

#include "core/review/pack_file.h"
#include "core/review/pack_json.h"
#include "core/store/review_reader.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace scrit::review {
namespace {

using base::ErrorCode;
using base::Expected;
using base::fail;

class Packing {
public:
    Packing(store::Reader& reader, const Plan& plan, const PackOptions& options,
            const base::CancelToken& cancel)
        : m_reader(reader), m_reviews(reader), m_plan(plan), m_options(options), m_cancel(cancel),
          m_blind(options.blind.value_or(plan.blind)) {}

    Expected<PackSummary> write(const std::filesystem::path& path) {
        auto file = PackWriter::create(path);
        if (!file) {
            return fail(std::move(file.error()));
        }
        m_file = std::move(*file);
        auto written = writeAll();
        if (!written) {
            return fail(written.error().withContext("cannot write " + path.string()));
        }
        if (auto committed = m_file->commit(); !committed) {
            return fail(std::move(committed.error()));
        }
        m_summary.bytes = m_file->bytes();
        return m_summary;
    }

private:
    Expected<void> writeAll();
    Expected<void> writeItems(const std::vector<store::ReviewItemRow>& items);
    Expected<void> writeRecord(const store::TraceRecord& record);
    Expected<void> writeVerdicts(const store::TraceRecord& record);
    Expected<void> writeAnswers(const std::vector<store::ReviewItemRow>& items);
    Expected<void> line(const Json& json) {
        ++m_lines;
        return m_file->line(json.dump(-1, ' ', false, Json::error_handler_t::replace));
    }
    Expected<void> solution(const model::Solution& solution, const std::string& problemKey) {
        return m_written.insert(solution.key).second ? line(solutionJson(solution, problemKey))
                                                     : Expected<void>{};
    }

    store::Reader& m_reader;
    store::ReviewReader m_reviews;
    const Plan& m_plan;
    const PackOptions& m_options;
    const base::CancelToken& m_cancel;
    bool m_blind = false;
    std::unique_ptr<PackWriter> m_file;
    std::unordered_set<std::string> m_written; // keys of objects
    std::int64_t m_lines = 0;
    PackSummary m_summary;
};

Expected<void> Packing::writeAll() {
    const bool answers = m_options.content == PackOptions::Content::Answers;
    PackHeader header{answers, m_blind, {}};
    header.plan.uid = m_plan.uid;
    header.plan.name = m_plan.name;
    header.plan.filter = m_plan.filter;
    header.plan.strategy = name(m_plan.queue);
    header.plan.seed = m_plan.seed;
    header.plan.createdAt = m_plan.createdAt;
    if (auto written = line(headerJson(header)); !written) {
        return written;
    }
    const auto items = m_reviews.items(m_plan.id, 0, 0);
    if (!items) {
        return fail(items.error());
    }
    if (auto written = answers ? writeAnswers(*items) : writeItems(*items); !written) {
        return written;
    }
    const std::int64_t lines = m_lines;
    return line({{"type", "end"}, {"lines", lines}});
}

// What only machines say: labels stay at home, too, because they give gold items away.
Expected<void> Packing::writeVerdicts(const store::TraceRecord& record) {
    if (m_blind) {
        return {};
    }
    // Oldest first, so that the newest is the newest there, too.
    for (auto verdict = record.verdicts.rbegin(); verdict != record.verdicts.rend(); ++verdict) {
        const bool critique = verdict->subject == model::SubjectKind::Critique;
        if (verdict->verifier == model::verifier::kLabel ||
            verdict->subject == model::SubjectKind::Problem) {
            continue;
        }
        const std::string& key = critique ? record.critique->key : record.solution->key;
        if (!critique && m_written.contains("verdicts/" + key)) {
            continue;
        }
        if (auto written = line(verdictJson(*verdict, key)); !written) {
            return written;
        }
    }
    m_written.insert("verdicts/" + record.solution->key);
    return {};
}

Expected<void> Packing::writeRecord(const store::TraceRecord& record) {
    const model::Problem& problem = record.problem;
    if (m_written.insert(problem.key).second) {
        if (auto written = line(problemJson(problem)); !written) {
            return written;
        }
    }
    if (auto written = solution(*record.solution, problem.key); !written) {
        return written;
    }
    std::string reference;
    if (record.reference && record.reference->problemId == problem.id) {
        reference = record.reference->key;
        if (auto written = solution(*record.reference, problem.key); !written) {
            return written;
        }
    }
    if (auto written =
            line(critiqueJson(*record.critique, record.solution->key, reference, !m_blind));
        !written) {
        return written;
    }
    return writeVerdicts(record);
}

Expected<void> Packing::writeItems(const std::vector<store::ReviewItemRow>& items) {
    for (const store::ReviewItemRow& item : items) {
        if (m_cancel.isCancelled()) {
            return fail(ErrorCode::Cancelled, "interrupted");
        }
        const auto record = m_reader.record(store::ListOf::Critiques, item.critiqueId);
        if (!record) {
            return fail(record.error());
        }
        auto written = writeRecord(*record);
        if (written) {
            written = line(itemJson({item.position, record->critique->key}));
        }
        if (!written) {
            return written;
        }
        ++m_summary.items;
    }
    return {};
}

Expected<void> Packing::writeAnswers(const std::vector<store::ReviewItemRow>& items) {
    std::vector<std::int64_t> ids;
    ids.reserve(items.size());
    for (const store::ReviewItemRow& item : items) {
        ids.push_back(item.critiqueId);
    }
    std::sort(ids.begin(), ids.end());
    const auto keys = m_reviews.critiqueKeys(ids);
    if (!keys) {
        return fail(keys.error());
    }
    std::unordered_map<std::int64_t, std::string> keyAt; // by position
    for (const store::ReviewItemRow& item : items) {
        const auto place = std::lower_bound(ids.begin(), ids.end(), item.critiqueId);
        keyAt[item.position] = (*keys)[static_cast<std::size_t>(place - ids.begin())];
    }
    return m_reviews.forEachEntry(
        m_plan.id, m_options.annotator, [&](const store::ReviewEntry& entry) -> Expected<bool> {
            if (m_cancel.isCancelled()) {
                return fail(ErrorCode::Cancelled, "interrupted");
            }
            auto annotations = m_reviews.annotationsOfEntry(entry.uid);
            if (!annotations) {
                return fail(std::move(annotations.error()));
            }
            const PackAnswer answer{entry, keyAt[entry.position], std::move(*annotations)};
            if (auto written = line(answerJson(answer)); !written) {
                return fail(std::move(written.error()));
            }
            ++m_summary.answers;
            return true;
        });
}

} // namespace

Expected<PackSummary> writePack(store::Reader& reader, const Plan& plan,
                                const std::filesystem::path& path, const PackOptions& options,
                                const base::CancelToken& cancel) {
    return Packing(reader, plan, options, cancel).write(path);
}

} // namespace scrit::review
