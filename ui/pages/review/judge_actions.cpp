// SPDX-License-Identifier: GPL-3.0-or-later
// The commands of the judging view and their keys, and what is noted about an item.
#include "ui/pages/review/judge_view.h"
#include "ui/pages/traces/reading_view.h"
#include "ui/pages/traces/record_finder.h"
#include "ui/widgets/command_registry.h"
#include "ui/widgets/outcome_strip.h"
#include "ui/widgets/review_widgets.h"

#include <QAction>

#include <algorithm>
#include <array>
#include <utility>

namespace scrit::ui::pages {

QAction* JudgeView::addAction(const char* id, const QString& text, const char* keys,
                              const QString& shortText) {
    QList<QKeySequence> sequences;
    for (const QString& key :
         QString::fromLatin1(keys).split(QLatin1Char(' '), Qt::SkipEmptyParts)) {
        sequences << QKeySequence(key, QKeySequence::PortableText);
    }
    QAction* action = m_context.commands.add(
        {QStringLiteral("review.") + QLatin1String(id), tr("Review"), text, sequences}, this,
        Qt::WidgetWithChildrenShortcut);
    // A key held down judges one item, not all of them.
    action->setAutoRepeat(false);
    if (!shortText.isEmpty()) {
        action->setIconText(shortText);
    }
    return action;
}

void JudgeView::addActions() {
    const auto judge = [this](QAction* action, Command command) {
        m_judging << action;
        connect(action, &QAction::triggered, this, [this, command] { perform(command); });
        return action;
    };
    m_actions.wrongHere =
        judge(addAction("wrong-here", tr("The chosen step is the first wrong one"), "Space W",
                        tr("chosen step")),
              {Command::WrongHere});
    m_actions.yes = judge(addAction("agree", tr("Agree, or the critique is right"), "A"),
                          {Command::Verdict, Yes});
    m_actions.no = judge(addAction("disagree", tr("Disagree, or the critique is wrong"), "D"),
                         {Command::Verdict, No});
    m_actions.unsure =
        judge(addAction("unsure", tr("Unsure"), "U", tr("unsure")), {Command::Verdict, Unsure});
    m_actions.keep =
        judge(addAction("keep", tr("Store what is noted and go on"), "Return Enter", tr("store")),
              {Command::Keep});
    m_actions.skip = judge(addAction("skip", tr("Skip; it comes back at the end"), "S", tr("skip")),
                           {Command::Skip});
    const auto move = [this](QAction* action, Command command) {
        m_moving << action;
        connect(action, &QAction::triggered, this, [this, command] { perform(command); });
        return action;
    };
    m_actions.undo =
        move(addAction("undo", tr("Take back the last judgement"), "Ctrl+Z", tr("undo")),
             {Command::Undo});
    move(addAction("previous", tr("Back to the item before"), "Backspace"), {Command::Previous});
    m_skippedAction = move(addAction("skipped", tr("Come back to what was skipped"), "Shift+S"),
                           {Command::Skipped});
    addStepActions();
    addNoteActions();
    addReadingActions();
}

void JudgeView::addStepActions() {
    constexpr int kDigits = 9;
    for (int digit = 0; digit <= kDigits; ++digit) {
        const QByteArray id = "step-" + QByteArray::number(digit);
        const QByteArray key = QByteArray::number(digit);
        QAction* action = addAction(id.constData(),
                                    digit == 0 ? tr("No step is wrong")
                                               : tr("Step %1 is the first wrong one").arg(digit),
                                    key.constData());
        m_judging << action;
        connect(action, &QAction::triggered, this, [this, digit] {
            perform({Command::FirstError, digit - 1});
        });
    }
    for (const auto& [id, text, keys, direction] :
         {std::tuple{"next-step", tr("Choose the next step"), "J Down", 1},
          std::tuple{"previous-step", tr("Choose the step before"), "K Up", -1}}) {
        QAction* action = addAction(id, text, keys);
        action->setAutoRepeat(true);
        m_judging << action;
        connect(action, &QAction::triggered, this, [this, way = direction] {
            m_reading->moveStep(way);
            m_bar->pad().setSelected(m_reading->selectedStep());
        });
    }
    for (const auto& [id, text, keys, value] :
         {std::tuple{"step-correct", tr("Label the chosen step correct"), "+",
                     models::StepLabel::Correct},
          std::tuple{"step-wrong", tr("Label the chosen step wrong"), "-",
                     models::StepLabel::Wrong},
          std::tuple{"step-unsure", tr("Label the chosen step unsure"), "?",
                     models::StepLabel::Unsure}}) {
        QAction* action = addAction(id, text, keys);
        m_judging << action;
        connect(action, &QAction::triggered, this, [this, what = value] { label(what); });
    }
}

void JudgeView::addNoteActions() {
    m_actions.tag = addAction("tag", tr("Tag this item"), "N", tr("tag"));
    m_actions.comment = addAction("comment", tr("Comment on this item"), "C", tr("comment"));
    m_actions.answer = addAction("answer", tr("The problem's gold answer is wrong: repair it"), "G",
                                 tr("gold answer"));
    m_actions.usable =
        addAction("usable", tr("The correction can, or cannot, be used"), "X", tr("correction"));
    for (const auto& [action, note] : {std::pair{m_actions.tag, JudgeBar::Note::Tag},
                                       std::pair{m_actions.comment, JudgeBar::Note::Comment},
                                       std::pair{m_actions.answer, JudgeBar::Note::Answer}}) {
        m_judging << action;
        connect(action, &QAction::triggered, this, [this, what = note] { openNote(what); });
    }
    m_judging << m_actions.usable;
    connect(m_actions.usable, &QAction::triggered, this, &JudgeView::toggleUsable);
}

void JudgeView::addReadingActions() {
    QAction* outcome = addAction("outcome", tr("Fold or unfold the correction"), "O");
    connect(outcome, &QAction::triggered, this,
            [this] { m_reading->outcome().setFolded(!m_reading->outcome().isFolded()); });
    QAction* raw = addAction("raw", tr("The critique as the model wrote it"), "R");
    connect(raw, &QAction::triggered, this, [this] { m_reading->setRaw(!m_reading->isRaw()); });
    QAction* find = addAction("find", tr("Find in this item"), "Ctrl+F");
    connect(find, &QAction::triggered, this, [this] { m_reading->finder().open(); });
    for (const auto& [id, text, keys, direction] :
         {std::tuple{"page-down", tr("Scroll a page down"), "PgDown", 1},
          std::tuple{"page-up", tr("Scroll a page up"), "PgUp", -1}}) {
        QAction* page = addAction(id, text, keys);
        page->setAutoRepeat(true);
        connect(page, &QAction::triggered, this, [this, way = direction] { m_reading->page(way); });
        m_judging << page;
    }
    m_judging << outcome << raw << find;
}

void JudgeView::label(models::StepLabel label) {
    const int step = m_reading->selectedStep();
    if (m_phase != Phase::Showing || step < 0) {
        m_context.remark(tr("Choose a step first, with J and K or a click"));
        return;
    }
    const auto there =
        std::find_if(m_draft.steps.begin(), m_draft.steps.end(),
                     [step](const auto& labelled) { return labelled.first == step; });
    if (there == m_draft.steps.end()) {
        m_draft.steps.push_back({step, label});
    } else if (there->second == label) {
        m_draft.steps.erase(there);
    } else {
        there->second = label;
    }
    updateDraft();
}

// Not said → cannot be used → can be used → not said.
void JudgeView::toggleUsable() {
    if (m_phase != Phase::Showing) {
        return;
    }
    if (!m_draft.correctionUsable) {
        m_draft.correctionUsable = false;
    } else if (!*m_draft.correctionUsable) {
        m_draft.correctionUsable = true;
    } else {
        m_draft.correctionUsable.reset();
    }
    updateDraft();
}

void JudgeView::openNote(JudgeBar::Note note) {
    if (m_phase != Phase::Showing) {
        return;
    }
    m_bar->openNote(note, note == JudgeBar::Note::Tag ? m_draft.tags.join(QStringLiteral(", "))
                          : note == JudgeBar::Note::Comment
                              ? m_draft.comment
                              : m_draft.repairedAnswer.value_or(QString()));
}

void JudgeView::keepNote(JudgeBar::Note note, const QString& text) {
    if (m_phase != Phase::Showing) {
        return;
    }
    switch (note) {
    case JudgeBar::Note::Tag:
        m_draft.tags.clear();
        for (const QString& tag : text.split(QLatin1Char(','), Qt::SkipEmptyParts)) {
            if (!tag.trimmed().isEmpty() && !m_draft.tags.contains(tag.trimmed())) {
                m_draft.tags << tag.trimmed();
            }
        }
        break;
    case JudgeBar::Note::Comment:
        m_draft.comment = text;
        break;
    case JudgeBar::Note::Answer:
        m_draft.repairedAnswer = text;
        break;
    }
    updateDraft();
}

} // namespace scrit::ui::pages
