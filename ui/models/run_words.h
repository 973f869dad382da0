// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/run_values.h"
#include "ui/models/words.h"

#include <QString>

// The words of runs, in one place. Pure functions.
namespace scrit::ui::models {

[[nodiscard]] QString stageTitle(const QString& name);       // "Solve · NAME", "Critique"
[[nodiscard]] QString stageExplanation(const QString& name); // a sentence
[[nodiscard]] QString runStateWord(model::RunState state);
// Done: Yes, Failed: No, anything else: None; the word says it, “?” is what is not known.
[[nodiscard]] Mark runStateMark(model::RunState state);
// A sentence for the code of a failed or skipped item; the code itself when it is not known.
[[nodiscard]] QString errorCause(const QString& code);

[[nodiscard]] QString costText(double dollars);    // "$0.12", "under $0.01", "$1,204"
[[nodiscard]] QString tokensText(qint64 tokens);   // "812", "12.3K", "4.1M"
[[nodiscard]] QString rateText(double perSecond);  // "12.3/s", "4.0/min"; empty for 0
[[nodiscard]] QString secondsText(double seconds); // "0.21 s", "84 s"; "–" for 0
// "62 %": never 100 before all of it is there.
[[nodiscard]] QString shareText(qint64 part, qint64 whole);

// A filter that shows what a run has made, in the list of critiques.
[[nodiscard]] QString tracesFilter(const RunSummary& run);
// "validated by itself", "limit 100, seed 3, at most $2.00": what was asked for, in short.
[[nodiscard]] QString settingsText(const RunSummary& run);

} // namespace scrit::ui::models
