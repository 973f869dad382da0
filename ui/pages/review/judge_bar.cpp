// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/review/judge_bar.h"

#include "ui/widgets/form_widgets.h"
#include "ui/widgets/review_widgets.h"
#include "ui/widgets/small_widgets.h"
#include "ui/widgets/theme.h"

#include <QAction>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QVBoxLayout>

namespace scrit::ui::pages {

using namespace widgets;

JudgeBar::JudgeBar(const JudgeActions& actions, QWidget* parent)
    : QFrame(parent), m_sides(new QWidget(this)), m_sidesRow(new QHBoxLayout(m_sides)),
      m_noteRow(new QWidget(this)), m_noteLabel(plainLabel({}, m_noteRow)),
      m_note(new QLineEdit(m_noteRow)), m_keys(new QWidget(this)), m_pad(new StepPad(m_keys)),
      m_question(new ElidedLabel(m_keys)), m_history(new HistoryStrip(this)),
      m_draft(new ElidedLabel(this)) {
    setObjectName(QStringLiteral("strip"));
    setAttribute(Qt::WA_StyledBackground);
    setAccessibleName(tr("Judgement"));
    m_sidesRow->setContentsMargins(0, 0, 0, 0);
    m_sidesRow->setSpacing(space::kOne);
    m_sides->hide();
    auto* note = new QHBoxLayout(m_noteRow);
    note->setContentsMargins(0, 0, 0, 0);
    note->setSpacing(space::kOne);
    m_noteLabel->setFont(Theme::current().headingFont(0.92));
    note->addWidget(m_noteLabel);
    note->addWidget(m_note, 1);
    note->addWidget(mutedLabel(tr("Enter keeps it · Esc leaves it"), m_noteRow));
    m_note->installEventFilter(this);
    m_noteRow->hide();
    buildKeys(actions);
    auto* last = new QHBoxLayout;
    last->setSpacing(space::kOne);
    last->addWidget(m_history, 3);
    m_draft->setProperty("muted", true);
    m_draft->setFont(Theme::current().smallFont());
    m_draft->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    last->addWidget(m_draft, 1);
    for (QAction* action : {actions.usable, actions.answer, actions.keep, actions.undo}) {
        last->addWidget(new KeyButton(action, models::Mark::None, this));
    }
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(space::kOne, 6, space::kOne, 4);
    column->setSpacing(4);
    column->addWidget(m_sides);
    column->addWidget(m_noteRow);
    column->addWidget(m_keys);
    column->addLayout(last);
}

void JudgeBar::buildKeys(const JudgeActions& actions) {
    auto* row = new QHBoxLayout(m_keys);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(2);
    auto* first = new ElidedLabel(m_keys);
    for (ElidedLabel* label : {first, m_question}) {
        label->setFont(Theme::current().headingFont(0.92));
        label->setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Fixed);
    }
    first->setFullText(tr("First wrong step?"));
    row->addWidget(first);
    row->addSpacing(space::kHalf);
    row->addWidget(m_pad, 1);
    row->addWidget(new KeyButton(actions.wrongHere, models::Mark::No, m_keys));
    row->addSpacing(space::kOne);
    row->addWidget(m_question);
    row->addWidget(new KeyButton(actions.yes, models::Mark::Yes, m_keys));
    row->addWidget(new KeyButton(actions.no, models::Mark::No, m_keys));
    row->addWidget(new KeyButton(actions.unsure, models::Mark::Unknown, m_keys));
    row->addSpacing(space::kOne);
    for (QAction* action : {actions.skip, actions.tag, actions.comment}) {
        row->addWidget(new KeyButton(action, models::Mark::None, m_keys));
    }
}

void JudgeBar::setQuestion(const QString& question) {
    m_question->setFullText(question);
}

void JudgeBar::setDraft(const models::Judgement& draft) {
    QStringList parts;
    if (!draft.steps.isEmpty()) {
        parts << (draft.steps.size() == 1 ? tr("1 step labelled")
                                          : tr("%1 steps labelled").arg(draft.steps.size()));
    }
    if (draft.correctionUsable) {
        parts << (*draft.correctionUsable ? tr("correction usable") : tr("correction unusable"));
    }
    if (draft.repairedAnswer) {
        parts << (draft.repairedAnswer->isEmpty()
                      ? tr("gold answer wrong")
                      : tr("right answer %1").arg(*draft.repairedAnswer));
    }
    if (!draft.tags.isEmpty()) {
        parts << tr("tags %1").arg(draft.tags.join(QStringLiteral(", ")));
    }
    if (!draft.comment.isEmpty()) {
        parts << tr("“%1”").arg(draft.comment);
    }
    m_draft->setFullText(parts.isEmpty() ? QString()
                                         : tr("Noted: %1").arg(parts.join(QStringLiteral(" · "))));
    m_pad->setLabels(draft.steps);
}

QString JudgeBar::draftText() const {
    return m_draft->fullText();
}

void JudgeBar::setHistory(const models::ReviewHistory& history) {
    m_history->setHistory(history);
}

void JudgeBar::setSides(const QVector<models::Disagreement::Side>& sides) {
    while (QLayoutItem* item = m_sidesRow->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    m_sidesLines.clear();
    for (const models::Disagreement::Side& side : sides) {
        QFrame* panel = panelFrame(m_sides);
        auto* column = new QVBoxLayout(panel);
        column->setContentsMargins(space::kOne, 6, space::kOne, 6);
        column->setSpacing(2);
        const models::Mark mark = models::judgementMark(side.judgement);
        QLabel* head = plainLabel(side.annotator + QStringLiteral("   ") + models::markText(mark) +
                                      QLatin1Char(' ') + models::judgementPhrase(side.judgement),
                                  panel);
        head->setFont(Theme::current().headingFont(0.92));
        QLabel* rest = mutedLabel(models::judgementText(side.judgement)
                                      .replace(QLatin1Char('\n'), QStringLiteral("  ·  ")),
                                  panel);
        rest->setWordWrap(true);
        column->addWidget(head);
        column->addWidget(rest);
        m_sidesRow->addWidget(panel, 1);
        m_sidesLines << side.annotator + QStringLiteral(": ") +
                            models::judgementPhrase(side.judgement);
    }
    m_sides->setVisible(!sides.isEmpty());
    m_history->setVisible(sides.isEmpty());
}

QString JudgeBar::sidesText() const {
    return m_sidesLines.join(QLatin1Char('\n'));
}

void JudgeBar::openNote(Note note, const QString& text) {
    m_what = note;
    m_noteLabel->setText(note == Note::Tag       ? tr("Tags")
                         : note == Note::Comment ? tr("Comment")
                                                 : tr("The right answer"));
    m_note->setPlaceholderText(
        note == Note::Tag       ? tr("separated by commas")
        : note == Note::Comment ? tr("a note on this item")
                                : tr("of the problem; empty: the gold answer is wrong, the right "
                                     "one is not known"));
    m_note->setAccessibleName(m_noteLabel->text());
    m_note->setText(text);
    m_noteRow->show();
    m_keys->hide();
    m_note->setFocus();
    m_note->selectAll();
}

bool JudgeBar::isNoteOpen() const {
    return !m_noteRow->isHidden();
}

void JudgeBar::closeNote() {
    m_noteRow->hide();
    m_keys->show();
    Q_EMIT noteClosed();
}

bool JudgeBar::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_note && event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        if (key == Qt::Key_Escape) {
            closeNote();
            return true;
        }
        if (key == Qt::Key_Return || key == Qt::Key_Enter) {
            const QString text = m_note->text().trimmed();
            closeNote();
            Q_EMIT noteKept(m_what, text);
            return true;
        }
    }
    if (watched == m_note && event->type() == QEvent::ShortcutOverride) {
        // Nothing typed here judges anything.
        const auto* key = static_cast<QKeyEvent*>(event);
        if ((key->modifiers() & ~Qt::ShiftModifier) == Qt::NoModifier) {
            event->accept();
            return true;
        }
    }
    return QFrame::eventFilter(watched, event);
}

} // namespace scrit::ui::pages
