// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/report_data.h"

#include "core/base/hash.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>

namespace scrit::report {
namespace {

using base::Expected;
using Rates = std::map<std::string, ValidationRate>;

constexpr std::size_t kMostRows = 12;
constexpr int kMostAnswers = 8; // and more

Expected<bool> going(const base::CancelToken& cancel) {
    return cancel.isCancelled()
               ? Expected<bool>(base::fail(base::ErrorCode::Cancelled, "the report was stopped"))
               : Expected<bool>(true);
}

void tally(Rates& rates, const std::string& name, model::Outcome validated) {
    ValidationRate& rate = rates[name];
    rate.name = name;
    rate.validated += validated == model::Outcome::Yes ? 1 : 0;
    ++rate.decided;
}

// The most frequent first; what does not fit is one row.
std::vector<ValidationRate> ranked(const Rates& rates) {
    std::vector<ValidationRate> list;
    for (const auto& [name, rate] : rates) {
        list.push_back(rate);
    }
    std::stable_sort(list.begin(), list.end(),
                     [](const auto& a, const auto& b) { return a.decided > b.decided; });
    if (list.size() > kMostRows) {
        ValidationRate others{std::to_string(list.size() - kMostRows + 1) + " others", 0, 0};
        for (auto rate = list.begin() + kMostRows - 1; rate != list.end(); ++rate) {
            others.validated += rate->validated;
            others.decided += rate->decided;
        }
        list.resize(kMostRows - 1);
        list.push_back(others);
    }
    return list;
}

// A few critiques of each cell of validated × answer, those with the smallest hashes.
class Sample {
public:
    Sample(std::size_t wanted, std::uint64_t seed)
        : m_perCell(wanted == 0 ? 0 : std::max<std::size_t>(wanted / 4, 1)), m_wanted(wanted),
          m_seed(seed) {}

    void offer(const store::TraceRow& row) {
        const auto number = [](std::optional<model::Outcome> outcome) {
            return !outcome || *outcome == model::Outcome::Undecided ? std::size_t{2}
                   : *outcome == model::Outcome::Yes                 ? std::size_t{0}
                                                                     : std::size_t{1};
        };
        auto& cell = m_cells.at(number(row.validated) * 3 + number(row.answerMatch));
        const std::uint64_t hash = base::hash64(std::to_string(row.id), m_seed);
        cell.emplace(hash, row.id);
        // The cells where something is undecided fill up what the others leave free.
        if (cell.size() > m_wanted) {
            cell.erase(std::prev(cell.end()));
        }
    }

    [[nodiscard]] std::vector<std::int64_t> ids() const {
        std::vector<std::int64_t> ids;
        constexpr std::array<std::size_t, 9> kOrder{0, 1, 3, 4, 2, 5, 6, 7, 8};
        for (const std::size_t most : {m_perCell, m_wanted}) {
            for (const std::size_t number : kOrder) {
                std::size_t taken = 0;
                for (const auto& [hash, id] : m_cells.at(number)) {
                    if (taken++ >= most || ids.size() >= m_wanted) {
                        break;
                    }
                    if (std::find(ids.begin(), ids.end(), id) == ids.end()) {
                        ids.push_back(id);
                    }
                }
            }
        }
        return ids;
    }

private:
    std::size_t m_perCell;
    std::size_t m_wanted;
    std::uint64_t m_seed;
    std::array<std::map<std::uint64_t, std::int64_t>, 9> m_cells;
};

class DataReader {
public:
    DataReader(store::Reader& reader, const DataOptions& options, const base::CancelToken& cancel)
        : m_reader(reader), m_options(options), m_cancel(cancel),
          m_sample(options.traces, options.seed) {}

    Expected<ReportData> run() {
        if (Expected<void> known = readAnswers(); !known) {
            return base::fail(known.error());
        }
        Expected<store::Status> status = m_reader.status();
        if (!status) {
            return base::fail(status.error());
        }
        m_data.status = std::move(*status);
        const Expected<void> read =
            m_reader.forEachRow({store::ListOf::Critiques, m_options.filter, {}, false},
                                [this](const store::TraceRow& row) {
                                    take(row);
                                    return going(m_cancel);
                                });
        if (!read) {
            return base::fail(read.error());
        }
        m_data.bySource = ranked(m_bySource);
        m_data.byCritic = ranked(m_byCritic);
        for (const auto& [answers, rate] : m_byDifficulty) {
            m_data.byDifficulty.push_back(rate);
        }
        for (const model::Flag flag : model::allFlags()) {
            if (const auto found = m_flags.find(flag); found != m_flags.end()) {
                m_data.flags.emplace_back(*found);
            }
        }
        if (!m_cases.empty()) {
            m_data.audit = eval::audit(m_cases, {}, 0.05);
        }
        for (const std::int64_t id : m_sample.ids()) {
            Expected<store::TraceRecord> record = m_reader.record(store::ListOf::Critiques, id);
            if (!record) {
                return base::fail(record.error());
            }
            m_data.traces.push_back(std::move(*record));
        }
        return std::move(m_data);
    }

private:
    Expected<void> readAnswers() {
        auto counts = m_reader.uniqueAnswers(m_cancel);
        if (!counts) {
            return base::fail(m_cancel.isCancelled() ? going(m_cancel).error() : counts.error());
        }
        m_answers = std::move(*counts);
        return {};
    }

    void take(const store::TraceRow& row) {
        ++m_data.critiques;
        if (!row.firstErrorStep) {
            ++m_data.noStep;
        } else if (*row.firstErrorStep == model::kNoError) {
            ++m_data.noError;
        } else {
            ++m_data.firstErrorSteps[*row.firstErrorStep];
        }
        for (const model::Flag flag : model::flagsIn(row.flags)) {
            ++m_flags[flag];
        }
        m_sample.offer(row);
        if (!row.validated || *row.validated == model::Outcome::Undecided) {
            return;
        }
        tally(m_bySource, row.source.empty() ? "(no source)" : row.source, *row.validated);
        tally(m_byCritic,
              (row.critic.empty() ? "(no critic)" : row.critic) + ", " +
                  std::string(model::name(row.mode)) + ", round " + std::to_string(row.round),
              *row.validated);
        const auto found = m_answers.find(row.problemId);
        const int answers = found == m_answers.end() ? 0 : std::min(found->second, kMostAnswers);
        ValidationRate& rate = m_byDifficulty[answers];
        rate.name = std::to_string(answers) + (answers == kMostAnswers ? "+" : "");
        rate.validated += *row.validated == model::Outcome::Yes ? 1 : 0;
        ++rate.decided;
        judge(row);
    }

    // What a person says about the verdict of the self-validation.
    void judge(const store::TraceRow& row) {
        if (row.annotationLabel == "unsure") {
            ++m_data.unsure;
        } else if (row.annotationLabel == "agree" || row.annotationLabel == "disagree") {
            const bool positive = *row.validated == model::Outcome::Yes;
            m_cases.push_back(
                {row.id, positive, positive == (row.annotationLabel == "agree"), row.source, 1});
        }
    }

    store::Reader& m_reader;
    const DataOptions& m_options;
    const base::CancelToken& m_cancel;
    ReportData m_data;
    store::Reader::AnswerCounts m_answers;
    Sample m_sample;
    Rates m_bySource;
    Rates m_byCritic;
    std::map<int, ValidationRate> m_byDifficulty;
    std::map<model::Flag, std::int64_t> m_flags;
    std::vector<eval::AuditCase> m_cases;
};

} // namespace

Expected<ReportData> readReportData(store::Reader& reader, const DataOptions& options,
                                    const base::CancelToken& cancel) {
    return DataReader(reader, options, cancel).run();
}

} // namespace scrit::report
