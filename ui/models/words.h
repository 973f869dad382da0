// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/flags.h"
#include "core/model/names.h"

#include <QString>

#include <optional>

// The words that people read for the closed vocabularies, in one place. A verdict is never colour
// alone: it is a mark, a word and a colour, and the three are chosen here and in
// ui/widgets/theme.h.
namespace scrit::ui::models {

// The mark of a verdict, as it is drawn.
enum class Mark { None, Yes, No, Unknown };

[[nodiscard]] Mark markOf(std::optional<model::Outcome> outcome);       // absent: None
[[nodiscard]] Mark markOf(std::optional<bool> correct);                 // absent: Unknown
[[nodiscard]] Mark markOf(std::optional<model::Conclusion> conclusion); // absent: Unknown
[[nodiscard]] Mark markOf(model::StepVerdict verdict);                  // unstated: None
[[nodiscard]] QString markText(Mark mark); // "✓", "✗", "?" or empty

[[nodiscard]] QString modeWord(model::CritiqueMode mode);
[[nodiscard]] QString correctnessWord(std::optional<bool> correct); // right, wrong, not known
[[nodiscard]] QString conclusionWord(std::optional<model::Conclusion> conclusion);
[[nodiscard]] QString validatedWord(std::optional<model::Outcome> outcome);
[[nodiscard]] QString matchWord(std::optional<model::Outcome> outcome);
[[nodiscard]] QString stepVerdictWord(model::StepVerdict verdict);
[[nodiscard]] QString flagWord(model::Flag flag);        // "rubber stamp"
[[nodiscard]] QString flagExplanation(model::Flag flag); // one sentence
// "2" for the 0-based step 1, "none" for -1, "–" when absent: people count steps from 1.
[[nodiscard]] QString stepNumber(std::optional<int> step);
// "step 2", "no error" or "not stated".
[[nodiscard]] QString stepPhrase(std::optional<int> step);
// A sentence for a named gap of the critique parser ("no-conclusion"); unknown names are kept.
[[nodiscard]] QString parseProblemSentence(const QString& name);
// "1,204": grouped by the user's locale.
[[nodiscard]] QString grouped(qint64 number);

} // namespace scrit::ui::models
