// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/export_values.h"

#include "ui/models/run_list_model.h"

#include <QCoreApplication>
#include <QDir>
#include <QLocale>

#include <array>

namespace scrit::ui::models {

namespace {

QVariant aligned(bool right) {
    return QVariant::fromValue(
        Qt::Alignment((right ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter));
}

QString tr(const char* text) {
    return QCoreApplication::translate("ExportWords", text);
}

} // namespace

namespace {

struct StageWords {
    const char* name;
    const char* title;
    const char* explanation;
    const char* drop;
};
constexpr std::array<StageWords, 11> kStages{{
    {"selected", QT_TRANSLATE_NOOP("ExportWords", "Selected"),
     QT_TRANSLATE_NOOP("ExportWords", "Critiques that the filter gives."), ""},
    {"readable", QT_TRANSLATE_NOOP("ExportWords", "Readable"),
     QT_TRANSLATE_NOOP("ExportWords",
                       "The view has a row for them: conclusion, step and correction were read."),
     QT_TRANSLATE_NOOP("ExportWords", "incomplete: no row in this view")},
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

ExportSampleModel::ExportSampleModel(QObject* parent) : QAbstractTableModel(parent) {}

void ExportSampleModel::setRows(const QVector<ExportSample>& rows) {
    beginResetModel();
    m_rows = rows;
    endResetModel();
}

const ExportSample* ExportSampleModel::rowAt(int row) const {
    return row >= 0 && row < m_rows.size() ? &m_rows[row] : nullptr;
}

int ExportSampleModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int ExportSampleModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant ExportSampleModel::data(const QModelIndex& index, int role) const {
    const ExportSample* row = index.isValid() ? rowAt(index.row()) : nullptr;
    if (row == nullptr) {
        return {};
    }
    const bool written = row->droppedBy.isEmpty();
    switch (role) {
    case Qt::TextAlignmentRole:
        return aligned(index.column() == Tokens);
    case MarkRole:
        return static_cast<int>(index.column() != Fate ? Mark::None
                                : written              ? Mark::Yes
                                                       : Mark::No);
    case MutedRole:
        return index.column() == Tokens || (!written && index.column() == Row);
    case Qt::ToolTipRole:
        return written ? tr("As the trainer will see it") : exportStageExplanation(row->droppedBy);
    case Qt::DisplayRole:
        break;
    default:
        return {};
    }
    switch (index.column()) {
    case Row:
        return row->rejectedId == 0
                   ? QString(QLatin1Char('#') + QString::number(row->critiqueId))
                   : QStringLiteral("#%1 over #%2").arg(row->critiqueId).arg(row->rejectedId);
    case Fate:
        return !written               ? exportDropWords(row->droppedBy)
               : row->split.isEmpty() ? tr("written")
                                      : row->split;
    case Tokens:
        return grouped(row->tokens);
    default:
        return {};
    }
}

QVariant ExportSampleModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal) {
        return {};
    }
    if (role == Qt::TextAlignmentRole) {
        return aligned(section == Tokens);
    }
    if (role == Qt::ToolTipRole && section == Tokens) {
        return tr("About: bytes divided by four");
    }
    if (role != Qt::DisplayRole) {
        return {};
    }
    switch (section) {
    case Row:
        return tr("Critique");
    case Fate:
        return tr("What becomes of it");
    case Tokens:
        return tr("≈ Tokens");
    default:
        return {};
    }
}

PastExportModel::PastExportModel(QObject* parent) : QAbstractTableModel(parent) {}

void PastExportModel::setExports(const QVector<PastExport>& past) {
    if (past == m_past) {
        return;
    }
    beginResetModel();
    m_past = past;
    endResetModel();
}

const PastExport* PastExportModel::exportAt(int row) const {
    return row >= 0 && row < m_past.size() ? &m_past[row] : nullptr;
}

int PastExportModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_past.size());
}

int PastExportModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant PastExportModel::data(const QModelIndex& index, int role) const {
    const PastExport* past = index.isValid() ? exportAt(index.row()) : nullptr;
    if (past == nullptr) {
        return {};
    }
    switch (role) {
    case Qt::TextAlignmentRole:
        return aligned(index.column() == Rows);
    case MarkRole:
        return static_cast<int>(index.column() == Folder && !past->there ? Mark::No : Mark::None);
    case MutedRole:
        return index.column() == When || !past->there;
    case Qt::ToolTipRole: {
        QStringList lines{past->folder};
        if (!past->there) {
            lines << tr("The folder is not there any more");
        }
        lines << (past->filter.isEmpty() ? tr("All critiques")
                                         : tr("Filter: %1").arg(past->filter));
        return lines.join(QLatin1Char('\n'));
    }
    case Qt::DisplayRole:
        break;
    default:
        return {};
    }
    switch (index.column()) {
    case Folder:
        return QDir(past->folder).dirName();
    case View:
        return past->view;
    case Rows:
        return past->rows < 0 ? QStringLiteral("–") : grouped(past->rows);
    case When:
        return past->createdAt.isValid() ? QLocale().toString(past->createdAt, QLocale::ShortFormat)
                                         : QString();
    default:
        return {};
    }
}

QVariant PastExportModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal) {
        return {};
    }
    if (role == Qt::TextAlignmentRole) {
        return aligned(section == Rows);
    }
    if (role != Qt::DisplayRole) {
        return {};
    }
    switch (section) {
    case Folder:
        return tr("Dataset");
    case View:
        return tr("View");
    case Rows:
        return tr("Rows");
    case When:
        return tr("Written");
    default:
        return {};
    }
}

} // namespace scrit::ui::models
