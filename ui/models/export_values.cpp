// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/export_values.h"

#include "ui/models/translated.h"

#include <QDir>
#include <QLocale>

#include <algorithm>
#include <array>

namespace scrit::ui::models {

namespace {

struct StageWords {
    const char* name;
    const char* title;
    const char* explanation;
    const char* drop;
};
constexpr std::array<StageWords, 12> kStages{{
    {"selected", QT_TRANSLATE_NOOP("ExportWords", "Selected"),
     QT_TRANSLATE_NOOP("ExportWords", "Critiques that the filter gives."), ""},
    {"readable", QT_TRANSLATE_NOOP("ExportWords", "Readable"),
     QT_TRANSLATE_NOOP("ExportWords",
                       "The view has a row for them: conclusion, step and correction were read."),
     QT_TRANSLATE_NOOP("ExportWords", "incomplete: no row in this view")},
    {"trainable", QT_TRANSLATE_NOOP("ExportWords", "Not held out"),
     QT_TRANSLATE_NOOP("ExportWords", "No problem of a frozen evaluation set."),
     QT_TRANSLATE_NOOP("ExportWords", "its problem is held out")},
    {"no-mention", QT_TRANSLATE_NOOP("ExportWords", "Reference not mentioned"),
     QT_TRANSLATE_NOOP("ExportWords", "A critic at inference sees no reference, so a target that "
                                      "speaks of one would teach it to make one up."),
     QT_TRANSLATE_NOOP("ExportWords", "mentions the reference")},
    {"no-copy", QT_TRANSLATE_NOOP("ExportWords", "Reference not copied"),
     QT_TRANSLATE_NOOP("ExportWords", "No long span of the reference that problem and candidate do "
                                      "not contain."),
     QT_TRANSLATE_NOOP("ExportWords", "copies the reference")},
    {"decontaminated", QT_TRANSLATE_NOOP("ExportWords", "Not in an evaluation set"),
     QT_TRANSLATE_NOOP("ExportWords", "No 13 words in a row with a problem that is evaluated on."),
     QT_TRANSLATE_NOOP("ExportWords", "in an evaluation set")},
    {"distinct", QT_TRANSLATE_NOOP("ExportWords", "No duplicates"),
     QT_TRANSLATE_NOOP("ExportWords", "The same problem, solution and target once."),
     QT_TRANSLATE_NOOP("ExportWords", "is there already")},
    {"dissimilar", QT_TRANSLATE_NOOP("ExportWords", "No near duplicates"),
     QT_TRANSLATE_NOOP("ExportWords", "Texts that share most of their runs of five words once."),
     QT_TRANSLATE_NOOP("ExportWords", "almost the same is there")},
    {"per-source", QT_TRANSLATE_NOOP("ExportWords", "Source cap"),
     QT_TRANSLATE_NOOP("ExportWords", "Not more of one data set than was asked for."),
     QT_TRANSLATE_NOOP("ExportWords", "enough of its source")},
    {"per-student", QT_TRANSLATE_NOOP("ExportWords", "Student cap"),
     QT_TRANSLATE_NOOP("ExportWords", "Not more of one student than was asked for."),
     QT_TRANSLATE_NOOP("ExportWords", "enough of its student")},
    {"balanced", QT_TRANSLATE_NOOP("ExportWords", "Balance"),
     QT_TRANSLATE_NOOP("ExportWords",
                       "Critiques that find no error against critiques that find one."),
     QT_TRANSLATE_NOOP("ExportWords", "too many of its verdict")},
    {"paired", QT_TRANSLATE_NOOP("ExportWords", "Paired"),
     QT_TRANSLATE_NOOP("ExportWords",
                       "A chosen and a rejected critique of the same solution make a row."),
     QT_TRANSLATE_NOOP("ExportWords", "no partner for a pair")},
}};

const StageWords* stageNamed(const QString& name) {
    for (const StageWords& words : kStages) {
        if (name == QLatin1String(words.name)) {
            return &words;
        }
    }
    return nullptr;
}

} // namespace

qint64 ExportSample::leaks() const {
    std::size_t count = 0;
    for (const Turn& turn : turns) {
        count += turn.mentions.size() + turn.copies.size();
    }
    return static_cast<qint64>(count);
}

QString exportTitle(const QString& folder) {
    const QStringList parts = QDir::cleanPath(folder).split(QLatin1Char('/'), Qt::SkipEmptyParts);
    constexpr int kTelling = 3;
    return parts.isEmpty() ? folder
           : parts.last() != QLatin1String("data")
               ? parts.last()
               : parts.mid(std::max<qsizetype>(0, parts.size() - kTelling))
                     .join(QStringLiteral(" / "));
}

QString exportStageTitle(const QString& name) {
    const StageWords* words = stageNamed(name);
    return words == nullptr ? name : tr(words->title);
}

QString exportStageExplanation(const QString& name) {
    const StageWords* words = stageNamed(name);
    return words == nullptr ? QString() : tr(words->explanation);
}

QString exportDropWords(const QString& name) {
    const StageWords* words = stageNamed(name);
    return words == nullptr ? name : tr(words->drop);
}

QString bytesText(qint64 bytes) {
    return QLocale().formattedDataSize(bytes, 1, QLocale::DataSizeSIFormat);
}

ExportSampleModel::ExportSampleModel(QObject* parent)
    : ColumnTable({{tr("Critique"), TableColumn::Align::Left},
                   {tr("Becomes"), TableColumn::Align::Left},
                   {tr("≈ Tokens"), TableColumn::Align::Right, tr("About: bytes divided by four")}},
                  parent) {}

void ExportSampleModel::setRows(const QVector<ExportSample>& rows) {
    replace(rows);
}

const ExportSample* ExportSampleModel::rowAt(int row) const {
    return valueAt(row);
}

QVariant ExportSampleModel::cell(const ExportSample& value, int column, int role) const {
    const bool written = value.droppedBy.isEmpty();
    switch (role) {
    case MarkRole:
        return static_cast<int>(column != Fate ? Mark::None : written ? Mark::Yes : Mark::No);
    case MutedRole:
        return column == Tokens || (!written && column == Row);
    case Qt::ToolTipRole:
        return written ? tr("As the trainer will see it") : exportStageExplanation(value.droppedBy);
    case Qt::DisplayRole:
        break;
    default:
        return {};
    }
    switch (column) {
    case Row:
        return value.rejectedId == 0
                   ? QString(QLatin1Char('#') + QString::number(value.critiqueId))
                   : QStringLiteral("#%1 over #%2").arg(value.critiqueId).arg(value.rejectedId);
    case Fate:
        return !written                ? exportDropWords(value.droppedBy)
               : value.split.isEmpty() ? tr("written")
                                       : value.split;
    case Tokens:
        return grouped(value.tokens);
    default:
        return {};
    }
}

PastExportModel::PastExportModel(QObject* parent)
    : ColumnTable({{tr("Dataset"), TableColumn::Align::Left},
                   {tr("View"), TableColumn::Align::Left},
                   {tr("Rows"), TableColumn::Align::Right},
                   {tr("Written"), TableColumn::Align::Left}},
                  parent) {}

void PastExportModel::setExports(const QVector<PastExport>& past) {
    if (past != values()) {
        replace(past);
    }
}

const PastExport* PastExportModel::exportAt(int row) const {
    return valueAt(row);
}

QVariant PastExportModel::cell(const PastExport& value, int column, int role) const {
    switch (role) {
    case MarkRole:
        return static_cast<int>(column == Folder && !value.there ? Mark::No : Mark::None);
    case MutedRole:
        return column == When || !value.there;
    case Qt::ToolTipRole: {
        QStringList lines{value.folder};
        if (!value.there) {
            lines << tr("The folder is not there any more");
        }
        lines << (value.filter.isEmpty() ? tr("All critiques")
                                         : tr("Filter: %1").arg(value.filter));
        return lines.join(QLatin1Char('\n'));
    }
    case Qt::DisplayRole:
        break;
    default:
        return {};
    }
    switch (column) {
    case Folder:
        return exportTitle(value.folder);
    case View:
        return value.view;
    case Rows:
        return value.rows < 0 ? QStringLiteral("–") : grouped(value.rows);
    case When:
        return value.createdAt.isValid() ? QLocale().toString(value.createdAt, QLocale::ShortFormat)
                                         : QString();
    default:
        return {};
    }
}

} // namespace scrit::ui::models
