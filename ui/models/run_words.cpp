// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/run_words.h"

#include "ui/models/translated.h"

#include <QLocale>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace scrit::ui::models {

QString stageTitle(const QString& name) {
    const auto slash = name.indexOf(QLatin1Char('/'));
    const QString kind = slash < 0 ? name : name.left(slash);
    static const std::array<std::pair<const char*, const char*>, 5> kTitles{{
        {"solve", "Solve"},
        {"select", "Select and pair"},
        {"inject", "Inject a bug"},
        {"critique", "Critique"},
        {"validate", "Self-validate"},
    }};
    for (const auto& [key, title] : kTitles) {
        if (kind == QLatin1String(key)) {
            return slash < 0 ? tr(title) : tr(title) + QStringLiteral(" · ") + name.mid(slash + 1);
        }
    }
    return name;
}

QString stageExplanation(const QString& name) {
    static const std::array<std::pair<const char*, const char*>, 5> kSentences{{
        {"solve", "A student model solves each problem."},
        {"select", "Each problem's solutions are classified, filtered and paired."},
        {"inject", "A bug is put into a correct solution."},
        {"critique", "The critic judges each selected solution, step by step."},
        {"validate", "The critic judges its own correction, without the reference."},
    }};
    for (const auto& [key, sentence] : kSentences) {
        if (name == QLatin1String(key) || name.startsWith(QLatin1String(key) + QLatin1Char('/'))) {
            return tr(sentence);
        }
    }
    return {};
}

QString runStateWord(model::RunState state) {
    switch (state) {
    case model::RunState::Planned:
        return tr("planned");
    case model::RunState::Running:
        return tr("running");
    case model::RunState::Paused:
        return tr("paused");
    case model::RunState::Stopped:
        return tr("stopped");
    case model::RunState::Done:
        return tr("done");
    case model::RunState::Failed:
        return tr("failed");
    }
    return {};
}

Mark runStateMark(model::RunState state) {
    switch (state) {
    case model::RunState::Done:
        return Mark::Yes;
    case model::RunState::Failed:
        return Mark::No;
    default:
        return Mark::None;
    }
}

QString errorCause(const QString& code) {
    static const std::array<std::pair<const char*, const char*>, 18> kCauses{{
        {"network", "The server could not be reached, or broke off"},
        {"server", "The server answered with an error"},
        {"auth", "The server refused the key"},
        {"limit", "The request does not fit: context, size or time"},
        {"context-too-small", "The prompt does not fit into the model's context"},
        {"bad-answer", "The answer was empty or cut off"},
        {"parse", "The answer could not be read"},
        {"no-correction", "The critique has no correction to judge"},
        {"no-reference", "No correct solution to show to the critic"},
        {"no-changed-solution", "The answer holds no changed solution"},
        {"nothing-to-select", "No solution qualifies"},
        {"not-stored", "The answer could not be stored"},
        {"not-found", "No recorded completion, or something is gone"},
        {"invalid", "The request makes no sense to the server"},
        {"filtered", "The server's filter held the answer back"},
        {"cancelled", "It was stopped"},
        {"unavailable", "The model's server did not come up"},
        {"internal", "A fault in this program"},
    }};
    for (const auto& [key, cause] : kCauses) {
        if (code == QLatin1String(key)) {
            return tr(cause);
        }
    }
    return code;
}

QString costText(double dollars) {
    if (dollars <= 0) {
        return QStringLiteral("$0");
    }
    if (dollars < 0.01) {
        return tr("under $0.01");
    }
    return QLatin1Char('$') + QLocale().toString(dollars, 'f', dollars < 1000 ? 2 : 0);
}

QString tokensText(qint64 tokens) {
    constexpr qint64 kThousand = 1000;
    constexpr qint64 kMillion = kThousand * kThousand;
    const auto scaled = [tokens](qint64 unit, const QString& sign) -> QString {
        const double value = static_cast<double>(tokens) / static_cast<double>(unit);
        return QLocale().toString(value, 'f', value < 100 ? 1 : 0) + sign;
    };
    return tokens < kThousand * 10 ? QLocale().toString(tokens)
           : tokens < kMillion     ? scaled(kThousand, QStringLiteral("K"))
                                   : scaled(kMillion, QStringLiteral("M"));
}

QString rateText(double perSecond) {
    constexpr double kMinute = 60;
    if (perSecond <= 0) {
        return {};
    }
    if (perSecond < 0.5) {
        return tr("%1/min").arg(QLocale().toString(perSecond * kMinute, 'f', 1));
    }
    return tr("%1/s").arg(QLocale().toString(perSecond, 'f', perSecond < 100 ? 1 : 0));
}

QString secondsText(double seconds) {
    return seconds <= 0 ? QStringLiteral("–")
                        : tr("%1 s").arg(QLocale().toString(seconds, 'f',
                                                            seconds < 1    ? 2
                                                            : seconds < 10 ? 1
                                                                           : 0));
}

QString shareText(qint64 part, qint64 whole) {
    if (whole <= 0) {
        return {};
    }
    const double share = 100.0 * static_cast<double>(part) / static_cast<double>(whole);
    return QLocale().toString(part == whole ? 100 : static_cast<int>(std::floor(share))) +
           QStringLiteral(" %");
}

QString tracesFilter(const RunSummary& run) {
    return QStringLiteral("run:") + QString::number(run.id);
}

QString settingsText(const RunSummary& run) {
    QStringList parts;
    parts << (run.validator.isEmpty() || run.validator == run.critic
                  ? tr("critic and validator %1").arg(run.critic)
                  : tr("critic %1, validator %2").arg(run.critic, run.validator));
    if (!run.students.isEmpty()) {
        parts << (run.students.size() == 1 ? tr("student %1") : tr("students %1"))
                     .arg(run.students.join(QStringLiteral(", ")));
    }
    if (!run.filter.isEmpty()) {
        parts << tr("problems %1").arg(run.filter);
    }
    if (run.limit > 0) {
        parts << tr("at most %1 problems").arg(grouped(run.limit));
    }
    parts << tr("seed %1").arg(run.seed);
    if (run.caps.requests > 0) {
        parts << tr("at most %1 requests").arg(grouped(run.caps.requests));
    }
    if (run.caps.tokens > 0) {
        parts << tr("at most %1 tokens").arg(tokensText(run.caps.tokens));
    }
    if (run.caps.cost > 0) {
        parts << tr("at most %1").arg(costText(run.caps.cost));
    }
    return parts.join(QStringLiteral(" · "));
}

} // namespace scrit::ui::models
