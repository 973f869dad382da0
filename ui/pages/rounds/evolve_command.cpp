// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/rounds/evolve_command.h"

#include <algorithm>

namespace scrit::ui::pages {

namespace {

QString quoted(const QString& word) {
    const bool plain = !word.isEmpty() && std::all_of(word.begin(), word.end(), [](QChar c) {
        return (c.unicode() < 128 && c.isLetterOrNumber()) ||
               QStringLiteral("-_./:=+,@").contains(c);
    });
    if (plain) {
        return word;
    }
    QString inside = word;
    inside.replace(QLatin1Char('\''), QStringLiteral("'\\''"));
    return QLatin1Char('\'') + inside + QLatin1Char('\'');
}

QString orderName(models::EvolutionForm::Order order) {
    using Order = models::EvolutionForm::Order;
    return order == Order::EasyFirst   ? QStringLiteral("easy-first")
           : order == Order::HardFirst ? QStringLiteral("hard-first")
                                       : QStringLiteral("stored");
}

// What the trainer is told beyond its own choice.
void addTraining(QStringList& words, const models::TrainingSettings& training) {
    const auto add = [&words](const char* option, const auto& value) {
        if (value) {
            words << QString::fromLatin1(option) << QString::number(*value);
        }
    };
    add("--epochs", training.epochs);
    add("--batch", training.batch);
    add("--learning-rate", training.learningRate);
    add("--lora-rank", training.loraRank);
    add("--max-length", training.maxLength);
    for (auto value = training.values.begin(); value != training.values.end(); ++value) {
        words << QStringLiteral("--trainer-value")
              << quoted(value.key() + QLatin1Char('=') + value.value());
    }
}

void addMeasurement(QStringList& words, const models::EvolutionForm& form) {
    const models::EvolutionForm usual;
    if (form.suites != usual.suites) {
        words << QStringLiteral("--suite") << form.suites.join(QLatin1Char(','));
    }
    if (form.samples != usual.samples) {
        words << QStringLiteral("--samples") << QString::number(form.samples);
    }
    if (form.temperature > usual.temperature) {
        words << QStringLiteral("--temperature") << QString::number(form.temperature);
    }
    if (form.maxTokens != usual.maxTokens) {
        words << QStringLiteral("--max-tokens") << QString::number(form.maxTokens);
    }
}

void addCaps(QStringList& words, const models::RunCaps& caps) {
    if (caps.requests > 0) {
        words << QStringLiteral("--max-requests") << QString::number(caps.requests);
    }
    if (caps.tokens > 0) {
        words << QStringLiteral("--max-run-tokens") << QString::number(caps.tokens);
    }
    if (caps.cost > 0) {
        words << QStringLiteral("--max-cost") << QString::number(caps.cost);
    }
}

} // namespace

QString evolveCommand(const QString& workspace, const models::EvolutionForm& form) {
    QStringList words{QStringLiteral("scrit"), QStringLiteral("evolve"), quoted(workspace)};
    const auto add = [&words](const char* option, const QString& value) {
        if (!value.isEmpty()) {
            words << QString::fromLatin1(option) << quoted(value);
        }
    };
    add("--series", form.series);
    add("--rounds", QString::number(form.rounds));
    if (form.recipe != QLatin1String("scrit")) {
        add("--recipe", form.recipe);
    }
    add("--critic", form.base);
    for (const QString& student : form.students) {
        add("--student", student);
    }
    add("--reference", form.reference);
    add("--filter", form.filter);
    if (form.limit > 0) {
        add("--limit", QString::number(form.limit));
    }
    for (const QString& set : form.sets) {
        add("--set", set);
    }
    add("--trainer", form.trainer);
    add("--template", form.commandTemplate);
    addTraining(words, form.training);
    if (!form.fromLast) {
        add("--from", QStringLiteral("base"));
    }
    if (form.accumulate) {
        add("--data", QStringLiteral("accumulate"));
    }
    if (form.examples > 0) {
        add("--examples", QString::number(form.examples));
    }
    add("--balance", form.balance);
    if (form.order != models::EvolutionForm::Order::Random) {
        add("--order", orderName(form.order));
    }
    if (!form.selfValidation) {
        words << QStringLiteral("--no-self-validation");
    }
    if (form.problemsPerRound > 0) {
        add("--problems-per-round", QString::number(form.problemsPerRound));
    }
    if (form.keepLeaks) {
        words << QStringLiteral("--keep-leaks");
    }
    if (form.keepDuplicates) {
        words << QStringLiteral("--keep-duplicates");
    }
    if (form.keepCopies) {
        words << QStringLiteral("--keep-copies");
    }
    if (form.keepOverlaps) {
        words << QStringLiteral("--no-decontamination");
    }
    addMeasurement(words, form);
    addCaps(words, form.caps);
    if (form.seed) {
        add("--seed", QString::number(*form.seed));
    }
    add("--folder", form.folder);
    return words.join(QLatin1Char(' '));
}

} // namespace scrit::ui::pages
