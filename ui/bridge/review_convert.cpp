// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/bridge/review_convert.h"

#include "ui/bridge/convert.h"
#include "ui/models/translated.h"
#include "ui/models/visible_text.h"

#include <QRegularExpression>

#include <algorithm>
#include <utility>

namespace scrit::ui::bridge {

namespace {

using models::labelText;

review::Queue queueOf(models::QueueStrategy strategy) {
    switch (strategy) {
    case models::QueueStrategy::Everything:
        return review::Queue::Filter;
    case models::QueueStrategy::Disagreement:
        return review::Queue::Disagreement;
    case models::QueueStrategy::RedFlag:
        return review::Queue::RedFlag;
    case models::QueueStrategy::Random:
        return review::Queue::Random;
    case models::QueueStrategy::Stratified:
        break;
    }
    return review::Queue::Stratified;
}

models::QueueStrategy strategyOf(review::Queue queue) {
    switch (queue) {
    case review::Queue::Filter:
        return models::QueueStrategy::Everything;
    case review::Queue::Disagreement:
        return models::QueueStrategy::Disagreement;
    case review::Queue::RedFlag:
        return models::QueueStrategy::RedFlag;
    case review::Queue::Random:
        return models::QueueStrategy::Random;
    case review::Queue::Stratified:
        break;
    }
    return models::QueueStrategy::Stratified;
}

// Both lists are in the same order.
static_assert(static_cast<int>(models::Stratum::Critic) ==
              static_cast<int>(review::Stratum::Critic));
static_assert(static_cast<int>(models::Quota::Given) == static_cast<int>(review::Quota::Given));

review::Stratum stratumOf(models::Stratum stratum) {
    return static_cast<review::Stratum>(stratum);
}

models::AuditRate auditRate(const eval::Rate& rate) {
    models::AuditRate out;
    out.hits = rate.successes;
    out.of = rate.n;
    out.value = rate.value.value_or(0);
    out.low = rate.interval.low;
    out.high = rate.interval.high;
    out.more = rate.moreItems;
    return out;
}

void weigh(models::AuditRate& rate, const std::optional<eval::WeightedRate>& weighted) {
    if (weighted && weighted->value) {
        rate.value = *weighted->value;
        rate.low = weighted->interval.low;
        rate.high = weighted->interval.high;
    }
}

// A filter that finds these critiques; longer lists than people look through fall back on another
// one.
QString filterOf(const std::vector<const std::vector<std::int64_t>*>& cells,
                 const QString& otherwise) {
    constexpr std::size_t kMost = 200;
    QStringList terms;
    std::size_t count = 0;
    for (const auto* cell : cells) {
        count += cell->size();
    }
    if (count > kMost && !otherwise.isEmpty()) {
        return otherwise;
    }
    for (const auto* cell : cells) {
        for (const std::int64_t id : *cell) {
            if (static_cast<std::size_t>(terms.size()) < kMost) {
                terms << QStringLiteral("id:") + QString::number(id);
            }
        }
    }
    return terms.join(QStringLiteral(" OR "));
}

models::AuditRow auditRow(const eval::AuditRow& row, const QString& filter,
                          std::int64_t population) {
    models::AuditRow out;
    out.stratum = labelText(row.stratum, 80);
    out.reviewed = row.cells.total();
    out.population = population;
    out.precision = auditRate(row.precision);
    out.recall = auditRate(row.recall);
    const QString judged = QStringLiteral("annotated:yes");
    out.filter = filterOf({&row.cells.falsePositive, &row.cells.falseNegative,
                           &row.cells.truePositive, &row.cells.trueNegative},
                          out.stratum.isEmpty() ? judged
                          : filter.isEmpty()    ? QString()
                                                : QStringLiteral("(%1) %2").arg(filter, judged));
    return out;
}

models::AuditCell auditCell(const std::vector<std::int64_t>& ids) {
    return {static_cast<qint64>(ids.size()), filterOf({&ids}, {})};
}

QString questionWord(review::Question question) {
    switch (question) {
    case review::Question::Validity:
        return tr("Verdict");
    case review::Question::FirstError:
        return tr("First wrong step");
    case review::Question::Correction:
        break;
    }
    return tr("Correction");
}

void addFigure(QVector<models::AgreementFigure>& figures, const review::AgreementRow& row,
               const QString& measure, const eval::AgreementValue& value, bool percent) {
    if (value.units == 0) {
        return;
    }
    models::AgreementFigure out;
    out.name = questionWord(row.question) + QStringLiteral(": ") + measure;
    QStringList who;
    for (const std::string& one : row.annotators) {
        who << labelText(one, 40);
    }
    out.who =
        who.size() > 2 ? tr("all %1 reviewers").arg(who.size()) : who.join(QStringLiteral(", "));
    out.value = value.value;
    if (value.interval) {
        out.low = value.interval->low;
        out.high = value.interval->high;
    }
    out.items = static_cast<qint64>(value.units);
    out.percent = percent;
    figures.push_back(std::move(out));
}

} // namespace

review::Judgement storedJudgement(const models::Judgement& judgement) {
    review::Judgement out;
    if (judgement.agreement) {
        out.agreement = static_cast<review::Agreement>(*judgement.agreement);
    }
    if (judgement.validity) {
        out.validity = static_cast<review::Validity>(*judgement.validity);
    }
    for (const auto& [step, label] : judgement.steps) {
        out.steps[step] = static_cast<review::StepLabel>(label);
    }
    out.firstError = judgement.firstError;
    out.correctionUsable = judgement.correctionUsable;
    if (judgement.repairedAnswer) {
        out.repairedAnswer = models::utf8(*judgement.repairedAnswer);
    }
    for (const QString& tag : judgement.tags) {
        out.tags.push_back(models::utf8(tag));
    }
    out.comment = models::utf8(judgement.comment);
    out.seconds = judgement.seconds;
    return out;
}

models::Judgement shownJudgement(const review::Judgement& judgement) {
    models::Judgement out;
    if (judgement.agreement && !judgement.impliedAgreement) {
        out.agreement = static_cast<models::Agreement>(*judgement.agreement);
    }
    if (judgement.validity && !judgement.impliedValidity) {
        out.validity = static_cast<models::Validity>(*judgement.validity);
    }
    for (const auto& [step, label] : judgement.steps) {
        out.steps.push_back({step, static_cast<models::StepLabel>(label)});
    }
    out.firstError = judgement.firstError;
    out.correctionUsable = judgement.correctionUsable;
    if (judgement.repairedAnswer) {
        out.repairedAnswer = text(*judgement.repairedAnswer);
    }
    for (const std::string& tag : judgement.tags) {
        out.tags << text(tag);
    }
    out.comment = text(judgement.comment);
    out.seconds = judgement.seconds;
    return out;
}

models::ReviewItem reviewItem(const review::Item& item) {
    models::ReviewItem out;
    out.critiqueId = item.critiqueId;
    out.position = item.position;
    out.state = static_cast<models::ReviewItem::State>(item.state);
    out.hideVerdicts = item.hideVerdicts;
    if (item.mine) {
        out.mine = shownJudgement(*item.mine);
    }
    return out;
}

models::ReviewProgress reviewProgress(const review::Progress& progress) {
    return {progress.items,  progress.done,     progress.skipped,
            progress.anyone, progress.goldSeen, progress.goldRight};
}

models::HistoryEntry historyEntry(const review::Item& item, const review::Reveal& reveal,
                                  bool skipped) {
    models::HistoryEntry out;
    out.position = item.position;
    out.critiqueId = item.critiqueId;
    out.skipped = skipped;
    if (skipped) {
        return out;
    }
    if (item.mine) {
        out.judgement = shownJudgement(*item.mine);
    }
    out.validated = reveal.machine.validated;
    out.critiqueStep = reveal.machine.firstError;
    out.differs = reveal.difference.any();
    if (item.gold) {
        out.goldRight = item.gold->right;
    }
    return out;
}

models::ReviewHistory reviewHistory(const std::vector<review::HistoryEntry>& entries) {
    models::ReviewHistory out;
    for (const review::HistoryEntry& entry : entries) {
        out.push_back(historyEntry(entry.item, entry.reveal, entry.skipped));
    }
    return out;
}

models::QueueInfo queueInfo(const review::Plan& plan, std::int64_t mine) {
    models::QueueInfo out;
    out.id = plan.id;
    out.name = labelText(plan.name, 120);
    out.filter = text(plan.filter);
    out.strategy = strategyOf(plan.queue);
    out.blind = plan.blind;
    out.seed = plan.seed;
    out.items = plan.items;
    out.gold = plan.goldItems;
    out.mine = mine;
    out.anyone = plan.done;
    out.createdAt = timeOf(plan.createdAt);
    return out;
}

base::Expected<review::PlanRequest> planRequest(const models::QueueForm& form) {
    review::PlanRequest out;
    out.name = models::utf8(form.name.trimmed());
    out.filter = models::utf8(form.filter);
    out.queue = queueOf(form.strategy);
    out.size = form.size;
    out.seed = form.seed;
    out.blind = form.blind;
    out.gold = form.gold;
    if (form.strategy != models::QueueStrategy::Stratified) {
        return out;
    }
    for (const models::Stratum stratum : form.strata) {
        out.strata.push_back(stratumOf(stratum));
    }
    out.quota = static_cast<review::Quota>(form.quota);
    if (form.quota != models::Quota::Given) {
        return out;
    }
    static const QRegularExpression between(QStringLiteral("[,\\n]"));
    for (const QString& part : form.quotas.split(between, Qt::SkipEmptyParts)) {
        const auto equals = part.lastIndexOf(QLatin1Char('='));
        bool isNumber = false;
        const qint64 count = part.mid(equals + 1).trimmed().toLongLong(&isNumber);
        if (equals <= 0 || !isNumber || count < 0) {
            return base::fail(base::ErrorCode::Invalid,
                              models::utf8(tr("“%1” is no quota").arg(part.trimmed())),
                              models::utf8(tr("write name=number, separated by commas")));
        }
        out.quotas[models::utf8(part.left(equals).trimmed())] = count;
    }
    return out;
}

models::QueuePreview queuePreview(const review::PlanPreview& preview) {
    models::QueuePreview out;
    out.matching = preview.matching;
    out.chosen = preview.chosen;
    out.gold = preview.gold;
    for (const review::StratumShare& share : preview.strata) {
        if (!share.name.empty()) {
            out.parts.push_back({labelText(share.name, 80), share.available, share.chosen});
        }
    }
    return out;
}

review::AuditQuery auditQuery(const models::AuditQuery& query) {
    review::AuditQuery out;
    if (query.queueId != 0) {
        out.planId = query.queueId;
    }
    out.by = {stratumOf(query.by)};
    out.halfWidth = query.halfWidth;
    return out;
}

models::AuditReport auditReport(const review::AuditReport& report) {
    models::AuditReport out;
    out.judged = report.judged;
    out.used = report.used;
    out.unsure = report.unsure;
    out.disputed = report.disputed;
    out.unvalidated = report.unvalidated;
    out.weighted = report.weighted;
    const eval::AuditRow& total = report.figures.total;
    models::AuditRow all = auditRow(total, {}, 0);
    weigh(all.precision, report.figures.precision);
    weigh(all.recall, report.figures.recall);
    out.rows.push_back(std::move(all));
    for (std::size_t i = 0; i < report.figures.strata.size(); ++i) {
        const bool known = i < report.strata.size();
        out.rows.push_back(auditRow(report.figures.strata[i],
                                    known ? text(report.strata[i].filter) : QString(),
                                    known ? report.strata[i].population : 0));
    }
    out.passedAccepted = auditCell(total.cells.truePositive);
    out.passedRefused = auditCell(total.cells.falsePositive);
    out.heldAccepted = auditCell(total.cells.falseNegative);
    out.heldRefused = auditCell(total.cells.trueNegative);
    return out;
}

models::AgreementReport agreementReport(const review::AgreementReport& report,
                                        const std::vector<review::Dispute>& disputes) {
    models::AgreementReport out;
    for (const std::string& annotator : report.annotators) {
        out.annotators << labelText(annotator, 80);
    }
    out.items = report.items;
    for (const review::AgreementRow& row : report.rows) {
        addFigure(out.figures, row, tr("percent agreement"), row.percent, true);
        addFigure(out.figures, row, tr("Cohen's κ"), row.kappa, false);
        addFigure(out.figures, row, tr("Krippendorff's α"), row.alpha, false);
    }
    for (const review::Dispute& dispute : disputes) {
        models::Disagreement one;
        one.critiqueId = dispute.critiqueId;
        for (const std::string& about : dispute.about) {
            one.about << (about == "validity"      ? tr("verdict")
                          : about == "first-error" ? tr("first wrong step")
                                                   : tr("correction"));
        }
        for (const review::Judgement& judgement : dispute.judgements) {
            one.sides.push_back({labelText(judgement.annotator, 80), shownJudgement(judgement),
                                 timeOf(judgement.judgedAt)});
        }
        if (dispute.decision) {
            one.adjudicated = shownJudgement(*dispute.decision);
        }
        out.disagreements.push_back(std::move(one));
    }
    return out;
}

models::MergeResult mergeResult(const QString& file, const review::MergeSummary& summary) {
    models::MergeResult out;
    out.file = file;
    out.queue = labelText(summary.plan, 120);
    out.items = summary.items;
    out.itemsAdded = summary.itemsAdded;
    out.answers = summary.answers;
    out.added = summary.added;
    out.existing = summary.existing;
    out.unknown = summary.unknown + summary.itemsUnknown;
    out.bad = summary.bad;
    for (const std::string& problem : summary.problems) {
        out.problems << text(problem);
    }
    return out;
}

} // namespace scrit::ui::bridge
