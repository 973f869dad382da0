// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/loop/result_writer.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/store/run_reader.h"
#include "core/store/run_writer.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <span>
#include <unordered_set>
#include <utility>

namespace scrit::loop {
namespace {

using base::ErrorCode;
using base::Expected;
using model::ItemState;

constexpr auto kBatchWait = std::chrono::milliseconds(10);
constexpr auto kMarkAfter = std::chrono::milliseconds(100);
constexpr std::size_t kMostSentBytes = 8U << 20U;

// Failures of the file or the disk: trying the items one by one would not help.
bool concernsWorkspace(const base::Error& error) {
    switch (error.code) {
    case ErrorCode::DiskFull:
    case ErrorCode::ReadOnly:
    case ErrorCode::Permission:
    case ErrorCode::Io:
    case ErrorCode::Locked:
    case ErrorCode::Corrupt:
    case ErrorCode::NewerSchema:
        return true;
    default:
        return false;
    }
}

// Stores one ended item with everything that belongs to it. Ids are written into the outcome, so
// that a second attempt after a rollback starts from the same place.
class OutcomeWriter {
public:
    OutcomeWriter(const RunPlan& plan, store::Writer& writer)
        : m_plan(plan), m_writer(writer), m_runs(writer) {}

    Expected<ResultWriter::Ended> store(Outcome& outcome) {
        ResultWriter::Ended ended{outcome.item,      outcome.state,   outcome.wasSent,
                                  outcome.fromCache, outcome.retryAt, {}};
        store::ItemEnd end;
        end.itemId = outcome.item.id;
        end.state = outcome.state;
        end.attempts = outcome.item.attempts;
        end.errorCode = outcome.errorCode;
        end.error = outcome.error;
        end.nextTryAt = outcome.nextTryAt;
        std::optional<std::int64_t> completionId;
        if (outcome.completion) {
            auto stored = storeCompletion(*outcome.completion);
            if (!stored) {
                return base::fail(std::move(stored.error()));
            }
            completionId = *stored;
        }
        if (auto stored = storeResult(outcome, completionId, end); !stored) {
            return base::fail(std::move(stored.error()));
        }
        if (auto stored = storeVerdicts(outcome, completionId, end); !stored) {
            return base::fail(std::move(stored.error()));
        }
        for (const NextItem& next : outcome.next) {
            const std::int64_t subject = next.subjectId != 0 ? next.subjectId : end.resultId;
            if (auto planned = plan(next.stage, subject, next.sample, ended.next); !planned) {
                return base::fail(std::move(planned.error()));
            }
        }
        if (auto stored = m_runs.endItem(end); !stored) {
            return base::fail(std::move(stored.error()));
        }
        return ended;
    }

    Expected<ResultWriter::Ended> store(const Selected& selected) {
        ResultWriter::Ended ended;
        ended.item = selected.item;
        const bool inject = m_plan.recipe().mode == model::CritiqueMode::BugInjection;
        std::unordered_set<std::int64_t> incorrect;
        for (const Pairing& pair : selected.pairs) {
            const auto stored = m_runs.addPair(m_plan.runId, pair.solutionId, pair.referenceId);
            if (!stored) {
                return base::fail(stored.error());
            }
            const int stage = m_plan.indexOf(inject && !pair.solutionCorrect ? StageKind::Inject
                                                                             : StageKind::Critique);
            const int samples = m_plan.stages[static_cast<std::size_t>(stage)].role.samples;
            for (int sample = 0; sample < samples; ++sample) {
                if (auto planned =
                        plan(static_cast<std::int16_t>(stage), pair.solutionId, sample, ended.next);
                    !planned) {
                    return base::fail(std::move(planned.error()));
                }
            }
        }
        store::ItemEnd end;
        end.itemId = selected.item.id;
        end.attempts = selected.item.attempts;
        end.resultKind = selected.pairs.empty() ? "" : "pairs";
        if (selected.pairs.empty()) {
            end.state = ended.state = ItemState::Skipped;
            end.errorCode = "nothing-to-select";
            end.error = "the problem has no solution that could be paired with another, correct "
                        "one";
        }
        if (auto stored = m_runs.endItem(end); !stored) {
            return base::fail(std::move(stored.error()));
        }
        return ended;
    }

private:
    Expected<std::int64_t> storeCompletion(const model::Completion& completion) {
        if (completion.id != 0) {
            return completion.id;
        }
        const auto stored = m_runs.addCompletion(completion, m_plan.request().fresh);
        if (!stored) {
            return base::fail(stored.error());
        }
        return stored->id;
    }

    Expected<void> storeResult(Outcome& outcome, std::optional<std::int64_t> completionId,
                               store::ItemEnd& end) {
        if (outcome.solution) {
            const auto stored = m_writer.addSolution(*outcome.solution);
            if (!stored) {
                return base::fail(stored.error());
            }
            end.resultKind = "solution";
            end.resultId = stored->id;
        }
        if (outcome.critique) {
            outcome.critique->completionId = completionId;
            const auto stored = m_writer.addCritique(*outcome.critique);
            if (!stored) {
                return base::fail(stored.error());
            }
            end.resultKind = "critique";
            end.resultId = stored->id;
        }
        return {};
    }

    Expected<void> storeVerdicts(Outcome& outcome, std::optional<std::int64_t> completionId,
                                 store::ItemEnd& end) {
        const std::int64_t row = end.resultId;
        for (model::Verdict& verdict : outcome.verdicts) {
            const bool ofRow = verdict.subjectId == 0;
            if (ofRow) {
                verdict.subjectId = row;
                verdict.subject =
                    outcome.critique ? model::SubjectKind::Critique : model::SubjectKind::Solution;
            } else { // a judgement that the completion itself states
                verdict.completionId = completionId;
                verdict.cost = outcome.fromCache ? 0 : outcome.completion->cost;
            }
            const auto stored = m_writer.addVerdict(verdict);
            verdict.subjectId = ofRow ? 0 : verdict.subjectId; // for another attempt
            if (!stored) {
                return base::fail(stored.error());
            }
            if (!ofRow) {
                end.resultKind = "verdict";
                end.resultId = stored->id;
            }
        }
        return {};
    }

    // An item that is there already belongs to another outcome with the same result.
    Expected<void> plan(std::int16_t stage, std::int64_t subject, std::int32_t sample,
                        std::vector<OpenItem>& added) {
        const StagePlan& target = m_plan.stages[static_cast<std::size_t>(stage)];
        model::WorkItem item;
        item.runId = m_plan.runId;
        item.stage = target.name;
        item.subject = target.subject;
        item.subjectId = subject;
        item.sample = sample;
        const auto planned = m_runs.planItems({&item, 1});
        if (!planned) {
            return base::fail(planned.error());
        }
        if (*planned > 0) {
            added.push_back({item.id, subject, sample, stage, 0, 0});
        }
        return {};
    }

    const RunPlan& m_plan;
    store::Writer& m_writer;
    store::RunWriter m_runs;
};

} // namespace

ResultWriter::ResultWriter(std::shared_ptr<store::Workspace> workspace, const RunPlan& plan,
                           std::size_t batchItems, std::function<void(Report&&)> report)
    : m_workspace(std::move(workspace)), m_plan(plan),
      m_batchItems(std::max<std::size_t>(batchItems, 1)), m_report(std::move(report)),
      m_thread([this] { run(); }) {
    pthread_setname_np(m_thread.native_handle(), "scrit-db");
}

ResultWriter::~ResultWriter() {
    {
        const std::lock_guard lock(m_mutex);
        m_closed = true;
    }
    m_wake.notify_one();
    m_thread.join();
}

void ResultWriter::start(std::int64_t itemId, store::EncodedPrompt prompt) {
    push(Start{itemId, std::move(prompt), base::steadyMillis()}, false);
}

void ResultWriter::end(std::unique_ptr<Outcome> outcome) {
    push(std::move(outcome), false);
}

void ResultWriter::select(std::vector<Selected> selected) {
    push(std::move(selected), false);
}

void ResultWriter::retryFailed(std::string errorCode) {
    push(Retry{std::move(errorCode)}, true);
}

void ResultWriter::setState(model::RunState state, std::string error, bool requeue) {
    push(State{state, std::move(error), requeue}, true);
}

void ResultWriter::push(Command command, bool urgent) {
    bool wake = false;
    {
        const std::lock_guard lock(m_mutex);
        m_queue.push_back(std::move(command));
        // The thread waits for the first command and then for a full batch; nothing between those
        // concerns it.
        wake = urgent || m_queue.size() == 1 || m_queue.size() == m_batchItems;
        m_urgent = m_urgent || urgent;
    }
    if (wake) {
        m_wake.notify_one();
    }
}

void ResultWriter::run() {
    Commands commands;
    for (;;) {
        {
            std::unique_lock lock(m_mutex);
            const auto something = [this] {
                return m_closed || !m_queue.empty();
            };
            if (m_sent.empty()) {
                m_wake.wait(lock, something);
            } else {
                m_wake.wait_for(lock, kMarkAfter, something);
            }
            if (m_closed && m_queue.empty()) {
                return;
            }
            m_wake.wait_for(lock, kBatchWait, [this] {
                return m_closed || m_urgent || m_queue.empty() || m_queue.size() >= m_batchItems;
            });
            m_urgent = false;
            commands.swap(m_queue);
        }
        store(commands);
        commands.clear();
    }
}

// Takes the commands in their order; neighbouring ends share a transaction.
void ResultWriter::store(Commands& commands) {
    std::vector<std::unique_ptr<Outcome>> outcomes;
    const auto flush = [&] {
        storeOutcomes(outcomes);
        outcomes.clear();
    };
    for (Command& command : commands) {
        if (auto* const start = std::get_if<Start>(&command)) {
            Start& sent = m_sent[start->itemId]; // of an earlier request that was lost, perhaps
            m_sentBytes += start->prompt.bytes.size() - sent.prompt.bytes.size();
            sent = std::move(*start);
        } else if (auto* const outcome = std::get_if<std::unique_ptr<Outcome>>(&command)) {
            outcomes.push_back(std::move(*outcome));
        } else {
            flush();
            if (const auto* const selected = std::get_if<std::vector<Selected>>(&command)) {
                storeSelected(*selected);
            } else if (const auto* const retry = std::get_if<Retry>(&command)) {
                storeRetry(*retry);
            } else if (const auto* const state = std::get_if<State>(&command)) {
                storeState(*state);
            }
        }
        if (outcomes.size() >= m_batchItems) {
            flush();
        }
    }
    flush();
}

// What a transaction stores besides the ends: the prompts of ended items, and those items that have
// been on their way for long enough to be marked as running.
void ResultWriter::takeStarts(const std::vector<std::unique_ptr<Outcome>>& outcomes,
                              std::vector<Start>& prompts, std::vector<std::int64_t>& running) {
    const auto take = [&](std::unordered_map<std::int64_t, Start>::iterator place) {
        m_sentBytes -= place->second.prompt.bytes.size();
        prompts.push_back(std::move(place->second));
        return m_sent.erase(place);
    };
    for (const std::unique_ptr<Outcome>& outcome : outcomes) {
        if (const auto place = m_sent.find(outcome->item.id); place != m_sent.end()) {
            take(place);
        }
    }
    const bool all = m_sentBytes > kMostSentBytes;
    const std::int64_t before = base::steadyMillis() - kMarkAfter.count();
    for (auto place = m_sent.begin(); place != m_sent.end();) {
        if (!all && place->second.at > before) {
            ++place;
            continue;
        }
        running.push_back(place->first);
        place = take(place);
    }
}

void ResultWriter::storeOutcomes(std::vector<std::unique_ptr<Outcome>>& outcomes) {
    std::vector<Start> starts;
    std::vector<std::int64_t> running;
    takeStarts(outcomes, starts, running);
    if (m_failed || (starts.empty() && outcomes.empty())) {
        return;
    }
    Stored stored;
    const auto storeStarts = [&](store::RunWriter& runs) -> Expected<void> {
        for (const Start& start : starts) {
            if (auto done = runs.addPrompt(start.prompt); !done) {
                return done;
            }
        }
        return runs.startItems(running);
    };
    const auto written = m_workspace->write([&](store::Writer& writer) -> Expected<void> {
        stored.ended.clear();
        store::RunWriter runs(writer);
        if (auto done = storeStarts(runs); !done) {
            return done;
        }
        OutcomeWriter outcomeWriter(m_plan, writer);
        for (const std::unique_ptr<Outcome>& outcome : outcomes) {
            auto one = outcomeWriter.store(*outcome);
            if (!one) {
                return base::fail(std::move(one.error()));
            }
            stored.ended.push_back(std::move(*one));
        }
        return {};
    });
    if (written) {
        if (!stored.ended.empty()) {
            m_report(std::move(stored));
        }
        return;
    }
    if (concernsWorkspace(written.error())) {
        fail(written.error());
        return;
    }
    base::log::warn("a batch is stored item by item: " + written.error().text());
    const auto again = m_workspace->write([&](store::Writer& writer) -> Expected<void> {
        store::RunWriter runs(writer);
        return storeStarts(runs);
    });
    if (!again) {
        fail(again.error());
        return;
    }
    storeOneByOne(outcomes);
}

void ResultWriter::storeOneByOne(std::vector<std::unique_ptr<Outcome>>& outcomes) {
    Stored stored;
    for (const std::unique_ptr<Outcome>& outcome : outcomes) {
        std::optional<Ended> ended;
        const auto store = [&](store::Writer& writer) -> Expected<void> {
            auto one = OutcomeWriter(m_plan, writer).store(*outcome);
            if (!one) {
                return base::fail(std::move(one.error()));
            }
            ended = std::move(*one);
            return {};
        };
        auto written = m_workspace->write(store);
        if (!written && !concernsWorkspace(written.error())) {
            Outcome failed;
            failed.item = outcome->item;
            failed.wasSent = outcome->wasSent;
            failed.state = ItemState::Failed;
            failed.errorCode = "not-stored";
            failed.error = written.error().text();
            *outcome = std::move(failed);
            written = m_workspace->write(store);
        }
        if (!written) {
            m_report(std::move(stored));
            fail(written.error());
            return;
        }
        stored.ended.push_back(std::move(*ended));
    }
    m_report(std::move(stored));
}

void ResultWriter::storeSelected(const std::vector<Selected>& selected) {
    if (m_failed) {
        return;
    }
    Stored stored;
    const auto written = m_workspace->write([&](store::Writer& writer) -> Expected<void> {
        stored.ended.clear();
        OutcomeWriter outcomeWriter(m_plan, writer);
        for (const Selected& one : selected) {
            auto ended = outcomeWriter.store(one);
            if (!ended) {
                return base::fail(std::move(ended.error()));
            }
            stored.ended.push_back(std::move(*ended));
        }
        return {};
    });
    if (!written) {
        fail(written.error());
        return;
    }
    m_report(std::move(stored));
}

void ResultWriter::storeRetry(const Retry& retry) {
    if (m_failed) {
        return;
    }
    Retried retried;
    const auto written = m_workspace->write([&](store::Writer& writer) -> Expected<void> {
        const auto count = store::RunWriter(writer).retryFailed(
            m_plan.runId, retry.errorCode.empty()
                              ? std::nullopt
                              : std::optional<std::string_view>(retry.errorCode));
        if (!count) {
            return base::fail(count.error());
        }
        retried.count = *count;
        return {};
    });
    if (!written) {
        fail(written.error());
        return;
    }
    // Read here, where nothing is written meanwhile: an item of the list is either known to the
    // engine from an earlier report, or was planned again just now.
    const auto reader = m_workspace->reader();
    if (!reader) {
        fail(reader.error());
        return;
    }
    const auto read =
        store::RunReader(**reader).forEachOpenItem(m_plan.runId, [&](const model::WorkItem& item) {
            const int stage = m_plan.indexOf(item.stage);
            if (item.state == ItemState::Planned && stage >= 0) {
                retried.open.push_back(
                    {item.id, item.subjectId, item.sample, static_cast<std::int16_t>(stage),
                     static_cast<std::uint8_t>(std::min(item.attempts, 255)), 0});
            }
            return true;
        });
    if (!read) {
        fail(read.error());
        return;
    }
    m_report(std::move(retried));
}

void ResultWriter::storeState(const State& state) {
    StateStored stored{state.state, std::nullopt};
    const auto written = m_workspace->write([&](store::Writer& writer) -> Expected<void> {
        store::RunWriter runs(writer);
        if (state.requeue) {
            m_sent.clear();
            m_sentBytes = 0;
            if (const auto requeued = runs.requeueRunning(m_plan.runId); !requeued) {
                return base::fail(requeued.error());
            }
        }
        return runs.setRunState(m_plan.runId, state.state, state.error);
    });
    if (!written) {
        stored.error = written.error();
    }
    m_report(std::move(stored));
}

void ResultWriter::fail(base::Error error) {
    if (!std::exchange(m_failed, true)) {
        m_report(Failed{std::move(error)});
    }
}

} // namespace scrit::loop
