// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/review/review_page.h"

#include "ui/bridge/review_service.h"
#include "ui/bridge/workspace_service.h"
#include "ui/pages/review/answers_view.h"
#include "ui/pages/review/audit_view.h"
#include "ui/pages/review/judge_view.h"
#include "ui/pages/review/queue_form.h"
#include "ui/pages/traces/reading_view.h"
#include "ui/widgets/command_registry.h"
#include "ui/widgets/plain_table.h"
#include "ui/widgets/review_widgets.h"
#include "ui/widgets/small_widgets.h"
#include "ui/widgets/theme.h"

#include <QAction>
#include <QComboBox>
#include <QCryptographicHash>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSettings>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <utility>

namespace scrit::ui::pages {

using namespace widgets;
using bridge::ReviewService;

namespace {

QString clockText(double seconds) {
    const auto whole = static_cast<qint64>(seconds);
    return QStringLiteral("%1:%2").arg(whole / 60).arg(whole % 60, 2, 10, QLatin1Char('0'));
}

QString defaultName() {
    for (const char* variable : {"USER", "LOGNAME", "USERNAME"}) {
        QString name = qEnvironmentVariable(variable).trimmed();
        if (!name.isEmpty()) {
            return name;
        }
    }
    return QStringLiteral("me");
}

} // namespace

ReviewPage::ReviewPage(PageContext& pageContext, QWidget* parent)
    : Page(pageContext, parent), m_stack(new QStackedWidget(this)) {
    addActions();
    m_judge = new JudgeView(context(), m_stack);
    m_audit = new AuditView(context(), m_stack);
    m_people = new PeopleView(context(), m_peopleActions, m_stack);
    m_answers = new AnswersView(context(), m_stack);
    m_form = new QueueForm(context(), m_create, m_stack);
    for (QWidget* view : {static_cast<QWidget*>(m_judge), static_cast<QWidget*>(m_audit),
                          static_cast<QWidget*>(m_people), static_cast<QWidget*>(m_answers),
                          static_cast<QWidget*>(m_form)}) {
        m_stack->addWidget(view);
    }
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(buildHeader());
    layout->addWidget(m_stack, 1);
    m_judge->reading().restoreState(context().settings);
    m_reviewer->setText(context().review.annotator());
    constexpr int kTickMillis = 1000;
    m_tick.setInterval(kTickMillis);
    connect(&m_tick, &QTimer::timeout, this, &ReviewPage::updateClock);
    connectService();
    updateActions();
}

QWidget* ReviewPage::buildHeader() {
    auto* header = new QWidget(this);
    header->setFixedHeight(space::kBar + 4);
    auto* row = new QHBoxLayout(header);
    row->setContentsMargins(space::kOne, 0, space::kOne, 0);
    row->setSpacing(space::kOne);
    m_tabs = new Segmented({tr("Judge"), tr("Audit"), tr("People"), tr("Answers")}, header);
    m_tabs->setAccessibleName(tr("Parts of Review"));
    row->addWidget(m_tabs);
    m_queues = new QComboBox(header);
    m_queues->setAccessibleName(tr("Queue"));
    m_queues->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_queues->setMinimumContentsLength(18);
    m_queues->setFocusPolicy(Qt::TabFocus);
    row->addWidget(m_queues);
    m_meter = new ReviewMeter(header);
    m_meter->setFixedWidth(140);
    row->addWidget(m_meter);
    m_figures = plainLabel({}, header);
    m_figures->setFont(Theme::current().smallFont());
    row->addWidget(m_figures);
    m_gold = mutedLabel({}, header);
    row->addWidget(m_gold);
    row->addStretch(1);
    m_time = mutedLabel({}, header);
    m_time->setToolTip(tr("Time spent on this item"));
    row->addWidget(m_time);
    row->addWidget(mutedLabel(tr("as"), header));
    m_reviewer = new QLineEdit(header);
    m_reviewer->setAccessibleName(tr("Your name as a reviewer"));
    m_reviewer->setToolTip(tr("The name that your judgements are stored under"));
    m_reviewer->setFixedWidth(104);
    m_reviewer->setMaxLength(60);
    row->addWidget(m_reviewer);
    auto* add = new QPushButton(tr("New queue"), header);
    add->setToolTip(m_new->toolTip());
    connect(add, &QPushButton::clicked, m_new, &QAction::trigger);
    row->addWidget(add);
    connect(m_tabs, &Segmented::chosen, this,
            [this](int index) { showTab(static_cast<Tab>(index)); });
    connect(m_queues, &QComboBox::activated, this,
            [this](int index) { openQueue(m_queues->itemData(index).toLongLong()); });
    connect(m_reviewer, &QLineEdit::editingFinished, this, &ReviewPage::setReviewer);
    // A name is typed once; the next keys judge.
    connect(m_reviewer, &QLineEdit::returnPressed, this, [this] {
        if (tab() == Judge) {
            m_judge->focusText();
        } else {
            m_stack->currentWidget()->setFocus();
        }
    });
    return header;
}

QAction* ReviewPage::addAction(const char* id, const QString& text, const char* key,
                               void (ReviewPage::*run)()) {
    QList<QKeySequence> keys;
    if (*key != '\0') {
        keys << QKeySequence(QLatin1String(key));
    }
    QAction* action = context().commands.add(
        {QStringLiteral("review.") + QLatin1String(id), tr("Review"), text, keys}, this,
        Qt::WidgetWithChildrenShortcut);
    connect(action, &QAction::triggered, this, run);
    return action;
}

void ReviewPage::addActions() {
    m_new = addAction("new-queue", tr("New queue"), "Ctrl+N", &ReviewPage::showForm);
    m_create =
        addAction("create-queue", tr("Make the queue"), "Ctrl+Return", &ReviewPage::createQueue);
    addAction("judge", tr("Judge the queue"), "Ctrl+Shift+J", &ReviewPage::showJudging);
    addAction("audit", tr("Audit self-validation"), "Ctrl+Shift+A", &ReviewPage::showAudit);
    addAction("people", tr("Work with other reviewers"), "Ctrl+Shift+P", &ReviewPage::showPeople);
    addAction("answers", tr("Answers that are judged differently"), "Ctrl+Shift+B",
              &ReviewPage::showAnswers);
    m_peopleActions.pack =
        addAction("write-pack", tr("Write the queue to a file…"), "", &ReviewPage::writePack);
    m_peopleActions.answers = addAction("write-answers", tr("Write the answers to a file…"), "",
                                        &ReviewPage::writeAnswers);
    m_peopleActions.merge =
        addAction("merge", tr("Merge a file…"), "Ctrl+Shift+M", &ReviewPage::mergePack);
    m_peopleActions.settle =
        addAction("settle", tr("Settle disagreements"), "", &ReviewPage::settle);
}

void ReviewPage::connectService() {
    ReviewService& review = context().review;
    connect(&review, &ReviewService::queuesChanged, this, &ReviewPage::queuesChanged);
    connect(&review, &ReviewService::queueCreated, this, &ReviewPage::openQueue);
    connect(&review, &ReviewService::stepDone, this, [this] { m_stored = true; });
    connect(&review, &ReviewService::adjudicated, this, [this] { m_stored = true; });
    connect(m_judge, &JudgeView::progressChanged, this, &ReviewPage::updateProgress);
    connect(m_judge, &JudgeView::phaseChanged, this, &ReviewPage::updateActions);
    connect(m_judge, &JudgeView::itemShown, this, &ReviewPage::updateClock);
    connect(m_judge, &JudgeView::settlingEnded, this, [this] {
        context().remark(tr("These disagreements are settled"));
        showTab(People);
    });
    connect(m_audit, &AuditView::filterChosen, this, [this](const QString& filter) {
        context().showTraces({models::ListKind::Critiques, filter, models::SortKey::Id, false});
    });
    connect(m_answers, &AnswersView::traceChosen, this,
            [this](const models::ListQuery& query) { context().showTraces(query); });
    connect(m_people, &PeopleView::settleWanted, this, &ReviewPage::settle);
    connect(m_people, &PeopleView::reportChanged, this, &ReviewPage::updateActions);
    connect(m_form, &QueueForm::cancelled, this, &ReviewPage::leaveForm);
}

void ReviewPage::workspaceOpened() {
    m_wanted = context().settings.value(workspaceGroup() + QStringLiteral("queue")).toLongLong();
    m_form->setForm({}); // what was typed for another workspace
    if (context().review.isLoaded()) {
        queuesChanged();
    }
}

void ReviewPage::workspaceClosed() {
    m_judge->close();
    m_queues->clear();
    updateProgress();
}

QString ReviewPage::reviewerName(const QSettings& settings) {
    const QString name = settings.value(QStringLiteral("review/annotator")).toString();
    return name.isEmpty() ? defaultName() : name;
}

QString ReviewPage::workspaceGroup() const {
    const QByteArray path = context().service.info().path.toUtf8();
    return QStringLiteral("workspaces/") +
           QString::fromLatin1(
               QCryptographicHash::hash(path, QCryptographicHash::Sha1).toHex().left(16)) +
           QLatin1Char('/');
}

ReviewPage::Tab ReviewPage::tab() const {
    return static_cast<Tab>(m_stack->currentIndex());
}

void ReviewPage::showTab(Tab tab) {
    if (m_judge->isSettling()) {
        m_judge->close();
    }
    m_stack->setCurrentIndex(tab);
    if (tab != Form) {
        m_tabs->setCurrent(tab);
    }
    m_judge->setActive(isVisible() && tab == Judge);
    if (tab == Judge) {
        if (m_judge->phase() == JudgeView::Phase::Closed && m_queues->count() > 0) {
            openQueue(m_queues->currentData().toLongLong());
        }
        m_judge->focusText();
    } else if (tab == Audit) {
        m_audit->refresh();
        m_audit->table().setFocus();
    } else if (tab == People) {
        m_people->refresh();
    } else if (tab == Answers) {
        m_answers->refresh();
        m_answers->focusTable();
    }
    updateActions();
}

void ReviewPage::activated() {
    context().review.ensureLoaded();
    if (m_queues->count() == 0 && context().review.isLoaded() && tab() != Answers) {
        showForm();
    } else {
        showTab(tab() == Form ? Judge : tab());
    }
}

void ReviewPage::showItem(const QString& item) {
    const qint64 queue = item.toLongLong();
    if (m_queues->findData(queue) < 0) {
        m_wanted = queue;
        return;
    }
    openQueue(queue);
    showTab(Judge);
}

void ReviewPage::saveState() {
    QSettings& settings = context().settings;
    settings.setValue(QStringLiteral("review/annotator"), m_reviewer->text());
    if (context().service.isOpen() && m_queues->count() > 0) {
        settings.setValue(workspaceGroup() + QStringLiteral("queue"), m_queues->currentData());
    }
}

QVector<KeyHint> ReviewPage::keyHints() const {
    return {
        {{QStringLiteral("review.next-step"), QStringLiteral("review.previous-step")}, tr("step")},
        {{QStringLiteral("review.step-correct"), QStringLiteral("review.step-wrong")},
         tr("label it")},
        {{QStringLiteral("review.outcome")}, tr("correction")},
        {{QStringLiteral("review.previous")}, tr("back")},
        {{QStringLiteral("review.skipped")}, tr("skipped ones")},
        {{QStringLiteral("review.audit")}, tr("audit")},
    };
}

void ReviewPage::showEvent(QShowEvent* event) {
    Page::showEvent(event);
    m_judge->setActive(tab() == Judge);
    m_tick.start();
}

void ReviewPage::hideEvent(QHideEvent* event) {
    Page::hideEvent(event);
    m_judge->setActive(false);
    m_tick.stop();
    if (std::exchange(m_stored, false)) {
        context().service.contentsDidGrow(); // lists show what was said
        context().review.refresh();
    }
}

void ReviewPage::queuesChanged() {
    const auto& known = context().review.queues();
    const qint64 before = m_queues->currentData().toLongLong();
    const QSignalBlocker quiet(m_queues);
    m_queues->clear();
    for (const models::QueueInfo& queue : known) {
        m_queues->addItem(queue.name, queue.id);
        m_queues->setItemData(
            m_queues->count() - 1,
            tr("%1 · %2 items%3 · %4 judged by you")
                .arg(models::strategyWord(queue.strategy), models::grouped(queue.items),
                     queue.blind ? tr(", blind") : QString(), models::grouped(queue.mine)),
            Qt::ToolTipRole);
    }
    const qint64 wanted = m_wanted != 0 ? std::exchange(m_wanted, 0) : before;
    m_queues->setCurrentIndex(std::max(0, m_queues->findData(wanted)));
    m_queues->setVisible(m_queues->count() > 0);
    const qint64 now = m_queues->currentData().toLongLong();
    m_audit->setQueue(now, m_queues->currentText());
    m_people->setQueue(now, m_queues->currentText());
    if (isVisible() && context().review.isLoaded()) {
        if (known.isEmpty() && tab() != Answers) { // answers need no queue
            showForm();
        } else if (tab() == Judge && m_judge->phase() == JudgeView::Phase::Closed) {
            openQueue(now);
        }
    }
    updateActions();
}

void ReviewPage::openQueue(qint64 queueId) {
    if (queueId == 0) {
        return;
    }
    m_queues->setCurrentIndex(std::max(0, m_queues->findData(queueId)));
    m_audit->setQueue(queueId, m_queues->currentText());
    m_people->setQueue(queueId, m_queues->currentText());
    m_judge->openQueue(queueId);
    if (tab() == Form) {
        showTab(Judge);
    }
    updateProgress();
}

void ReviewPage::updateProgress() {
    const models::ReviewProgress& progress = m_judge->progress();
    const bool open = m_judge->phase() != JudgeView::Phase::Closed && !m_judge->isSettling();
    m_meter->setVisible(open);
    m_figures->setVisible(open);
    m_gold->setVisible(open && progress.goldSeen > 0);
    if (!open) {
        m_time->clear();
        return;
    }
    m_meter->setProgress(progress);
    m_figures->setText(
        tr("%1 of %2").arg(models::grouped(progress.mine), models::grouped(progress.items)) +
        (progress.anyone > progress.mine
             ? tr(" · %1 by anyone").arg(models::grouped(progress.anyone))
             : QString()) +
        (progress.skipped > 0 ? tr(" · %1 skipped").arg(models::grouped(progress.skipped))
                              : QString()));
    m_figures->setToolTip(m_meter->text());
    m_gold->setText(QStringLiteral("★ ") + tr("%1 of %2")
                                               .arg(models::grouped(progress.goldRight),
                                                    models::grouped(progress.goldSeen)));
    m_gold->setToolTip(tr("Gold items, whose answer is known: so many you got right"));
}

void ReviewPage::updateClock() {
    m_time->setText(m_judge->phase() == JudgeView::Phase::Showing ? clockText(m_judge->seconds())
                                                                  : QString());
}

QString ReviewPage::progressText() const {
    QStringList lines{m_figures->text()};
    if (!m_gold->isHidden()) {
        lines << m_gold->text();
    }
    return lines.join(QLatin1Char('\n'));
}

void ReviewPage::updateActions() {
    const bool writable = context().service.isOpen() && !context().service.info().readOnly;
    const bool queue = m_queues != nullptr && m_queues->count() > 0;
    m_new->setEnabled(writable);
    if (m_form == nullptr || tab() != Form) {
        m_create->setEnabled(false);
    }
    m_peopleActions.pack->setEnabled(queue);
    m_peopleActions.answers->setEnabled(queue);
    m_peopleActions.merge->setEnabled(writable);
    m_peopleActions.settle->setEnabled(writable && m_people != nullptr &&
                                       !m_people->report().disagreements.isEmpty());
    if (m_meter != nullptr) {
        updateProgress();
    }
}

void ReviewPage::showForm() {
    showTab(Form);
    m_form->prepare(m_queues->count() == 0);
    m_form->focusFirst();
}

void ReviewPage::leaveForm() {
    showTab(static_cast<Tab>(m_tabs->current()));
}

void ReviewPage::createQueue() {
    const QString wrong = m_form->problem();
    if (wrong.isEmpty()) {
        context().review.createQueue(m_form->form());
    }
}

void ReviewPage::showJudging() {
    showTab(Judge);
}

void ReviewPage::showAudit() {
    showTab(Audit);
}

void ReviewPage::showPeople() {
    showTab(People);
}

void ReviewPage::showAnswers() {
    showTab(Answers);
}

void ReviewPage::setReviewer() {
    const QString name = m_reviewer->text().trimmed();
    if (name.isEmpty()) {
        m_reviewer->setText(context().review.annotator());
        return;
    }
    if (name != context().review.annotator()) {
        context().settings.setValue(QStringLiteral("review/annotator"), name);
        context().review.setAnnotator(name);
        if (m_queues->count() > 0) {
            openQueue(m_queues->currentData().toLongLong());
        }
    }
}

void ReviewPage::writePack() {
    const QString suggested = m_queues->currentText() + QStringLiteral(".review.jsonl");
    const QString path = QFileDialog::getSaveFileName(
        this, tr("Write the queue"),
        QFileInfo(context().service.info().path).dir().filePath(suggested),
        tr("Review packs (*.jsonl *.zst);;All files (*)"));
    if (!path.isEmpty()) {
        context().review.writePack(m_queues->currentData().toLongLong(), path, false);
    }
}

void ReviewPage::writeAnswers() {
    const QString suggested = m_queues->currentText() + QStringLiteral(".answers.jsonl");
    const QString path = QFileDialog::getSaveFileName(
        this, tr("Write the answers"),
        QFileInfo(context().service.info().path).dir().filePath(suggested),
        tr("Review packs (*.jsonl *.zst);;All files (*)"));
    if (!path.isEmpty()) {
        context().review.writePack(m_queues->currentData().toLongLong(), path, true);
    }
}

void ReviewPage::mergePack() {
    const QString path = QFileDialog::getOpenFileName(
        this, tr("Merge a file"), QFileInfo(context().service.info().path).path(),
        tr("Review packs (*.jsonl *.zst);;All files (*)"));
    if (!path.isEmpty()) {
        showTab(People);
        context().review.mergePack(path);
    }
}

void ReviewPage::settle() {
    const models::AgreementReport& report = m_people->report();
    if (report.disagreements.isEmpty()) {
        return;
    }
    const int at = m_people->chosen();
    m_judge->settle(report.disagreements, at);
    m_stack->setCurrentIndex(Judge);
    m_tabs->setCurrent(People);
    m_judge->setActive(isVisible());
    m_judge->focusText();
    updateActions();
}

} // namespace scrit::ui::pages
