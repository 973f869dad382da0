// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/traces/comparison_cards.h"

#include "ui/models/translated.h"
#include "ui/models/visible_text.h"
#include "ui/pages/traces/record_cards.h"
#include "ui/widgets/theme.h"

#include <algorithm>
#include <utility>

namespace scrit::ui::pages {

namespace {

using models::ComparedPart;
using widgets::CardContent;

int siblingNumber(const models::TraceRecord& record) {
    for (int i = 0; i < record.siblings.size(); ++i) {
        if (record.critique && record.siblings[i].id == record.critique->id) {
            return i + 1;
        }
    }
    return 0;
}

// One side's card of a part. Its badges and its bar say what this critique says; `who` names it.
CardContent sideCard(const models::TraceRecord& record, std::size_t segment,
                     const std::vector<base::Span>& marks, const QString& who) {
    CardContent card = segmentCard(record.segments[segment], record.critique->parsed);
    const base::Span body = record.segments[segment].body;
    card.text = std::string(base::slice(record.critique->text, body));
    QStringList words{who, card.title};
    words.removeAll(QString());
    card.title = words.join(QStringLiteral(" · "));
    for (const base::Span mark : marks) {
        card.highlights.push_back({{mark.begin - body.begin, mark.end - body.begin},
                                   widgets::tokens().quote,
                                   {},
                                   tr("Not in the other critique")});
    }
    return card;
}

} // namespace

QString critiqueName(const models::TraceRecord& record) {
    if (!record.critique) {
        return {};
    }
    QStringList parts{QString::number(siblingNumber(record)),
                      models::modeWord(record.critique->mode),
                      models::labelText(record.critique->critic, 40)};
    if (record.critique->round > 0) {
        parts << tr("round %1").arg(record.critique->round);
    }
    parts.removeAll(QString());
    return parts.join(QStringLiteral(" · "));
}

std::vector<CardContent> comparisonCards(const models::CritiqueComparison& comparison) {
    const models::TraceRecord& left = *comparison.left;
    const models::TraceRecord& right = *comparison.right;
    const QString leftName = critiqueName(left);
    const QString rightName = critiqueName(right);
    std::vector<CardContent> cards;
    for (const ComparedPart& part : comparison.parts) {
        if (part.left) {
            const QString who = part.same    ? tr("the same in both")
                                : part.right ? leftName
                                             : tr("only in %1").arg(leftName);
            cards.push_back(sideCard(left, *part.left, part.leftMarks, who));
        }
        if (part.right && !part.same) {
            const QString who = part.left ? rightName : tr("only in %1").arg(rightName);
            cards.push_back(sideCard(right, *part.right, part.rightMarks, who));
            cards.back().aside = true;
        }
    }
    if (cards.empty()) {
        CardContent empty;
        empty.title = tr("Both critiques are empty.");
        cards.push_back(std::move(empty));
    }
    return cards;
}

std::vector<CardContent> comparedSideCards(const models::CritiqueComparison& comparison,
                                           ComparedSide side) {
    const bool left = side == ComparedSide::Left;
    std::vector<std::pair<std::size_t, CardContent>> cards; // by segment
    for (const ComparedPart& part : comparison.parts) {
        const auto& here = left ? part.left : part.right;
        const auto& there = left ? part.right : part.left;
        if (here) {
            const QString who = part.same ? tr("the same in both")
                                : there   ? QString()
                                          : tr("only here");
            const models::TraceRecord& record = left ? *comparison.left : *comparison.right;
            cards.emplace_back(
                *here, sideCard(record, *here, left ? part.leftMarks : part.rightMarks, who));
            if (record.segments[*here].kind == models::CritiqueSegment::Kind::Correction) {
                cards.back().second.title = tr("Correction"); // no diff with the candidate below
            }
        }
    }
    std::stable_sort(cards.begin(), cards.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<CardContent> out;
    out.reserve(cards.size());
    for (auto& [segment, card] : cards) {
        out.push_back(std::move(card));
    }
    return out;
}

} // namespace scrit::ui::pages
