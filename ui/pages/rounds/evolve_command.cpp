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
    add("--filter", form.filter);
    if (form.limit > 0) {
        add("--limit", QString::number(form.limit));
    }
    for (const QString& set : form.sets) {
        add("--set", set);
    }
    add("--trainer", form.trainer);
    add("--template", form.commandTemplate);
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
    if (form.keepCopies) {
        words << QStringLiteral("--keep-copies");
    }
    if (form.keepOverlaps) {
        words << QStringLiteral("--no-decontamination");
    }
    if (form.seed) {
        add("--seed", QString::number(*form.seed));
    }
    return words.join(QLatin1Char(' '));
}

} // namespace scrit::ui::pages
