// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/session.h"
#include "core/loop/progress.h"

#include <cstdint>
#include <string>

namespace scrit::cli {

// The progress of a long command: one line on stderr that is overwritten, only where stderr is a
// terminal and --quiet was not given. One thread; the destructor takes the line away.
class ProgressLine {
public:
    explicit ProgressLine(const Session& session);
    ~ProgressLine();
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    // What to give to a job; empty when nothing is to be shown.
    [[nodiscard]] loop::ProgressFunction function();
    void clear();

private:
    void show(const loop::JobProgress& progress);

    bool m_wanted;
    bool m_shown = false;
    std::string m_stage;
    std::int64_t m_started = 0;
};

// "import gsm8k.jsonl  42 %  1200 lines (3 bad)  24000/s  0:07 left". Pure.
[[nodiscard]] std::string progressText(const loop::JobProgress& progress, double seconds);

} // namespace scrit::cli
