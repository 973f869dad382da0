// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/trace_table_model.h"

#include "core/model/lineage.h"

#include <algorithm>
#include <utility>

namespace scrit::ui::models {

namespace {

struct ColumnInfo {
    const char* name;
    const char* title; // in the header
    const char* full;  // in the chooser and the tooltip
    bool problems;
    bool solutions;
    bool critiques;
    bool numeric;
};

constexpr ColumnInfo kColumns[TraceTableModel::ColumnCount] = {
    {"candidate", "", "Candidate right or wrong", false, true, true, false},
    {"source", "Source", "Source (data set)", true, true, true, false},
    {"subject", "Subject", "Subject", true, true, true, false},
    {"level", "Level", "Level", true, true, true, false},
    {"student", "Student", "Student (author of the candidate)", false, true, true, false},
    {"critic", "Critic", "Critic", false, false, true, false},
    {"mode", "Mode", "Mode of the critique", false, false, true, false},
    {"round", "Round", "Round", false, false, true, true},
    {"first-error", "Error", "First error step as the critique says", false, false, true, true},
    {"label", "Label", "First error step as the data set labels it", false, true, true, true},
    {"validated", "Valid", "Self-validation", false, false, true, false},
    {"answer", "Answer", "Answer of the correction against the gold answer", false, false, true,
     false},
    {"flags", "Flags", "Red flags", false, false, true, false},
    {"tokens", "Tokens", "Tokens of the completion", false, false, true, true},
    {"critiques", "Critiques", "Number of critiques", true, true, false, true},
    {"problem", "Problem", "Problem", true, true, true, false},
};

QString latin(const char* text) {
    return QString::fromUtf8(text);
}

} // namespace

TraceTableModel::TraceTableModel(QObject* parent)
    : QAbstractTableModel(parent), m_pages(kPagesKept) {}

void TraceTableModel::setRows(ListKind kind, RowIds ids, quint64 generation) {
    beginResetModel();
    m_kind = kind;
    m_ids = std::move(ids);
    m_generation = generation;
    m_pages.clear();
    m_wanted.clear();
    m_stale.clear();
    endResetModel();
}

bool TraceTableModel::growRows(ListKind kind, const RowIds& ids, quint64 generation) {
    if (kind != m_kind || ids.size() < m_ids.size() ||
        !std::equal(m_ids.begin(), m_ids.end(), ids.begin())) {
        return false;
    }
    const bool stale = generation != m_generation;
    if (stale) {
        m_generation = generation;
        m_wanted.clear();
        for (const int page : m_pages.keys()) {
            m_stale.insert(page);
        }
    }
    if (ids.size() > m_ids.size()) {
        const int before = static_cast<int>(m_ids.size());
        // The last page may not have been full.
        if (TraceRows* last = m_pages.object((before - 1) / kPageRows)) {
            const qsizetype first = static_cast<qsizetype>((before - 1) / kPageRows) * kPageRows;
            last->resize(std::min<qsizetype>(kPageRows, ids.size() - first));
        }
        beginInsertRows({}, before, static_cast<int>(ids.size()) - 1);
        m_ids = ids;
        endInsertRows();
    }
    if (stale && !m_ids.isEmpty()) {
        Q_EMIT dataChanged(index(0, 0), index(static_cast<int>(m_ids.size()) - 1, ColumnCount - 1));
    }
    return true;
}

void TraceTableModel::setPage(quint64 generation, int page, const TraceRows& rows) {
    if (generation != m_generation || page < 0) {
        return;
    }
    const int first = page * kPageRows;
    if (first >= m_ids.size()) {
        return;
    }
    m_wanted.remove(page);
    m_stale.remove(page);
    // Rows deleted since leave gaps: put each row where its id stands.
    const int count = static_cast<int>(std::min<qsizetype>(kPageRows, m_ids.size() - first));
    auto* contents = new TraceRows(count);
    qsizetype next = 0;
    for (int i = 0; i < count; ++i) {
        (*contents)[i].id = 0;
        if (next < rows.size() && rows[next].id == m_ids[first + i]) {
            (*contents)[i] = rows[next++];
        }
    }
    m_pages.insert(page, contents);
    Q_EMIT dataChanged(index(first, 0), index(first + count - 1, ColumnCount - 1));
}

void TraceTableModel::reloadPages(quint64 generation) {
    m_generation = generation;
    m_pages.clear();
    m_wanted.clear();
    m_stale.clear();
    if (!m_ids.isEmpty()) {
        Q_EMIT dataChanged(index(0, 0), index(static_cast<int>(m_ids.size()) - 1, ColumnCount - 1));
    }
}

qint64 TraceTableModel::idAt(int row) const {
    return row >= 0 && row < m_ids.size() ? m_ids[row] : 0;
}

int TraceTableModel::rowOf(qint64 id) const {
    // A million ids are passed over in a millisecond. An index of them took an eighth of a second
    // to make, on this thread and before the first rows were there, and more memory than the ids.
    return static_cast<int>(m_ids.indexOf(id));
}

const TraceRow* TraceTableModel::rowAt(int row) const {
    const TraceRows* page = m_pages.object(row / kPageRows);
    if (page == nullptr || row < 0 || row >= m_ids.size()) {
        return nullptr;
    }
    const TraceRow& found = page->at(row % kPageRows);
    return found.id == 0 ? nullptr : &found;
}

bool TraceTableModel::applies(ListKind kind, Column column) {
    const ColumnInfo& info = kColumns[column];
    switch (kind) {
    case ListKind::Problems:
        return info.problems;
    case ListKind::Solutions:
        return info.solutions;
    case ListKind::Critiques:
        break;
    }
    return info.critiques;
}

bool TraceTableModel::sortKeyOf(Column column, SortKey& key) {
    switch (column) {
    case Source:
        key = SortKey::Source;
        return true;
    case FirstError:
        key = SortKey::FirstErrorStep;
        return true;
    case Tokens:
        key = SortKey::Tokens;
        return true;
    case Round:
        key = SortKey::Round;
        return true;
    default:
        return false;
    }
}

QString TraceTableModel::columnName(Column column) {
    return latin(kColumns[column].name);
}

QString TraceTableModel::columnTitle(Column column) {
    return tr(kColumns[column].full);
}

int TraceTableModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_ids.size());
}

int TraceTableModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

void TraceTableModel::want(int page) const {
    if (m_wanted.contains(page)) {
        return;
    }
    m_wanted.insert(page);
    const qsizetype first = static_cast<qsizetype>(page) * kPageRows;
    Q_EMIT pageWanted(m_generation, page, m_ids.mid(first, kPageRows));
}

QVariant TraceTableModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || index.row() >= m_ids.size() || index.column() >= ColumnCount) {
        return {};
    }
    const auto column = static_cast<Column>(index.column());
    switch (role) {
    case IdRole:
        return m_ids[index.row()];
    case NumericRole:
        return kColumns[column].numeric;
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(Qt::Alignment(
            (kColumns[column].numeric ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter));
    default:
        break;
    }
    const int page = index.row() / kPageRows;
    const TraceRows* rows = m_pages.object(page);
    if (rows == nullptr) {
        want(page);
        return role == LoadingRole ? QVariant(true) : QVariant();
    }
    if (m_stale.contains(page)) {
        want(page);
    }
    if (role == LoadingRole) {
        return false;
    }
    const TraceRow& row = rows->at(index.row() % kPageRows);
    if (row.id == 0) { // not there any more, or not to be read
        return role == Qt::DisplayRole ? QVariant(QStringLiteral("–")) : QVariant();
    }
    return cell(row, column, role);
}

QVariant TraceTableModel::cell(const TraceRow& row, Column column, int role) const {
    switch (role) {
    case Qt::DisplayRole:
        return display(row, column);
    case Qt::ToolTipRole:
        return toolTip(row, column);
    case Qt::AccessibleTextRole: {
        const QString tip = toolTip(row, column);
        return tip.isEmpty() ? display(row, column) : tip;
    }
    case CellMarkRole: {
        Mark mark = Mark::None;
        if (column == Candidate) {
            mark = markOf(row.solutionCorrect);
        } else if (column == Validated) {
            mark = markOf(row.validated);
        } else if (column == Answer) {
            mark = markOf(row.answerMatch);
        }
        return static_cast<int>(mark);
    }
    case DiffersRole:
        return column == FirstError && row.labelStep && row.firstErrorStep &&
               *row.labelStep != *row.firstErrorStep;
    default:
        return {};
    }
}

QString TraceTableModel::display(const TraceRow& row, Column column) const {
    switch (column) {
    case Candidate:
        return m_kind == ListKind::Problems ? QString() : markText(markOf(row.solutionCorrect));
    case Source:
        return row.source;
    case Subject:
        return row.subject;
    case Level:
        return row.level;
    case Student:
        return row.student;
    case Critic:
        return row.critic;
    case Mode:
        return modeWord(row.mode);
    case Round:
        return QString::number(row.round);
    case FirstError:
        return stepNumber(row.firstErrorStep);
    case Label:
        return row.labelStep ? stepNumber(row.labelStep) : QString();
    case Validated:
        return markText(markOf(row.validated));
    case Answer:
        return markText(markOf(row.answerMatch));
    case FlagsRaised: {
        QStringList words;
        for (const model::Flag flag : model::flagsIn(row.flags)) {
            words << flagWord(flag);
        }
        return words.join(QStringLiteral(", "));
    }
    case Tokens:
        return row.tokens > 0 ? grouped(row.tokens) : QString();
    case CritiqueCount:
        return row.critiqueCount > 0 ? grouped(row.critiqueCount) : QString();
    case Excerpt:
        return row.excerpt;
    case ColumnCount:
        break;
    }
    return {};
}

QString TraceTableModel::toolTip(const TraceRow& row, Column column) const {
    switch (column) {
    case Candidate:
        return tr("Candidate: %1").arg(correctnessWord(row.solutionCorrect));
    case FirstError:
        if (row.labelStep && row.firstErrorStep && *row.labelStep != *row.firstErrorStep) {
            return tr("The critique says %1, the label says %2")
                .arg(stepPhrase(row.firstErrorStep), stepPhrase(row.labelStep));
        }
        return tr("The critique says: %1").arg(stepPhrase(row.firstErrorStep));
    case Label:
        return row.labelStep ? tr("Labelled by the data set: %1").arg(stepPhrase(row.labelStep))
                             : QString();
    case Validated:
        return tr("Self-validation: %1").arg(validatedWord(row.validated));
    case Answer:
        return tr("Answer of the correction: %1").arg(matchWord(row.answerMatch));
    case FlagsRaised: {
        QStringList lines;
        for (const model::Flag flag : model::flagsIn(row.flags)) {
            lines << flagWord(flag) + QStringLiteral(": ") + flagExplanation(flag);
        }
        return lines.join(QLatin1Char('\n'));
    }
    case Excerpt:
        return row.excerpt;
    default:
        return {};
    }
}

QVariant TraceTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount) {
        return {};
    }
    switch (role) {
    case Qt::DisplayRole:
        return section == Candidate ? QStringLiteral("✓✗") : tr(kColumns[section].title);
    case Qt::ToolTipRole:
    case Qt::AccessibleTextRole:
        return tr(kColumns[section].full);
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(Qt::Alignment(
            (kColumns[section].numeric ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter));
    default:
        return {};
    }
}

} // namespace scrit::ui::models
