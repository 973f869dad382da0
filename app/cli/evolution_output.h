// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/json_output.h"
#include "app/cli/session.h"
#include "core/base/error.h"
#include "core/loop/evolution.h"
#include "core/loop/sweep.h"
#include "core/store/workspace.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

// How evolutions look in a terminal and in JSON (keys are a contract), and how they are worked on.
namespace scrit::cli {

// "63.2 [59.8, 66.5]" in percent; "–" where it was not measured.
[[nodiscard]] std::string roundScoreText(const loop::RoundScore* score);
// "37.9 % of 600"; "–" where nothing was judged.
[[nodiscard]] std::string validationText(const std::optional<loop::ValidationRate>& rate);

// One object: "series", "done", "policy", "rounds" (a list of what loop::reportJson() says with
// "round", "state", "stage").
[[nodiscard]] Json evolutionJson(const loop::EvolutionState& state);
// Tables: scores by round, the funnel, self-validation by difficulty, what got worse.
void printEvolution(const loop::EvolutionState& state);
// "2 of 3 critique  critique 210 of 600  41 %". Pure.
[[nodiscard]] std::string evolutionLine(const loop::EvolutionProgress& progress);

[[nodiscard]] Json sweepJson(const loop::SweepTable& table);
void printSweep(const loop::SweepTable& table);

// Shows progress: a line on a terminal, or with `json` one object a second on stdout.
class EvolutionDisplay {
public:
    EvolutionDisplay(const Session& session, bool json);
    ~EvolutionDisplay();
    EvolutionDisplay(const EvolutionDisplay&) = delete;
    EvolutionDisplay& operator=(const EvolutionDisplay&) = delete;
    void show(const loop::EvolutionProgress& progress);
    void clear();

private:
    bool m_json;
    bool m_line;
    bool m_shown = false;
    std::int64_t m_shownAt = 0;
};

// Work on a series or on all cells of a sweep until they are done or Ctrl+C; print the table.
[[nodiscard]] base::Expected<int> watchEvolution(Session& session,
                                                 const std::shared_ptr<store::Workspace>& workspace,
                                                 const std::string& series, bool json);
[[nodiscard]] base::Expected<int> watchSweep(Session& session,
                                             const std::shared_ptr<store::Workspace>& workspace,
                                             const std::string& sweep, bool json);

} // namespace scrit::cli
