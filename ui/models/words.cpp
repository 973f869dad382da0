// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/words.h"

#include "core/model/lineage.h"
#include "ui/models/translated.h"

#include <QLocale>

#include <array>
#include <utility>

namespace scrit::ui::models {

Mark markOf(std::optional<model::Outcome> outcome) {
    if (!outcome) {
        return Mark::None;
    }
    switch (*outcome) {
    case model::Outcome::Yes:
        return Mark::Yes;
    case model::Outcome::No:
        return Mark::No;
    case model::Outcome::Undecided:
        break;
    }
    return Mark::Unknown;
}

Mark markOf(std::optional<bool> correct) {
    return !correct ? Mark::Unknown : *correct ? Mark::Yes : Mark::No;
}

Mark markOf(std::optional<model::Conclusion> conclusion) {
    return !conclusion                                 ? Mark::Unknown
           : *conclusion == model::Conclusion::Correct ? Mark::Yes
                                                       : Mark::No;
}

Mark markOf(model::StepVerdict verdict) {
    switch (verdict) {
    case model::StepVerdict::Correct:
        return Mark::Yes;
    case model::StepVerdict::Incorrect:
        return Mark::No;
    case model::StepVerdict::Unstated:
        break;
    }
    return Mark::None;
}

QString markText(Mark mark) {
    switch (mark) {
    case Mark::Yes:
        return QStringLiteral("✓");
    case Mark::No:
        return QStringLiteral("✗");
    case Mark::Unknown:
        return QStringLiteral("?");
    case Mark::None:
        break;
    }
    return {};
}

QString modeWord(model::CritiqueMode mode) {
    switch (mode) {
    case model::CritiqueMode::Direct:
        return tr("direct");
    case model::CritiqueMode::BugInjection:
        return tr("bug injection");
    case model::CritiqueMode::Contrastive:
        return tr("contrastive");
    case model::CritiqueMode::Recorded:
        break;
    }
    return tr("recorded");
}

QString correctnessWord(std::optional<bool> correct) {
    return !correct ? tr("not known") : *correct ? tr("right") : tr("wrong");
}

QString conclusionWord(std::optional<model::Conclusion> conclusion) {
    return !conclusion                                 ? tr("no conclusion")
           : *conclusion == model::Conclusion::Correct ? tr("correct")
                                                       : tr("incorrect");
}

QString validatedWord(std::optional<model::Outcome> outcome) {
    switch (markOf(outcome)) {
    case Mark::Yes:
        return tr("validated");
    case Mark::No:
        return tr("rejected");
    case Mark::Unknown:
        return tr("undecided");
    case Mark::None:
        break;
    }
    return tr("not validated yet");
}

QString matchWord(std::optional<model::Outcome> outcome) {
    switch (markOf(outcome)) {
    case Mark::Yes:
        return tr("matches");
    case Mark::No:
        return tr("differs");
    case Mark::Unknown:
        return tr("undecided");
    case Mark::None:
        break;
    }
    return tr("not compared yet");
}

QString stepVerdictWord(model::StepVerdict verdict) {
    switch (verdict) {
    case model::StepVerdict::Correct:
        return tr("correct");
    case model::StepVerdict::Incorrect:
        return tr("wrong");
    case model::StepVerdict::Unstated:
        break;
    }
    return tr("no verdict");
}

QString flagWord(model::Flag flag) {
    const std::string_view name = model::name(flag);
    return QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size()))
        .replace(QLatin1Char('-'), QLatin1Char(' '));
}

QString flagExplanation(model::Flag flag) {
    const std::string_view text = model::explanation(flag);
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

QString stepNumber(std::optional<int> step) {
    return !step ? QStringLiteral("–") : *step < 0 ? tr("none") : QString::number(*step + 1);
}

QString stepPhrase(std::optional<int> step) {
    return !step ? tr("not stated") : *step < 0 ? tr("no error") : tr("step %1").arg(*step + 1);
}

QString parseProblemSentence(const QString& name) {
    static const std::array<std::pair<const char*, const char*>, 15> kSentences{{
        {"empty", "The critique is empty."},
        {"invalid-text", "The text holds bytes that are not UTF-8."},
        {"no-steps", "No critique of a single step was found."},
        {"steps-out-of-order", "The critique goes back to an earlier step."},
        {"step-out-of-range", "The critique names a step that the solution does not have."},
        {"step-not-matched", "A quoted sentence was found in no step of the solution."},
        {"no-conclusion", "The critique does not say whether the solution is correct."},
        {"conflicting-conclusions", "The critique calls the solution both correct and incorrect."},
        {"no-first-error-step", "The critique does not name the first wrong step."},
        {"several-first-error-steps", "The critique names several first wrong steps."},
        {"conclusion-contradicts-step", "Conclusion and first error step contradict each other."},
        {"no-correction", "The solution is called incorrect, but no correction is given."},
        {"correction-not-closed", "The correction does not end where it should."},
        {"no-correction-answer", "The correction has no recognisable final answer."},
        {"truncated", "The text breaks off."},
    }};
    for (const auto& [key, sentence] : kSentences) {
        if (name == QLatin1String(key)) {
            return tr(sentence);
        }
    }
    return name;
}

QString grouped(qint64 number) {
    return QLocale().toString(number);
}

} // namespace scrit::ui::models
