// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/run_values.h"

#include <algorithm>
#include <numeric>

namespace scrit::ui::models {

namespace {

template<typename Value, typename Items, typename Of>
Value sum(const Items& items, Of of) {
    return std::accumulate(items.begin(), items.end(), Value{},
                           [&of](Value value, const auto& item) { return value + of(item); });
}

} // namespace

qint64 RunPreview::calls() const {
    return sum<qint64>(stages, [](const Stage& stage) { return stage.calls; });
}

bool RunPreview::isUpperBound() const {
    return std::any_of(stages.begin(), stages.end(),
                       [](const Stage& stage) { return stage.upperBound; });
}

qint64 RunPreview::promptTokens() const {
    return sum<qint64>(stages, [](const Stage& stage) { return stage.promptTokens; });
}

qint64 RunPreview::completionTokensMax() const {
    return sum<qint64>(stages, [](const Stage& stage) { return stage.completionTokensMax; });
}

double RunPreview::costMax() const {
    return sum<double>(stages, [](const Stage& stage) { return stage.costMax; });
}

RunStage sumOf(const RunStages& stages) {
    RunStage all;
    for (const RunStage& stage : stages) {
        all.planned += stage.planned;
        all.running += stage.running;
        all.done += stage.done;
        all.failed += stage.failed;
        all.skipped += stage.skipped;
        all.perSecond += stage.perSecond;
    }
    return all;
}

int RunStatus::inFlight() const {
    return sum<int>(endpoints, [](const RunEndpoint& endpoint) { return endpoint.inFlight; });
}

double RunStatus::completionsPerSecond() const {
    return sum<double>(endpoints,
                       [](const RunEndpoint& endpoint) { return endpoint.completionsPerSecond; });
}

bool RunSummary::isOpen() const {
    return state != model::RunState::Done && state != model::RunState::Failed;
}

QStringList RunSummary::models() const {
    return QStringList(students) << critic << validator;
}

void RateHistory::add(double seconds, double rate) {
    const int second = static_cast<int>(seconds);
    if (second < m_second) { // another run, or the same one after a resume
        clear();
    }
    if (second == m_second) {
        return;
    }
    m_second = second;
    if (m_samples.size() == kMost) {
        m_samples.removeFirst();
    }
    m_samples.push_back(rate);
}

void RateHistory::clear() {
    m_samples.clear();
    m_second = -1;
}

} // namespace scrit::ui::models
