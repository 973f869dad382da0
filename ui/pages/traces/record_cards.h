// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/trace_record.h"
#include "ui/widgets/step_card.h"

#include <vector>

// A record → the cards of the four columns. Pure apart from the theme's colours; UI thread.
namespace scrit::ui::pages {

[[nodiscard]] std::vector<widgets::CardContent> problemCards(const models::TraceRecord& record);
[[nodiscard]] std::vector<widgets::CardContent> referenceCards(const models::TraceRecord& record);
// What the critique of a solution step (0-based) quotes of the reference: marks for each card of
// referenceCards(), in their order.
[[nodiscard]] std::vector<std::vector<render::Highlight>>
referenceQuoteMarks(const models::TraceRecord& record, int step);
// One card per step: where the critique finds the first error (filled badge), where the label puts
// it (outlined badge), equations that do not hold underlined.
[[nodiscard]] std::vector<widgets::CardContent> candidateCards(const models::TraceRecord& record);
// One card per part of the critique, words that mention the reference marked, run-on text greyed.
[[nodiscard]] std::vector<widgets::CardContent> critiqueCards(const models::TraceRecord& record);
// One part of a critique without its text: number, verdict, badges, title.
[[nodiscard]] widgets::CardContent segmentCard(const models::CritiqueSegment& segment,
                                               const model::ParsedCritique& parsed);
// The critique as the model wrote it, in one card.
[[nodiscard]] std::vector<widgets::CardContent> rawCritiqueCards(const models::TraceRecord& record);

} // namespace scrit::ui::pages
