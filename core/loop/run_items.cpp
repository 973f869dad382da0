// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/loop/run_items.h"

#include <algorithm>

namespace scrit::loop {

RunItems::RunItems(const RunPlan& plan, bool selectTogether)
    : m_selectStage(plan.indexOf(StageKind::Select)), m_selectTogether(selectTogether),
      m_ready(plan.stages.size()) {
    for (const StagePlan& stage : plan.stages) {
        m_kinds.push_back(stage.kind);
    }
}

void RunItems::add(const OpenItem& item) {
    const auto stage = static_cast<std::size_t>(item.stage);
    if (m_kinds[stage] == StageKind::Solve) {
        ++m_openSolves;
        ++m_waiting[item.subjectId].openSolves;
        m_ready[stage].push_back(item);
        return;
    }
    if (item.stage != m_selectStage) {
        m_ready[stage].push_back(item);
        return;
    }
    const auto place = m_waiting.try_emplace(item.subjectId).first;
    place->second.select = item;
    ++m_waitingSelects;
    if (m_settled && place->second.openSolves == 0) {
        release(place);
    }
}

void RunItems::addDelayed(const OpenItem& item, std::int64_t dueAt) {
    m_delayed.push_back({dueAt, item});
    std::push_heap(m_delayed.begin(), m_delayed.end(), std::greater<>());
}

void RunItems::settle() {
    m_settled = true;
    for (auto place = m_waiting.begin(); place != m_waiting.end();) {
        const auto here = place++;
        if (here->second.openSolves == 0) {
            release(here);
        }
    }
    if (m_selectStage < 0) {
        return;
    }
    std::deque<OpenItem>& selections = m_ready[static_cast<std::size_t>(m_selectStage)];
    std::sort(selections.begin(), selections.end(),
              [](const OpenItem& a, const OpenItem& b) { return a.id < b.id; });
}

void RunItems::putBack(const OpenItem& item) {
    m_ready[static_cast<std::size_t>(item.stage)].push_front(item);
}

std::vector<OpenItem> RunItems::take(int stage, std::size_t count) {
    std::deque<OpenItem>& ready = m_ready[static_cast<std::size_t>(stage)];
    const auto end = ready.begin() + static_cast<std::ptrdiff_t>(std::min(count, ready.size()));
    std::vector<OpenItem> taken(ready.begin(), end);
    ready.erase(ready.begin(), end);
    return taken;
}

std::vector<OpenItem> RunItems::takeSelections() {
    std::vector<OpenItem> taken;
    if (!m_selectTogether || m_openSolves > 0 || m_waitingSelects == 0) {
        return taken;
    }
    for (const auto& [problem, waiting] : m_waiting) {
        if (waiting.select.id != 0) {
            taken.push_back(waiting.select);
        }
    }
    std::sort(taken.begin(), taken.end(),
              [](const OpenItem& a, const OpenItem& b) { return a.id < b.id; });
    m_waiting.clear();
    m_waitingSelects = 0;
    return taken;
}

void RunItems::solved(std::int64_t problemId) {
    --m_openSolves;
    const auto place = m_waiting.find(problemId);
    if (place != m_waiting.end() && --place->second.openSolves == 0) {
        release(place);
    }
}

void RunItems::release(std::unordered_map<std::int64_t, Waiting>::iterator place) {
    if (m_selectTogether && place->second.select.id != 0) {
        return; // it waits on for the other problems
    }
    if (place->second.select.id != 0) {
        m_ready[static_cast<std::size_t>(m_selectStage)].push_back(place->second.select);
        --m_waitingSelects;
    }
    m_waiting.erase(place);
}

void RunItems::wake(std::int64_t now) {
    while (!m_delayed.empty() && m_delayed.front().dueAt <= now) {
        std::pop_heap(m_delayed.begin(), m_delayed.end(), std::greater<>());
        const OpenItem item = m_delayed.back().item;
        m_delayed.pop_back();
        m_ready[static_cast<std::size_t>(item.stage)].push_back(item);
    }
}

std::optional<std::int64_t> RunItems::nextDue() const {
    return m_delayed.empty() ? std::nullopt : std::optional(m_delayed.front().dueAt);
}

bool RunItems::empty() const {
    return m_delayed.empty() && m_waitingSelects == 0 &&
           std::all_of(m_ready.begin(), m_ready.end(),
                       [](const std::deque<OpenItem>& stage) { return stage.empty(); });
}

void RunItems::collectIds(std::unordered_set<std::int64_t>& into) const {
    for (const std::deque<OpenItem>& stage : m_ready) {
        for (const OpenItem& item : stage) {
            into.insert(item.id);
        }
    }
    for (const Delayed& delayed : m_delayed) {
        into.insert(delayed.item.id);
    }
    for (const auto& [problem, waiting] : m_waiting) {
        into.insert(waiting.select.id);
    }
}

} // namespace scrit::loop
