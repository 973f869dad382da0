// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/critique_comparison.h"
#include "ui/widgets/step_card.h"

#include <vector>

// Two critiques of one solution → the cards of the critique column. Pure apart from the theme's
// colours; UI thread.
namespace scrit::ui::pages {

// "2 · contrastive · GPT-4": a critique as the switch of the record's header numbers it.
[[nodiscard]] QString critiqueName(const models::TraceRecord& record);
// Part by part: the critique on screen, below it the other one on a sunken ground, the words that
// differ marked in both. A part with the same words in both is one card; a part that only one of
// them has says so.
[[nodiscard]] std::vector<widgets::CardContent>
comparisonCards(const models::CritiqueComparison& comparison);
// One side alone, for two columns beside one another: its parts in their order, the words that the
// other one has not marked.
enum class ComparedSide { Left, Right };
[[nodiscard]] std::vector<widgets::CardContent>
comparedSideCards(const models::CritiqueComparison& comparison, ComparedSide side);

} // namespace scrit::ui::pages
