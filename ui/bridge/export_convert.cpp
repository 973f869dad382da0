// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/bridge/export_convert.h"

#include "core/format/exporter.h"
#include "ui/bridge/convert.h"
#include "ui/models/translated.h"
#include "ui/models/visible_text.h"

#include <QCoreApplication>

#include <utility>

namespace scrit::ui::bridge {

namespace {

QString joined(const std::vector<std::string_view>& fields) {
    QStringList out;
    for (const std::string_view field : fields) {
        out << text(field);
    }
    return out.join(QStringLiteral(", "));
}

models::ExportStages stages(const std::vector<loop::ExportStage>& funnel) {
    models::ExportStages out;
    for (const loop::ExportStage& stage : funnel) {
        out.push_back({text(stage.name), static_cast<qint64>(stage.left),
                       static_cast<qint64>(stage.dropped)});
    }
    return out;
}

models::ExportSample sample(const loop::PreviewRow& row) {
    models::ExportSample out;
    out.critiqueId = row.critiqueId;
    out.rejectedId = row.rejectedId;
    out.text = row.text;
    out.tokens = static_cast<qint64>(row.tokens);
    out.learnedTokens = static_cast<qint64>(row.learnedTokens);
    out.droppedBy = text(row.droppedBy);
    out.split = text(row.split);
    for (const loop::PreviewTurn& turn : row.turns) {
        out.turns.push_back({text(turn.role), turn.text, turn.learned,
                             static_cast<qint64>(turn.tokens), turn.mentions, turn.copies});
    }
    return out;
}

curate::Order orderOf(models::ExportOrder order) {
    switch (order) {
    case models::ExportOrder::Stored:
        return curate::Order::Stored;
    case models::ExportOrder::EasyFirst:
        return curate::Order::EasyFirst;
    case models::ExportOrder::HardFirst:
        return curate::Order::HardFirst;
    case models::ExportOrder::Random:
        break;
    }
    return curate::Order::Random;
}

} // namespace

QVector<models::ExportView> exportViews() {
    QVector<models::ExportView> out;
    for (const format::View* view : format::views()) {
        const format::ViewInfo& info = view->info();
        out.push_back({text(info.name), text(info.description),
                       joined(info.fieldsVisibleAtInference), joined(info.fieldsInTarget),
                       info.pairs, !view->columns().empty()});
    }
    return out;
}

base::Expected<loop::ExportJobOptions> exportOptions(const models::ExportForm& form) {
    loop::ExportJobOptions out;
    out.view = models::utf8(form.view);
    out.folder = models::utf8(form.folder);
    out.filter = models::utf8(form.filter);
    out.seed = form.seed;
    out.fileType = form.parquet ? format::FileType::Parquet : format::FileType::Native;
    out.keepLeaks = form.keepLeaks;
    out.keepCopies = form.keepCopies;
    for (const QString& set : form.evaluationSets) {
        auto parsed = loop::parseEvaluationSet(models::utf8(set));
        if (!parsed) {
            return base::fail(parsed.error());
        }
        out.evaluationSets.push_back(*std::move(parsed));
    }
    out.dropDuplicates = form.dropDuplicates;
    if (form.nearPercent > 0) {
        out.nearDuplicates = form.nearPercent / 100.0;
    }
    out.perSource = static_cast<std::uint64_t>(form.perSource);
    out.perStudent = static_cast<std::uint64_t>(form.perStudent);
    const auto view = format::viewNamed(out.view);
    if (!view) {
        return base::fail(view.error());
    }
    const bool pairs = (*view)->info().pairs;
    if (!pairs && !form.balance.trimmed().isEmpty()) {
        const auto balance = loop::parseBalance(models::utf8(form.balance.trimmed()));
        if (!balance) {
            return base::fail(balance.error());
        }
        out.balance = *balance;
    }
    out.preference = form.preference == models::ExportPreference::AnswerMatch
                         ? loop::Preference::AnswerMatch
                         : loop::Preference::SelfValidation;
    out.order = orderOf(form.order);
    out.validationShare = form.validationPercent / 100.0;
    out.testShare = form.testPercent / 100.0;
    out.replace = form.replace;
    out.softwareVersion = models::utf8(QCoreApplication::applicationVersion());
    return out;
}

models::ExportPreview exportPreview(const loop::ExportPreview& preview) {
    models::ExportPreview out;
    out.stages = stages(preview.funnel);
    out.whole = preview.funnelIsWhole;
    out.rows = static_cast<qint64>(preview.rows);
    for (const auto& [split, rows] : preview.rowsBySplit) {
        out.splits.push_back({text(split), static_cast<qint64>(rows)});
    }
    for (const loop::PreviewRow& row : preview.examples) {
        out.samples.push_back(sample(row));
    }
    for (const loop::PreviewRow& row : preview.dropped) {
        out.samples.push_back(sample(row));
    }
    out.tokens = static_cast<qint64>(preview.tokens);
    return out;
}

models::ExportResult exportResult(const loop::ExportSummary& summary, double seconds) {
    models::ExportResult out;
    out.folder = text(summary.dataset.folder.string());
    out.rows = static_cast<qint64>(summary.dataset.rows);
    for (const format::DatasetFile& file : summary.dataset.files) {
        out.files << tr("%1: %2 rows, %3")
                         .arg(text(file.name), models::grouped(static_cast<qint64>(file.rows)),
                              models::bytesText(static_cast<qint64>(file.bytes)));
    }
    out.stages = stages(summary.funnel);
    out.seconds = seconds;
    return out;
}

} // namespace scrit::ui::bridge
