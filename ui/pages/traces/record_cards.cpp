// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/traces/record_cards.h"

#include "ui/models/translated.h"
#include "ui/models/visible_text.h"
#include "ui/widgets/theme.h"

#include <algorithm>
#include <utility>

namespace scrit::ui::pages {

namespace {

using models::CritiqueSegment;
using models::Mark;
using widgets::CardContent;

CardContent remark(const QString& title) {
    CardContent card;
    card.title = title;
    return card;
}

// Highlights of the spans that touch [part.begin, part.end), relative to it and looking like
// `like`.
void addHighlights(std::vector<render::Highlight>& highlights, const std::vector<base::Span>& spans,
                   base::Span part, const render::Highlight& like) {
    for (const base::Span span : spans) {
        const std::size_t begin = std::max(span.begin, part.begin);
        const std::size_t end = std::min(span.end, part.end);
        if (begin < end) {
            render::Highlight highlight = like;
            highlight.source = {begin - part.begin, end - part.begin};
            highlights.push_back(std::move(highlight));
        }
    }
}

std::vector<CardContent> stepsOf(const model::Solution& solution) {
    std::vector<CardContent> cards;
    for (std::size_t i = 0; i < solution.steps.size(); ++i) {
        CardContent card;
        card.gutter = QString::number(i + 1);
        card.text = std::string(base::slice(solution.text, solution.steps[i]));
        card.steps = {static_cast<int>(i)};
        cards.push_back(std::move(card));
    }
    return cards;
}

QString stepNumbers(const std::vector<int>& steps) {
    QStringList numbers;
    for (const int step : steps) {
        if (step >= 0) {
            numbers << QString::number(step + 1);
        }
    }
    if (numbers.isEmpty()) {
        return QStringLiteral("?");
    }
    return numbers.size() <= 2 ? numbers.join(QLatin1Char(','))
                               : numbers.first() + QStringLiteral("–") + numbers.last();
}

CardContent stepCritiqueCard(const CritiqueSegment& segment, std::optional<int> firstError) {
    CardContent card;
    card.gutter = stepNumbers(segment.steps);
    card.steps = segment.steps;
    card.mark = models::markOf(segment.verdict);
    card.markWord =
        segment.verdict == model::StepVerdict::Unstated
            ? tr("The critique does not say whether this step is right")
            : tr("The critique calls this step %1").arg(models::stepVerdictWord(segment.verdict));
    if (card.gutter == QStringLiteral("?")) {
        card.markWord = tr("The critique quotes a sentence that is in no step of the candidate");
    }
    const auto& steps = segment.steps;
    if (firstError && *firstError >= 0 &&
        std::find(steps.begin(), steps.end(), *firstError) != steps.end()) {
        card.bar = Mark::No;
        card.badges.push_back(
            {tr("first error"), Mark::No, false, tr("The first wrong step, says the critique.")});
    }
    return card;
}

} // namespace

std::vector<CardContent> problemCards(const models::TraceRecord& record) {
    std::vector<CardContent> cards;
    CardContent text;
    text.text = record.problem.text;
    cards.push_back(std::move(text));
    for (std::size_t i = 0; i < record.problem.choices.size(); ++i) {
        CardContent choice;
        choice.gutter = QString(QChar(static_cast<ushort>('A' + std::min<std::size_t>(i, 25))));
        choice.text = record.problem.choices[i];
        cards.push_back(std::move(choice));
    }
    CardContent answer = remark(tr("Gold answer"));
    answer.text = record.problem.referenceAnswer;
    if (answer.text.empty()) {
        answer.title = tr("The data set gives no gold answer");
    } else if (answer.text.find('\\') != std::string::npos &&
               answer.text.find('$') == std::string::npos) {
        answer.text = "$" + answer.text + "$"; // data sets store bare TeX
    }
    cards.push_back(std::move(answer));
    return cards;
}

std::vector<CardContent> referenceCards(const models::TraceRecord& record) {
    std::vector<CardContent> cards;
    if (record.reference) {
        cards.push_back(remark(tr("Shown to the critic: a solution by %1")
                                   .arg(models::labelText(record.reference->author, 60))));
        for (CardContent& card : stepsOf(*record.reference)) {
            card.steps.clear(); // its steps are not the candidate's
            cards.push_back(std::move(card));
        }
    }
    if (!record.problem.referenceSolution.empty()) {
        CardContent own;
        if (record.reference) {
            own.title = tr("From the data set");
        }
        own.text = record.problem.referenceSolution;
        cards.push_back(std::move(own));
    }
    if (cards.empty()) {
        cards.push_back(remark(tr("This problem has no reference solution.")));
    }
    return cards;
}

std::vector<std::vector<render::Highlight>> referenceQuoteMarks(const models::TraceRecord& record,
                                                                int step) {
    models::ReferenceQuotes quotes;
    for (std::size_t i = 0; i < record.quotes.size(); ++i) {
        const std::vector<int>& steps = record.segments[i].steps;
        if (step >= 0 && std::find(steps.begin(), steps.end(), step) != steps.end()) {
            const models::ReferenceQuotes& more = record.quotes[i];
            quotes.shown.insert(quotes.shown.end(), more.shown.begin(), more.shown.end());
            quotes.own.insert(quotes.own.end(), more.own.begin(), more.own.end());
        }
    }
    const render::Highlight like{{},
                                 widgets::tokens().quote,
                                 widgets::tokens().accent,
                                 tr("Quoted by the critique of step %1").arg(step + 1)};
    std::vector<std::vector<render::Highlight>> marks;
    if (record.reference) {
        marks.emplace_back(); // the card that says whose it is
        for (const base::Span part : record.reference->steps) {
            addHighlights(marks.emplace_back(), quotes.shown, part, like);
        }
    }
    if (!record.problem.referenceSolution.empty()) {
        addHighlights(marks.emplace_back(), quotes.own,
                      {0, record.problem.referenceSolution.size()}, like);
    }
    return marks;
}

std::vector<CardContent> candidateCards(const models::TraceRecord& record) {
    if (!record.solution) {
        return {remark(tr("Choose Solutions or Critiques above to read candidates."))};
    }
    std::vector<CardContent> cards = stepsOf(*record.solution);
    const auto stepCard = [&cards](std::optional<int> step) -> CardContent* {
        return step && *step >= 0 && static_cast<std::size_t>(*step) < cards.size()
                   ? &cards[static_cast<std::size_t>(*step)]
                   : nullptr;
    };
    if (record.critique) {
        if (CardContent* card = stepCard(record.critique->parsed.firstErrorStep)) {
            card->bar = Mark::No;
            card->badges.push_back({tr("first error"), Mark::No, false,
                                    tr("The first wrong step, says the critique.")});
        }
    }
    if (CardContent* card = stepCard(record.labelStep)) {
        card->bar = Mark::No;
        card->badges.push_back({tr("labelled first error"), Mark::No, true,
                                tr("The first wrong step, says the data set's label.")});
    }
    for (const models::ArithmeticMark& mark : record.arithmetic) {
        for (std::size_t i = 0; i < cards.size(); ++i) {
            const base::Span step = record.solution->steps[i];
            if (mark.span.begin >= step.begin && mark.span.end <= step.end) {
                cards[i].highlights.push_back(
                    {{mark.span.begin - step.begin, mark.span.end - step.begin},
                     {},
                     widgets::tokens().no,
                     models::labelText(mark.message)});
            }
        }
    }
    return cards;
}

CardContent segmentCard(const CritiqueSegment& segment, const model::ParsedCritique& parsed) {
    switch (segment.kind) {
    case CritiqueSegment::Kind::Step:
        return stepCritiqueCard(segment, parsed.firstErrorStep);
    case CritiqueSegment::Kind::ReferenceAnalysis:
        return remark(tr("Reference analysis"));
    case CritiqueSegment::Kind::Conclusion: {
        CardContent card = remark(tr("Conclusion"));
        card.bar = parsed.conclusion ? models::markOf(parsed.conclusion) : Mark::None;
        if (parsed.conclusion) {
            card.badges.push_back({models::conclusionWord(parsed.conclusion),
                                   models::markOf(parsed.conclusion), false,
                                   tr("The critique's verdict on the candidate.")});
        }
        return card;
    }
    case CritiqueSegment::Kind::Correction:
        return remark(tr("Correction (compared below)"));
    case CritiqueSegment::Kind::RunOn: {
        CardContent card = remark(tr("Run-on text: not part of the critique"));
        card.muted = true;
        return card;
    }
    case CritiqueSegment::Kind::Other:
        break;
    }
    return {};
}

std::vector<CardContent> critiqueCards(const models::TraceRecord& record) {
    if (!record.critique) {
        return {remark(record.solution && record.siblings.isEmpty()
                           ? tr("Nobody has criticised this solution yet.")
                           : tr("Choose Critiques above to read critiques."))};
    }
    const model::Critique& critique = *record.critique;
    std::vector<CardContent> cards;
    for (const CritiqueSegment& segment : record.segments) {
        CardContent card = segmentCard(segment, critique.parsed);
        card.text = std::string(base::slice(critique.text, segment.body));
        addHighlights(card.highlights, record.leaks, segment.body,
                      {{},
                       widgets::tokens().leak,
                       {},
                       tr("Mentions the reference solution, which a critic does not see when it is "
                          "used.")});
        addHighlights(card.highlights, record.copies, segment.body,
                      {{},
                       widgets::tokens().leak,
                       widgets::tokens().no,
                       tr("Copied out of the reference solution: twelve words or more that problem "
                          "and candidate do not have.")});
        cards.push_back(std::move(card));
    }
    if (cards.empty()) {
        cards.push_back(remark(tr("The critique is empty.")));
    }
    return cards;
}

std::vector<CardContent> rawCritiqueCards(const models::TraceRecord& record) {
    if (!record.critique) {
        return critiqueCards(record);
    }
    CardContent card = remark(tr("As the model wrote it"));
    card.text = record.critique->text;
    card.plain = true;
    if (!models::hasHiddenCharacters(card.text)) {
        addHighlights(card.highlights, record.leaks, {0, card.text.size()},
                      {{}, widgets::tokens().leak, {}, tr("Mentions the reference solution.")});
    }
    return {std::move(card)};
}

} // namespace scrit::ui::pages
