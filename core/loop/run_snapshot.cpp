// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/clock.h"
#include "core/loop/run_loop.h"

#include <algorithm>
#include <utility>

// What RunLoop shows of itself.
namespace scrit::loop {

RunSnapshot RunLoop::snapshot() const {
    const std::lock_guard lock(m_mutex);
    return m_snapshot;
}

void RunLoop::publish(std::int64_t now, bool always) {
    if (!always && now - m_publishedAt < m_setup.options.progressMillis) {
        return;
    }
    m_publishedAt = now;
    RunSnapshot snapshot = makeSnapshot(now);
    {
        const std::lock_guard lock(m_mutex);
        m_snapshot = snapshot;
    }
    if (m_setup.listener) {
        m_setup.listener(snapshot);
    }
}

RunSnapshot RunLoop::makeSnapshot(std::int64_t now) const {
    RunSnapshot snapshot = m_totals;
    snapshot.runId = m_plan.runId;
    snapshot.state = m_state;
    snapshot.stopping = m_stopping && !m_ended;
    snapshot.message = m_message.empty() ? waitingFor(now) : m_message;
    snapshot.failure = m_failure;
    for (const StageBook& book : m_books) {
        snapshot.stages.push_back(book.counts);
        snapshot.stages.back().perSecond = m_ended ? 0 : book.ended.perSecond(now);
    }
    for (const Desk& desk : m_desks) {
        if (!desk.pool) {
            continue;
        }
        for (const auto& endpoint : desk.pool->endpoints()) {
            RunSnapshot::Endpoint& shown = snapshot.endpoints.emplace_back();
            shown.model = desk.modelName;
            shown.label = endpoint->info.label;
            shown.ready = endpoint->info.ready && endpoint->blocked.empty();
            shown.inFlight = endpoint->inFlight;
            shown.window = endpoint->window.limit();
            shown.completionsPerSecond = endpoint->answersPerSecond.perSecond(now);
            shown.tokensPerSecond = endpoint->tokensPerSecond.perSecond(now);
            shown.errors = endpoint->errors;
        }
    }
    snapshot.wouldBeLost = m_ended ? 0 : static_cast<std::int64_t>(m_flights.size() + m_unsettled);
    snapshot.queueSecondsMedian = m_queueSeconds.median();
    snapshot.latencySecondsMedian = m_latencySeconds.median();
    snapshot.seconds = static_cast<double>(now - m_startedAt) / 1000;
    snapshot.secondsLeft = secondsLeft(now);
    return snapshot;
}

// Why nothing is in flight although there is work; empty when that needs no explanation.
std::string RunLoop::waitingFor(std::int64_t now) const {
    if (!active() || !m_flights.empty() || m_unsettled > 0) {
        return {};
    }
    for (const StageBook& book : m_books) {
        if (book.desk < 0 || book.counts.planned == 0) {
            continue;
        }
        const Desk& desk = m_desks[static_cast<std::size_t>(book.desk)];
        if (!desk.pool) {
            continue;
        }
        if (!desk.pool->anyReady()) {
            return "waiting for " + desk.modelName + " to be ready";
        }
        const auto chance = desk.pool->nextChance(now, 0);
        if (chance && *chance > now + 1000) {
            return "waiting for " + desk.modelName + ": next try in " +
                   std::to_string((*chance - now + 999) / 1000) + " s";
        }
    }
    return {};
}

// By what is open now and what will follow from it, at the rate of the last ten seconds.
double RunLoop::secondsLeft(std::int64_t now) const {
    if (m_ended) {
        return 0;
    }
    double rate = 0;
    double left = 0;
    double followers =
        0; // items that one item of the stage at hand brings with it, itself included
    for (std::size_t i = m_books.size(); i-- > 0;) {
        const RunSnapshot::Stage& counts = m_books[i].counts;
        switch (m_plan.stages[i].kind) {
        case StageKind::Validate:
        case StageKind::Critique:
        case StageKind::Inject:
            followers += 1;
            break;
        case StageKind::Select:
            followers = m_selectsEnded > 0 ? 1 + followers * static_cast<double>(m_pairs) /
                                                     static_cast<double>(m_selectsEnded)
                                           : 1;
            break;
        case StageKind::Solve:
            followers = 1;
            break;
        }
        left += static_cast<double>(counts.planned + counts.running) * followers;
        rate += m_books[i].ended.perSecond(now);
    }
    return rate > 0 && m_state == model::RunState::Running ? left / rate : -1;
}

} // namespace scrit::loop
