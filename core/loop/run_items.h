// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/loop/run_plan.h"
#include "core/loop/run_task.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace scrit::loop {

// The open items of a run: which may be worked on, which wait for others (a problem's selection for
// its solutions) and which wait for a time (after a failure). An item is in exactly one of these or
// with the engine. Holds ids only. Not thread-safe; belongs to scrit-run. Times are steady
// milliseconds.
class RunItems {
public:
    // With `selectTogether` no selection is ready before all solutions are there.
    RunItems(const RunPlan& plan, bool selectTogether);

    // An item that this object has not seen, or not since it was done.
    void add(const OpenItem& item);
    // An item that was taken and failed; it becomes ready at that time.
    void addDelayed(const OpenItem& item, std::int64_t dueAt);
    // To be called once after the stored items were added: selections that wait for nothing become
    // ready.
    void settle();
    // Puts an item back that was not worked on after all.
    void putBack(const OpenItem& item);

    // Takes up to `count` ready items of a stage.
    [[nodiscard]] std::vector<OpenItem> take(int stage, std::size_t count);
    [[nodiscard]] std::size_t ready(int stage) const {
        return m_ready[static_cast<std::size_t>(stage)].size();
    }
    // Takes all selections at once, when they are to be made together and nothing is missing.
    [[nodiscard]] std::vector<OpenItem> takeSelections();

    // A solve item of this problem is done, failed or skipped.
    void solved(std::int64_t problemId);
    // Items whose time has come become ready.
    void wake(std::int64_t now);
    [[nodiscard]] std::optional<std::int64_t> nextDue() const;
    [[nodiscard]] bool empty() const;
    void collectIds(std::unordered_set<std::int64_t>& into) const;

private:
    struct Waiting {
        OpenItem select; // id 0: there is none (any more)
        std::int32_t openSolves = 0;
    };
    struct Delayed {
        std::int64_t dueAt = 0;
        OpenItem item;
        friend bool operator>(const Delayed& a, const Delayed& b) { return a.dueAt > b.dueAt; }
    };
    void release(std::unordered_map<std::int64_t, Waiting>::iterator place);

    int m_selectStage;
    bool m_selectTogether;
    bool m_settled = false;
    std::vector<StageKind> m_kinds;
    std::vector<std::deque<OpenItem>> m_ready;           // by stage
    std::unordered_map<std::int64_t, Waiting> m_waiting; // by problem
    std::int64_t m_openSolves = 0;
    std::int64_t m_waitingSelects = 0;
    std::vector<Delayed> m_delayed; // a heap, the earliest on top
};

} // namespace scrit::loop
