// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/review_values.h"

#include "ui/models/translated.h"

namespace scrit::ui::models {

bool Judgement::isEmpty() const {
    return !agreement && !validity && !firstError && steps.isEmpty() && !correctionUsable &&
           !repairedAnswer && tags.isEmpty() && comment.isEmpty();
}

QString agreementWord(Agreement agreement) {
    switch (agreement) {
    case Agreement::Agree:
        return tr("agree");
    case Agreement::Disagree:
        return tr("disagree");
    case Agreement::Unsure:
        return tr("unsure");
    }
    return {};
}

Mark agreementMark(Agreement agreement) {
    return agreement == Agreement::Agree      ? Mark::Yes
           : agreement == Agreement::Disagree ? Mark::No
                                              : Mark::Unknown;
}

QString validityWord(Validity validity) {
    switch (validity) {
    case Validity::Valid:
        return tr("right");
    case Validity::Invalid:
        return tr("wrong");
    case Validity::Unsure:
        return tr("unsure");
    }
    return {};
}

Mark validityMark(Validity validity) {
    return validity == Validity::Valid     ? Mark::Yes
           : validity == Validity::Invalid ? Mark::No
                                           : Mark::Unknown;
}

QString stepLabelWord(StepLabel label) {
    switch (label) {
    case StepLabel::Correct:
        return tr("correct");
    case StepLabel::Wrong:
        return tr("wrong");
    case StepLabel::Unsure:
        return tr("unsure");
    }
    return {};
}

Mark stepLabelMark(StepLabel label) {
    return label == StepLabel::Correct ? Mark::Yes
           : label == StepLabel::Wrong ? Mark::No
                                       : Mark::Unknown;
}

QString strategyWord(QueueStrategy strategy) {
    switch (strategy) {
    case QueueStrategy::Everything:
        return tr("Everything, in order");
    case QueueStrategy::Disagreement:
        return tr("Disagreements");
    case QueueStrategy::RedFlag:
        return tr("Red flags");
    case QueueStrategy::Random:
        return tr("Random sample");
    case QueueStrategy::Stratified:
        return tr("Stratified sample");
    }
    return {};
}

QString strategyExplanation(QueueStrategy strategy) {
    switch (strategy) {
    case QueueStrategy::Everything:
        return tr("What the filter gives, in the order in which it was stored.");
    case QueueStrategy::Disagreement:
        return tr("Self-validation says one thing and the answer match another.");
    case QueueStrategy::RedFlag:
        return tr("Critiques with a known failure: rubber stamps, leaks, verdicts that contradict "
                  "themselves.");
    case QueueStrategy::Random:
        return tr("Each critique has the same chance; the audit's figures hold for all of them.");
    case QueueStrategy::Stratified:
        return tr("So many of each kind; the audit weighs them back to all critiques.");
    }
    return {};
}

QString stratumWord(Stratum stratum) {
    switch (stratum) {
    case Stratum::Source:
        return tr("source");
    case Stratum::Difficulty:
        return tr("difficulty");
    case Stratum::Round:
        return tr("round");
    case Stratum::Verdict:
        return tr("verdict");
    case Stratum::Validated:
        return tr("self-validation");
    case Stratum::Mode:
        return tr("mode");
    case Stratum::Student:
        return tr("student");
    case Stratum::Critic:
        return tr("critic");
    }
    return {};
}

Mark judgementMark(const Judgement& judgement) {
    if (judgement.agreement) {
        return agreementMark(*judgement.agreement);
    }
    if (judgement.validity) {
        return validityMark(*judgement.validity);
    }
    if (judgement.firstError) {
        return *judgement.firstError < 0 ? Mark::Yes : Mark::No;
    }
    return Mark::None;
}

QString judgementPhrase(const Judgement& judgement) {
    QStringList parts;
    if (judgement.agreement) {
        parts << agreementWord(*judgement.agreement);
    } else if (judgement.validity) {
        parts << validityWord(*judgement.validity);
    }
    if (judgement.firstError) {
        parts << stepPhrase(judgement.firstError);
    }
    if (parts.isEmpty()) {
        parts << (judgement.isEmpty() ? tr("nothing said") : tr("noted"));
    }
    return parts.join(QStringLiteral(", "));
}

QString judgementText(const Judgement& judgement) {
    QStringList lines;
    if (judgement.agreement) {
        lines << tr("Self-validation: %1").arg(agreementWord(*judgement.agreement));
    }
    if (judgement.validity) {
        lines << tr("The critique is %1").arg(validityWord(*judgement.validity));
    }
    if (judgement.firstError) {
        lines << tr("First wrong step: %1").arg(stepNumber(judgement.firstError));
    }
    for (const auto& [step, label] : judgement.steps) {
        lines << tr("Step %1: %2").arg(step + 1).arg(stepLabelWord(label));
    }
    if (judgement.correctionUsable) {
        lines << (*judgement.correctionUsable ? tr("The correction can be used")
                                              : tr("The correction cannot be used"));
    }
    if (judgement.repairedAnswer) {
        lines << (judgement.repairedAnswer->isEmpty()
                      ? tr("The problem's gold answer is wrong")
                      : tr("The problem's right answer: %1").arg(*judgement.repairedAnswer));
    }
    if (!judgement.tags.isEmpty()) {
        lines << tr("Tags: %1").arg(judgement.tags.join(QStringLiteral(", ")));
    }
    if (!judgement.comment.isEmpty()) {
        lines << tr("Comment: %1").arg(judgement.comment);
    }
    return lines.isEmpty() ? tr("Nothing said") : lines.join(QLatin1Char('\n'));
}

QString historyText(const HistoryEntry& entry) {
    QStringList lines{tr("Item %1").arg(entry.position + 1)};
    lines << (entry.skipped ? tr("Skipped; it comes back at the end")
                            : judgementText(entry.judgement));
    if (!entry.skipped) {
        if (entry.validated) {
            lines << tr("Self-validation said: %1").arg(validatedWord(entry.validated));
        }
        if (entry.critiqueStep) {
            lines << tr("The critique said: %1").arg(stepPhrase(entry.critiqueStep));
        }
        if (entry.differs) {
            lines << tr("≠ You and the machine differ");
        }
        if (entry.goldRight) {
            lines << (*entry.goldRight ? tr("Gold item: right") : tr("Gold item: wrong"));
        }
    }
    return lines.join(QLatin1Char('\n'));
}

} // namespace scrit::ui::models
