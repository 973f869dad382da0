// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/loop/verify.h"

#include "core/format/critique_importer.h"
#include "core/loop/ordered_pool.h"
#include "core/loop/progress_throttle.h"
#include "core/model/unreadable.h"
#include "core/store/writer.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace scrit::loop {
namespace {

using base::Expected;

struct Scored {
    std::vector<model::Verdict> verdicts;
    // Critiques whose parse is not the stored one.
    std::vector<std::pair<std::int64_t, model::ParsedCritique>> parses;
    std::vector<std::int64_t> unreadable; // critiques whose stored parse cannot be read
    std::uint64_t rows = 0;
};
using Records = std::vector<store::TraceRecord>;

// The parse to store where it differs from the stored one. What is known about the solution is an
// input of the flags, so it is part of the protocol: "critique-parser/2;solution=incorrect".
std::optional<model::ParsedCritique> changedParse(const store::TraceRecord& record,
                                                  const model::ParsedCritique& fresh) {
    const model::ParsedCritique& stored = record.critique->parsed;
    const std::string storedParser = stored.parser.substr(0, stored.parser.find(';'));
    if (fresh.flags == stored.flags && fresh.parser == storedParser) {
        return std::nullopt;
    }
    model::ParsedCritique changed = fresh;
    if (record.solutionCorrect) {
        changed.parser += *record.solutionCorrect ? ";solution=correct" : ";solution=incorrect";
    }
    if (model::isUnreadable(stored)) {
        changed.parser += ";anew"; // a parse of the same name is there already
    }
    return changed;
}

class VerifyJob {
public:
    VerifyJob(store::Workspace& workspace, const VerifyOptions& options,
              const ProgressFunction& progress, base::CancelToken cancel)
        : m_workspace(workspace), m_options(options), m_throttle(progress),
          m_cancel(std::move(cancel)) {}

    Expected<VerifySummary> run() {
        if (auto checked = checkOptions(); !checked) {
            return base::fail(checked.error());
        }
        const bool solutionsAsked =
            wants(model::verifier::kAnswerMatch) || wants(model::verifier::kStepArithmetic);
        const bool critiquesAsked =
            wants(model::verifier::kAnswerMatch) || wants(model::verifier::kFormat);
        if (solutionsAsked && store::compileFilter(m_options.filter, store::ListOf::Solutions)) {
            if (auto done = pass(store::ListOf::Solutions); !done) {
                return base::fail(done.error());
            }
        }
        if (critiquesAsked && !m_summary.cancelled) {
            if (auto done = pass(store::ListOf::Critiques); !done) {
                return base::fail(done.error());
            }
        }
        return std::move(m_summary);
    }

private:
    [[nodiscard]] bool wants(std::string_view verifier) const {
        return m_options.verifiers.empty() ||
               std::find(m_options.verifiers.begin(), m_options.verifiers.end(), verifier) !=
                   m_options.verifiers.end();
    }

    [[nodiscard]] Expected<void> checkOptions() const {
        for (const std::string& verifier : m_options.verifiers) {
            if (std::find(kLocalVerifiers.begin(), kLocalVerifiers.end(), verifier) ==
                kLocalVerifiers.end()) {
                return base::fail(base::ErrorCode::Invalid, "unknown verifier \"" + verifier + "\"",
                                  "use answer_match, step_arithmetic or format");
            }
        }
        const auto critiques = store::compileFilter(m_options.filter, store::ListOf::Critiques);
        return critiques ? Expected<void>{} : base::fail(critiques.error());
    }

    Expected<void> pass(store::ListOf of) {
        Expected<std::unique_ptr<store::Reader>> reader = m_workspace.reader();
        if (!reader) {
            return base::fail(reader.error());
        }
        const store::ListQuery query{of, m_options.filter, store::SortKey::Id, false};
        const Expected<std::int64_t> total = (*reader)->count(query);
        if (!total) {
            return base::fail(total.error());
        }
        m_progress = JobProgress{};
        m_progress.stage = of == store::ListOf::Solutions ? "solutions" : "critiques";
        m_progress.total = static_cast<std::uint64_t>(*total);
        const int threads = workerThreads(m_options.threads);
        OrderedPool<Records, Scored> pool(
            threads, static_cast<std::size_t>(threads) + 1,
            [this, of](Records&& records) {
                return of == store::ListOf::Solutions ? scoreSolutions(records)
                                                      : scoreCritiques(records);
            },
            [this, of](Scored&& scored) { return storeScored(of, std::move(scored)); });
        Records batch;
        Expected<void> read =
            (*reader)->forEachRecord(query, [&](store::TraceRecord&& record) -> Expected<bool> {
                if (m_cancel.isCancelled()) {
                    return false;
                }
                batch.push_back(std::move(record));
                if (batch.size() >= m_options.batchRows) {
                    if (auto pushed = pool.push(std::exchange(batch, {})); !pushed) {
                        return base::fail(pushed.error());
                    }
                }
                return true;
            });
        if (!read) {
            return read;
        }
        if (m_cancel.isCancelled()) {
            m_summary.cancelled = true;
            return {};
        }
        if (!batch.empty()) {
            if (auto pushed = pool.push(std::move(batch)); !pushed) {
                return pushed;
            }
        }
        Expected<void> drained = pool.drain();
        m_throttle.tellNow(m_progress);
        return drained;
    }

    // On a worker: only const members are read.
    [[nodiscard]] Scored scoreSolutions(const Records& records) const {
        Scored out;
        out.rows = records.size();
        for (const store::TraceRecord& record : records) {
            if (!record.solution) {
                continue;
            }
            if (wants(model::verifier::kAnswerMatch)) {
                if (auto verdict =
                        answerMatchOfSolution(record.problem, *record.solution, m_options.answer)) {
                    out.verdicts.push_back(std::move(*verdict));
                }
            }
            if (wants(model::verifier::kStepArithmetic)) {
                out.verdicts.push_back(stepArithmeticOfSolution(*record.solution));
            }
        }
        return out;
    }

    // On a worker: only const members are read.
    [[nodiscard]] Scored scoreCritiques(const Records& records) const {
        Scored out;
        out.rows = records.size();
        for (const store::TraceRecord& record : records) {
            if (!record.solution || !record.critique) {
                continue;
            }
            if (model::isUnreadable(record.critique->parsed)) {
                out.unreadable.push_back(record.critique->id);
            }
            model::Critique critique = *record.critique;
            format::completeCritique(critique, *record.solution, record.solutionCorrect);
            if (wants(model::verifier::kFormat)) {
                out.verdicts.push_back(formatOfCritique(critique));
                if (auto parse = changedParse(record, critique.parsed)) {
                    out.parses.emplace_back(critique.id, std::move(*parse));
                }
            }
            if (wants(model::verifier::kAnswerMatch)) {
                if (auto verdict = answerMatchOfCritique(record.problem, *record.solution, critique,
                                                         m_options.answer)) {
                    out.verdicts.push_back(std::move(*verdict));
                }
            }
        }
        return out;
    }

    Expected<void> storeScored(store::ListOf of, Scored&& scored) {
        if (m_cancel.isCancelled()) {
            return {};
        }
        std::vector<bool> added(scored.verdicts.size());
        std::uint64_t reparsed = 0;
        Expected<void> written = m_workspace.write([&](store::Writer& writer) -> Expected<void> {
            for (const auto& [critiqueId, parsed] : scored.parses) {
                const Expected<store::Stored> stored = writer.addParse(critiqueId, parsed);
                if (!stored) {
                    return base::fail(stored.error());
                }
                reparsed += stored->added ? 1 : 0;
            }
            for (std::size_t i = 0; i < scored.verdicts.size(); ++i) {
                const Expected<store::Stored> stored = writer.enforceVerdict(scored.verdicts[i]);
                if (!stored) {
                    return base::fail(stored.error());
                }
                added[i] = stored->added;
            }
            return {};
        });
        if (!written) {
            return written;
        }
        for (std::size_t i = 0; i < scored.verdicts.size(); ++i) {
            count(scored.verdicts[i], added[i]);
        }
        m_summary.reparsed += reparsed;
        m_summary.unreadable.insert(m_summary.unreadable.end(), scored.unreadable.begin(),
                                    scored.unreadable.end());
        (of == store::ListOf::Solutions ? m_summary.solutions : m_summary.critiques) += scored.rows;
        m_progress.done += scored.rows;
        m_progress.items = m_progress.done;
        m_throttle.tell(m_progress);
        return {};
    }

    void count(const model::Verdict& verdict, bool added) {
        auto found = std::find_if(
            m_summary.counts.begin(), m_summary.counts.end(), [&](const VerifierCount& one) {
                return one.verifier == verdict.verifier && one.subject == verdict.subject;
            });
        if (found == m_summary.counts.end()) {
            m_summary.counts.push_back({verdict.verifier, verdict.protocol, verdict.subject});
            found = m_summary.counts.end() - 1;
        }
        switch (verdict.outcome) {
        case model::Outcome::Yes:
            ++found->yes;
            break;
        case model::Outcome::No:
            ++found->no;
            break;
        case model::Outcome::Undecided:
            ++found->undecided;
            break;
        }
        found->added += added ? 1 : 0;
    }

    store::Workspace& m_workspace;
    const VerifyOptions& m_options;
    ProgressThrottle m_throttle;
    base::CancelToken m_cancel;
    VerifySummary m_summary;
    JobProgress m_progress;
};

} // namespace

Expected<VerifySummary> verifyWorkspace(store::Workspace& workspace, const VerifyOptions& options,
                                        const ProgressFunction& progress,
                                        const base::CancelToken& cancel) {
    return VerifyJob(workspace, options, progress, cancel).run();
}

} // namespace scrit::loop
