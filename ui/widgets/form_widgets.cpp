// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/form_widgets.h"

#include "ui/widgets/icons.h"
#include "ui/widgets/small_widgets.h"
#include "ui/widgets/theme.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QScrollBar>
#include <QShortcut>
#include <QStyle>
#include <QTextBlock>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace scrit::ui::widgets {

ElidedLabel::ElidedLabel(QWidget* parent) : QLabel(parent) {
    setTextFormat(Qt::PlainText);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void ElidedLabel::setFullText(const QString& text) {
    m_full = text;
    updateGeometry();
    elide();
}

QSize ElidedLabel::minimumSizeHint() const {
    return {48, fontMetrics().height() + 2};
}

QSize ElidedLabel::sizeHint() const {
    return {fontMetrics().horizontalAdvance(m_full) + 2, fontMetrics().height() + 2};
}

void ElidedLabel::resizeEvent(QResizeEvent* event) {
    QLabel::resizeEvent(event);
    elide();
}

void ElidedLabel::elide() {
    QString line = m_full;
    line.replace(QLatin1Char('\n'), QLatin1Char(' '));
    const QString shown = fontMetrics().elidedText(line, Qt::ElideRight, width());
    setText(shown);
    setToolTip(shown == m_full ? QString() : m_full.toHtmlEscaped());
    setAccessibleName(m_full);
}

FormGrid::FormGrid(QWidget* parent) : QWidget(parent), m_grid(new QGridLayout(this)) {
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setHorizontalSpacing(space::kTwo);
    m_grid->setVerticalSpacing(space::kOne);
    m_grid->setColumnStretch(1, 1);
}

int FormGrid::addRow(const QString& label, QWidget* input, const QString& note) {
    return addRow(label, QVector<QWidget*>{input}, note);
}

int FormGrid::addRow(const QString& label, const QVector<QWidget*>& inputs, const QString& note) {
    Row row;
    row.label = plainLabel(label, this);
    row.label->setBuddy(inputs.first());
    row.label->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    row.label->setContentsMargins(0, 6, 0, 0);
    row.holder = new QWidget(this);
    row.inputs = inputs;
    row.note = note;
    auto* column = new QVBoxLayout(row.holder);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(2);
    auto* line = new QHBoxLayout;
    line->setSpacing(space::kOne);
    for (QWidget* input : inputs) {
        line->addWidget(input, input == inputs.first() ? 1 : 0,
                        input->sizePolicy().horizontalPolicy() == QSizePolicy::Fixed
                            ? Qt::AlignLeft
                            : Qt::Alignment());
    }
    column->addLayout(line);
    row.message = plainLabel({}, row.holder);
    row.message->setFont(Theme::current().smallFont());
    row.message->setWordWrap(true);
    column->addWidget(row.message);
    if (inputs.first()->accessibleName().isEmpty()) {
        inputs.first()->setAccessibleName(QString(label).remove(QLatin1Char('&')));
    }
    row.fold = m_fold;
    const int below = m_grid->rowCount();
    m_grid->addWidget(row.label, below, 0);
    m_grid->addWidget(row.holder, below, 1);
    showMessage(row);
    updateRow(row);
    m_rows.push_back(row);
    return static_cast<int>(m_rows.size()) - 1;
}

void FormGrid::addHeading(const QString& title) {
    QLabel* label = headingLabel(title, this);
    label->setContentsMargins(0, space::kOne, 0, 0);
    m_grid->addWidget(label, m_grid->rowCount(), 0, 1, 2);
}

int FormGrid::addFold(const QString& title) {
    const int number = static_cast<int>(m_folds.size());
    auto* head = new QToolButton(this);
    head->setText(title);
    head->setArrowType(Qt::RightArrow);
    head->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    head->setFocusPolicy(Qt::StrongFocus);
    head->setAccessibleDescription(tr("Opens and closes more rows of the form"));
    connect(head, &QToolButton::clicked, this,
            [this, number] { setFoldOpen(number, !m_folds[number].open); });
    m_grid->addWidget(head, m_grid->rowCount(), 0, 1, 2, Qt::AlignLeft);
    m_folds.push_back({head, false});
    m_fold = number;
    return number;
}

void FormGrid::setFoldOpen(int fold, bool open) {
    m_folds[fold].open = open;
    m_folds[fold].head->setArrowType(open ? Qt::DownArrow : Qt::RightArrow);
    for (const Row& row : std::as_const(m_rows)) {
        if (row.fold == fold) {
            updateRow(row);
        }
    }
}

void FormGrid::updateRow(const Row& row) {
    const bool visible = row.shown && (row.fold < 0 || m_folds[row.fold].open);
    row.label->setVisible(visible);
    row.holder->setVisible(visible);
}

void FormGrid::setRowVisible(int row, bool visible) {
    Row& one = m_rows[row];
    one.shown = visible;
    updateRow(one);
}

bool FormGrid::isRowShown(int row) const {
    return m_rows[row].shown;
}

void FormGrid::setNote(int row, const QString& note) {
    m_rows[row].note = note;
    showMessage(m_rows[row]);
}

void FormGrid::setProblem(int row, const QString& problem) {
    Row& one = m_rows[row];
    one.problem = problem;
    showMessage(one);
    if (!problem.isEmpty() && one.fold >= 0 && !m_folds[one.fold].open) {
        setFoldOpen(one.fold, true);
    }
}

QString FormGrid::problem(int row) const {
    return m_rows[row].problem;
}

void FormGrid::showMessage(Row& row) {
    const bool wrong = !row.problem.isEmpty();
    const QString words = wrong ? QStringLiteral("✗ ") + row.problem : row.note;
    row.message->setText(words);
    row.message->setVisible(!words.isEmpty());
    setTone(*row.message, wrong ? Tone::Problem : Tone::Muted);
    for (QWidget* input : row.inputs) {
        input->setAccessibleDescription(words);
        if (input->property("invalid").toBool() != wrong) {
            input->setProperty("invalid", wrong);
            input->style()->unpolish(input);
            input->style()->polish(input);
        }
    }
}

LogView::LogView(QWidget* parent)
    : QFrame(parent), m_search(new QLineEdit(this)), m_found(mutedLabel({}, this)),
      m_follow(new QToolButton(this)), m_text(new QPlainTextEdit(this)) {
    auto* bar = new QHBoxLayout;
    bar->setSpacing(space::kOne);
    m_search->setPlaceholderText(tr("Find in the log"));
    m_search->setAccessibleName(tr("Find in the log"));
    m_search->setClearButtonEnabled(true);
    m_follow->setText(tr("Follow"));
    m_follow->setCheckable(true);
    m_follow->setChecked(true);
    m_follow->setToolTip(tr("Stay at the newest line"));
    bar->addWidget(m_search, 1);
    bar->addWidget(m_found);
    bar->addWidget(m_follow);
    m_text->setReadOnly(true);
    m_text->setLineWrapMode(QPlainTextEdit::NoWrap);
    m_text->setFont(Theme::current().monoFont());
    m_text->setAccessibleName(tr("Log of the server"));
    m_text->setFrameShape(QFrame::NoFrame);
    m_text->setTabChangesFocus(true);
    m_text->setMinimumHeight(96);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(space::kHalf);
    layout->addLayout(bar);
    layout->addWidget(m_text, 1);
    connect(m_search, &QLineEdit::textChanged, this, &LogView::search);
    connect(m_search, &QLineEdit::returnPressed, this, [this] { find(); });
    connect(m_follow, &QToolButton::toggled, this, [this](bool follow) {
        if (follow) {
            m_text->verticalScrollBar()->setValue(m_text->verticalScrollBar()->maximum());
        }
    });
    // Scrolling up with wheel, keys or handle ends the following; the end takes it up again.
    connect(m_text->verticalScrollBar(), &QScrollBar::valueChanged, this,
            [this] { updateFollow(); });
    connect(&Theme::current(), &Theme::changed, this,
            [this] { m_text->setFont(Theme::current().monoFont()); });
}

void LogView::updateFollow() {
    const QScrollBar* bar = m_text->verticalScrollBar();
    const QSignalBlocker quiet(m_follow);
    m_follow->setChecked(bar->value() >= bar->maximum());
}

void LogView::setLines(const QStringList& lines) {
    if (lines == m_lines) {
        return;
    }
    const bool follow = m_follow->isChecked();
    const bool appended =
        lines.size() >= m_lines.size() && std::equal(m_lines.begin(), m_lines.end(), lines.begin());
    QScrollBar* bar = m_text->verticalScrollBar();
    const int before = bar->value();
    {
        const QSignalBlocker quiet(bar);
        if (appended && !m_lines.isEmpty()) {
            m_text->appendPlainText(lines.mid(m_lines.size()).join(QLatin1Char('\n')));
        } else {
            m_text->setPlainText(lines.join(QLatin1Char('\n')));
        }
    }
    m_lines = lines;
    bar->setValue(follow ? bar->maximum() : before);
    {
        const QSignalBlocker quiet(m_follow);
        m_follow->setChecked(follow);
    }
    if (!m_search->text().isEmpty()) {
        search();
    }
}

QString LogView::text() const {
    return m_text->toPlainText();
}

void LogView::search() {
    QList<QTextEdit::ExtraSelection> marks;
    const QString wanted = m_search->text();
    if (!wanted.isEmpty()) {
        constexpr int kMost = 500;
        QTextCursor at(m_text->document());
        while (marks.size() < kMost) {
            at = m_text->document()->find(wanted, at);
            if (at.isNull()) {
                break;
            }
            QTextEdit::ExtraSelection mark;
            mark.cursor = at;
            mark.format.setBackground(tokens().accentTint);
            marks.push_back(mark);
        }
    }
    m_text->setExtraSelections(marks);
    m_found->setText(wanted.isEmpty()  ? QString()
                     : marks.isEmpty() ? tr("not found")
                                       : tr("%1 found").arg(marks.size()));
}

int LogView::find(bool backwards) {
    const QString wanted = m_search->text();
    if (wanted.isEmpty()) {
        return 0;
    }
    const auto flags = backwards ? QTextDocument::FindBackward : QTextDocument::FindFlags();
    if (!m_text->find(wanted, flags)) { // from the other end
        QTextCursor cursor = m_text->textCursor();
        cursor.movePosition(backwards ? QTextCursor::End : QTextCursor::Start);
        m_text->setTextCursor(cursor);
        m_text->find(wanted, flags);
    }
    return static_cast<int>(m_text->extraSelections().size());
}

void setTone(QLabel& label, Tone tone) {
    const QString name = tone == Tone::Problem ? QStringLiteral("problem")
                         : tone == Tone::Muted ? QStringLiteral("muted")
                                               : QStringLiteral("plain");
    if (label.property("tone").toString() != name) {
        label.setProperty("tone", name);
        label.style()->unpolish(&label);
        label.style()->polish(&label);
    }
}

QFrame* panelFrame(QWidget* parent) {
    auto* frame = new QFrame(parent);
    frame->setObjectName(QStringLiteral("panel"));
    return frame;
}

QLabel* headingLabel(const QString& text, QWidget* parent, double factor) {
    QLabel* label = plainLabel(text, parent);
    label->setFont(Theme::current().headingFont(factor));
    return label;
}

} // namespace scrit::ui::widgets
