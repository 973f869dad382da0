// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/review/judge_view.h"

#include "ui/bridge/review_service.h"
#include "ui/models/review_record.h"
#include "ui/pages/traces/reading_view.h"
#include "ui/render/math_typesetter.h"
#include "ui/widgets/command_registry.h"
#include "ui/widgets/record_header.h"
#include "ui/widgets/review_widgets.h"
#include "ui/widgets/small_widgets.h"
#include "ui/widgets/theme.h"

#include <QAction>
#include <QLineEdit>
#include <QStackedWidget>
#include <QTimer>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace scrit::ui::pages {

using models::ReviewStep;

JudgeView::JudgeView(PageContext& pageContext, QWidget* parent)
    : QWidget(parent), m_context(pageContext), m_stack(new QStackedWidget(this)),
      m_reading(new ReadingView(&pageContext.typesetter, m_stack)),
      m_done(new widgets::EmptyState(m_stack)), m_trouble(new widgets::MessageBar(this)) {
    addActions();
    m_bar = new JudgeBar(m_actions, this);
    m_stack->addWidget(m_reading);
    m_stack->addWidget(m_done);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_trouble);
    layout->addWidget(m_stack, 1);
    layout->addWidget(m_bar);
    m_prefetch = m_context.typesetter.newGroup();
    connectService();
    connect(m_bar, &JudgeBar::noteKept, this, &JudgeView::keepNote);
    connect(m_bar, &JudgeBar::noteClosed, this, &JudgeView::focusText);
    connect(&m_bar->pad(), &widgets::StepPad::stepChosen, this, [this](int step) {
        perform({Command::FirstError, step});
    });
    connect(&m_bar->history(), &widgets::HistoryStrip::entryChosen, this, [this](qint64 position) {
        perform({Command::GoTo, position});
    });
    connect(m_reading, &ReadingView::contentChanged, this,
            [this] { m_bar->pad().setSelected(m_reading->selectedStep()); });
    for (const auto column : {ReadingView::Candidate, ReadingView::Critique}) {
        connect(&m_reading->column(column), &widgets::ReadingColumn::cardClicked, this,
                [this] { m_bar->pad().setSelected(m_reading->selectedStep()); });
    }
    setPhase(Phase::Closed);
}

JudgeView::~JudgeView() {
    m_context.typesetter.cancel(m_prefetch);
}

void JudgeView::connectService() {
    bridge::ReviewService& review = m_context.review;
    connect(&review, &bridge::ReviewService::sessionOpened, this,
            [this](const models::ReviewSession& session) {
                m_queue = session.queue;
                m_progress = session.progress;
                Q_EMIT progressChanged();
                aroundReady(session.around);
                if (session.item) {
                    showItem(*session.item);
                } else {
                    finish();
                }
            });
    connect(&review, &bridge::ReviewService::sessionFailed, this,
            [this](const models::Trouble& trouble) {
                close();
                m_trouble->showMessage(widgets::MessageBar::Kind::Problem, trouble.message,
                                       trouble.advice);
            });
    connect(&review, &bridge::ReviewService::stepDone, this, &JudgeView::stepDone);
    connect(&review, &bridge::ReviewService::stepFailed, this,
            [this](quint64 token, const models::Trouble& trouble) {
                if (token == m_stepToken) {
                    stepFailed(trouble);
                }
            });
    connect(&review, &bridge::ReviewService::aroundReady, this, &JudgeView::aroundReady);
    connect(&review, &bridge::ReviewService::adjudicated, this, [this](qint64 critiqueId) {
        if (isSettling() && m_phase == Phase::Waiting &&
            m_settled[m_settledAt].critiqueId == critiqueId) {
            showSettled(m_settledAt + 1);
        }
    });
    connect(&review, &bridge::ReviewService::failed, this, [this](const models::Trouble& trouble) {
        if (isSettling() && m_phase == Phase::Waiting) {
            stepFailed(trouble);
        }
    });
    connect(&review, &bridge::ReviewService::recordReady, this,
            [this](const models::TraceRecordPtr& record) {
                if (m_wanted.contains(record->id)) {
                    m_records.insert(record->id, record);
                    prefetchFormulas(*record);
                }
                if (record->id == m_awaited) {
                    display(record);
                }
            });
    connect(&review, &bridge::ReviewService::recordFailed, this,
            [this](qint64 critiqueId, const models::Trouble& trouble) {
                if (critiqueId == m_awaited) {
                    m_reading->clear();
                    stepFailed(trouble);
                }
            });
}

void JudgeView::openQueue(qint64 queueId) {
    close();
    m_trouble->hide();
    if (const models::QueueInfo* queue = m_context.review.queue(queueId)) {
        m_queue = *queue;
        setPhase(Phase::Waiting);
        m_context.review.openSession(queueId);
    }
}

void JudgeView::close() {
    m_queue = {};
    m_item.reset();
    m_keys.clear();
    m_settled.clear();
    m_settledAt = -1;
    m_records.clear();
    m_awaited = 0;
    m_stepToken = 0;
    m_reading->clear();
    m_bar->setHistory({});
    m_bar->setSides({});
    m_stack->setCurrentWidget(m_reading);
    setPhase(Phase::Closed);
}

void JudgeView::setActive(bool active) {
    if (m_active == active) {
        return;
    }
    m_spent = seconds();
    m_active = active;
    m_clock.start();
    updateActions();
}

double JudgeView::seconds() const {
    const bool runs = m_active && m_phase == Phase::Showing && m_clock.isValid();
    return m_spent + (runs ? static_cast<double>(m_clock.elapsed()) / 1000.0 : 0.0);
}

void JudgeView::focusText() {
    if (m_stack->currentWidget() == m_reading) {
        m_reading->focusColumn(ReadingView::Critique);
    } else {
        m_done->setFocus();
    }
}

int JudgeView::steps() const {
    const auto& record = m_reading->record();
    return record && record->solution ? static_cast<int>(record->solution->steps.size()) : 0;
}

// Nobody agrees with what is not shown, or is not there.
bool JudgeView::asksValidity() const {
    const auto& record = m_reading->record();
    return isSettling() || m_queue.blind || !record ||
           record->verdict(model::SubjectKind::Critique, model::verifier::kSelfValidation) ==
               nullptr;
}

void JudgeView::perform(Command command) {
    if (m_phase == Phase::Closed) {
        return;
    }
    constexpr std::size_t kMostWaiting = 10000; // a cat on the keyboard
    if (m_phase == Phase::Waiting) {
        if (m_keys.size() < kMostWaiting) {
            m_keys.push_back(command);
        }
        return;
    }
    apply(command);
}

// What waits is applied an item at a time, each behind the paint of its item.
void JudgeView::goOn() {
    if (m_keys.empty()) {
        return;
    }
    QTimer::singleShot(0, this, [this] {
        if (m_keys.empty() || m_phase == Phase::Waiting || m_phase == Phase::Closed) {
            return;
        }
        const Command next = m_keys.front();
        m_keys.pop_front();
        apply(next);
        if (m_phase != Phase::Waiting) {
            goOn();
        }
    });
}

void JudgeView::apply(Command command) {
    const bool judges = command.kind == Command::FirstError || command.kind == Command::WrongHere ||
                        command.kind == Command::Verdict || command.kind == Command::Keep ||
                        command.kind == Command::Skip;
    if (judges && m_phase != Phase::Showing) {
        return; // nothing is left
    }
    bridge::ReviewService& review = m_context.review;
    const auto wait = [this](quint64 token) {
        m_stepToken = token;
        m_spent = seconds();
        setPhase(Phase::Waiting);
    };
    switch (command.kind) {
    case Command::FirstError:
    case Command::WrongHere: {
        const qint64 step =
            command.kind == Command::WrongHere ? m_reading->selectedStep() : command.value;
        if (command.kind == Command::WrongHere && step < 0) {
            m_context.remark(tr("Choose a step first, with J and K or a click"));
            return;
        }
        if (step >= steps()) {
            m_context.remark(tr("This candidate has %1 steps only").arg(steps()));
            return;
        }
        m_draft.firstError = static_cast<int>(step);
        commit();
        return;
    }
    case Command::Verdict:
        answer(static_cast<Answer>(command.value));
        return;
    case Command::Keep:
        if (m_draft.isEmpty()) {
            m_context.remark(tr("Nothing is noted about this item yet"));
            return;
        }
        commit();
        return;
    case Command::Skip:
        if (isSettling()) {
            showSettled(m_settledAt + 1);
        } else if (m_item->state == models::ReviewItem::State::Done) {
            wait(review.goTo(m_item->position + 1 < m_progress.items ? m_item->position + 1
                                                                     : m_item->position));
        } else {
            wait(review.skip(m_item->position));
        }
        return;
    case Command::Undo:
        if (!isSettling()) {
            wait(review.undo());
        }
        return;
    case Command::Previous:
        if (isSettling()) {
            showSettled(std::max(0, m_settledAt - 1));
        } else {
            wait(review.previous());
        }
        return;
    case Command::GoTo:
        if (!isSettling()) {
            wait(review.goTo(command.value));
        }
        return;
    case Command::Skipped:
        if (!isSettling()) {
            wait(review.nextSkipped());
        }
        return;
    }
}

void JudgeView::answer(Answer answer) {
    if (asksValidity()) {
        m_draft.agreement.reset();
        m_draft.validity = answer == Yes  ? models::Validity::Valid
                           : answer == No ? models::Validity::Invalid
                                          : models::Validity::Unsure;
    } else {
        m_draft.validity.reset();
        m_draft.agreement = answer == Yes  ? models::Agreement::Agree
                            : answer == No ? models::Agreement::Disagree
                                           : models::Agreement::Unsure;
    }
    commit();
}

void JudgeView::commit() {
    m_spent = seconds();
    m_draft.seconds = m_spent;
    m_trouble->hide();
    setPhase(Phase::Waiting);
    if (isSettling()) {
        m_context.review.adjudicate(m_settled[m_settledAt].critiqueId, m_draft);
    } else {
        m_stepToken = m_context.review.submit(m_item->position, m_draft);
    }
}

void JudgeView::stepDone(const ReviewStep& step) {
    if (step.token != m_stepToken || isSettling()) {
        return;
    }
    m_stepToken = 0;
    if (step.progress) {
        m_progress = *step.progress;
        Q_EMIT progressChanged();
    }
    if (step.entry && step.kind == ReviewStep::Kind::Judged) {
        tell(*step.entry);
    }
    if (step.rescored > 0) {
        m_context.remark(tr("The answer is repaired; %1 verdicts were made anew")
                             .arg(models::grouped(step.rescored)));
    }
    if (step.item) {
        showItem(*step.item);
        return;
    }
    const bool judged =
        step.kind == ReviewStep::Kind::Judged || step.kind == ReviewStep::Kind::Skipped;
    if (judged || !m_item) {
        finish();
        return;
    }
    m_context.remark(step.kind == ReviewStep::Kind::Undone ? tr("There is nothing to take back")
                                                           : tr("There is no such item"));
    const bool wasFinished = m_stack->currentWidget() == m_done;
    setPhase(wasFinished ? Phase::Finished : Phase::Showing);
    m_clock.start();
    goOn();
}

void JudgeView::stepFailed(const models::Trouble& trouble) {
    m_keys.clear(); // they were meant for items that do not come
    m_stepToken = 0;
    m_awaited = 0;
    m_trouble->showMessage(widgets::MessageBar::Kind::Problem, trouble.message, trouble.advice);
    setPhase(m_item ? Phase::Showing : Phase::Closed);
    m_clock.start();
}

// What the machines had said, now that the reviewer has: in the status line for a while, and as a
// mark in the history for good.
void JudgeView::tell(const models::HistoryEntry& entry) {
    QStringList machine;
    if (entry.validated) {
        machine << tr("self-validation: %1").arg(models::validatedWord(entry.validated));
    }
    if (entry.critiqueStep) {
        machine << tr("the critique: %1").arg(models::stepPhrase(entry.critiqueStep));
    }
    if (entry.goldRight) {
        machine << (*entry.goldRight ? tr("gold item, right") : tr("gold item, wrong"));
    }
    if (entry.differs || entry.goldRight) {
        m_context.remark(tr("Item %1: you said %2; %3%4")
                             .arg(QString::number(entry.position + 1),
                                  models::judgementPhrase(entry.judgement),
                                  machine.join(QStringLiteral(", ")),
                                  entry.differs ? QStringLiteral("  ≠") : QString()));
    }
}

void JudgeView::aroundReady(const models::ReviewAround& around) {
    if (isSettling()) {
        return;
    }
    m_bar->setHistory(around.history);
    models::RowIds ids;
    for (const models::ReviewItem& item : around.ahead) {
        ids << item.critiqueId;
    }
    fetch(ids);
}

void JudgeView::prefetchFormulas(const models::TraceRecord& record) {
    auto& typesetter = m_context.typesetter;
    const auto near = render::MathPriority::Near;
    typesetter.prefetch(m_prefetch, record.problem.text, near);
    typesetter.prefetch(m_prefetch, record.problem.referenceSolution, near);
    if (record.solution) {
        typesetter.prefetch(m_prefetch, record.solution->text, near);
    }
    if (record.critique) {
        typesetter.prefetch(m_prefetch, record.critique->text, near);
        typesetter.prefetch(m_prefetch, record.critique->correctionText, near);
    }
}

void JudgeView::fetch(const models::RowIds& ids) {
    m_context.typesetter.cancel(m_prefetch);
    m_wanted = ids;
    models::RowIds missing;
    if (m_awaited != 0) { // before anything else
        missing << m_awaited;
    }
    for (const qint64 id : ids) {
        if (const models::TraceRecordPtr known = m_records.value(id)) {
            prefetchFormulas(*known);
        } else if (id != m_awaited) {
            missing << id;
        }
    }
    const QList<qint64> kept = m_records.keys();
    for (const qint64 id : kept) {
        if (!ids.contains(id)) {
            m_records.remove(id);
        }
    }
    m_context.review.fetch(missing);
}

void JudgeView::showItem(const models::ReviewItem& item) {
    m_item = item;
    m_stack->setCurrentWidget(m_reading);
    setPhase(Phase::Waiting);
    if (const models::TraceRecordPtr known = m_records.value(item.critiqueId)) {
        display(known);
    } else {
        m_awaited = item.critiqueId;
        fetch(m_wanted);
    }
}

void JudgeView::display(const models::TraceRecordPtr& record) {
    m_awaited = 0;
    const qint64 rows = isSettling() ? m_settled.size() : m_progress.items;
    const qint64 row = isSettling() ? m_settledAt : m_item->position;
    m_reading->setRecord(models::reviewRecord(record, m_item->hideVerdicts), static_cast<int>(row),
                         static_cast<int>(rows));
    m_draft = m_item->mine.value_or(models::Judgement());
    m_spent = 0;
    const auto& critique = record->critique;
    m_bar->pad().setSteps(steps(), critique ? critique->parsed.firstErrorStep : std::nullopt);
    m_bar->pad().setSelected(-1);
    updateDraft();
    setPhase(Phase::Showing);
    m_clock.start();
    Q_EMIT itemShown(record->id);
    goOn();
}

void JudgeView::settle(const QVector<models::Disagreement>& items, int at) {
    close();
    m_trouble->hide();
    m_settled = items;
    showSettled(at);
}

void JudgeView::showSettled(int at) {
    if (at >= m_settled.size()) {
        close();
        Q_EMIT settlingEnded();
        return;
    }
    m_settledAt = at;
    const models::Disagreement& one = m_settled[at];
    m_bar->setSides(one.sides);
    models::ReviewItem item;
    item.critiqueId = one.critiqueId;
    item.position = at;
    item.mine = one.adjudicated;
    models::RowIds ahead;
    constexpr int kAhead = 3;
    for (int next = at; next < std::min<qsizetype>(at + kAhead, m_settled.size()); ++next) {
        ahead << m_settled[next].critiqueId;
    }
    showItem(item);
    fetch(ahead);
}

void JudgeView::finish() {
    m_item.reset();
    m_keys.clear();
    m_reading->clear();
    m_bar->pad().setSteps(0, std::nullopt);
    m_bar->setDraft({});
    const qint64 skipped = m_progress.skipped;
    m_done->setContent(
        skipped == 1  ? tr("1 item is left that you skipped")
        : skipped > 0 ? tr("%1 items are left that you skipped").arg(models::grouped(skipped))
                      : tr("Everything in this queue is judged"),
        skipped > 0 ? tr("Come back now, or later; the queue keeps its place.")
                    : tr("The audit shows what the judgements say about self-validation."),
        skipped > 0 ? QList<QAction*>{m_skippedAction, m_actions.undo}
                    : QList<QAction*>{m_context.commands.action(QStringLiteral("review.audit")),
                                      m_actions.undo});
    m_stack->setCurrentWidget(m_done);
    setPhase(Phase::Finished);
}

void JudgeView::setPhase(Phase phase) {
    m_phase = phase;
    updateActions();
    Q_EMIT phaseChanged();
}

void JudgeView::updateDraft() {
    m_bar->setDraft(m_draft);
    m_bar->pad().setChosen(m_draft.firstError);
    const bool validity = asksValidity();
    m_bar->setQuestion(validity ? tr("Is the critique right?") : tr("Self-validation?"));
    m_actions.yes->setIconText(validity ? tr("right") : tr("agree"));
    m_actions.no->setIconText(validity ? tr("wrong") : tr("disagree"));
}

void JudgeView::updateActions() {
    const bool open = m_active && m_phase != Phase::Closed;
    for (QAction* action : std::as_const(m_judging)) {
        action->setEnabled(open && m_phase != Phase::Finished);
    }
    for (QAction* action : std::as_const(m_moving)) {
        action->setEnabled(open);
    }
    m_bar->setVisible(m_phase != Phase::Closed);
}

} // namespace scrit::ui::pages
