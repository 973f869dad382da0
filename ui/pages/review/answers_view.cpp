// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/review/answers_view.h"

#include "ui/bridge/answer_service.h"
#include "ui/bridge/filter_language.h"
#include "ui/bridge/review_service.h"
#include "ui/bridge/workspace_service.h"
#include "ui/widgets/answer_label.h"
#include "ui/widgets/command_registry.h"
#include "ui/widgets/filter_edit.h"
#include "ui/widgets/form_widgets.h"
#include "ui/widgets/plain_table.h"
#include "ui/widgets/small_widgets.h"
#include "ui/widgets/theme.h"

#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QGridLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace scrit::ui::pages {

using namespace widgets;
using bridge::AnswerService;
using models::BenchRow;

AnswersView::AnswersView(PageContext& pageContext, QWidget* parent)
    : QWidget(parent), m_context(pageContext), m_model(new models::BenchModel(this)),
      m_message(new MessageBar(this)) {
    addActions();
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_message);
    column->addWidget(buildControls());
    m_table = new PlainTable(tr("Answers that are judged differently"), this);
    m_table->setModel(m_model);
    constexpr int kAnswerWidth = 190;
    m_table->setWidths({72, kAnswerWidth, kAnswerWidth, 0, 0, 130});
    column->addWidget(m_table, 1);
    m_empty = new EmptyState(this);
    column->addWidget(m_empty, 1);
    column->addWidget(buildDetail());
    connect(m_table, &PlainTable::currentRowChanged, this, &AnswersView::showRow);
    connect(m_table, &QTableView::activated, this, &AnswersView::chooseTrace);
    connectService();
    showRow(-1);
    showState();
}

QAction* AnswersView::addDecision(const char* id, const QString& text, const char* key,
                                  std::optional<bool> right) {
    QAction* action = m_context.commands.add({QStringLiteral("review.") + QLatin1String(id),
                                              tr("Review"),
                                              text,
                                              {QKeySequence(QLatin1String(key))}},
                                             this, Qt::WidgetWithChildrenShortcut);
    action->setAutoRepeat(false); // a key held down decides one answer, not all of them
    connect(action, &QAction::triggered, this, [this, right] { decide(right); });
    m_decisions << action;
    return action;
}

void AnswersView::addActions() {
    addDecision("answer-right", tr("The answer given is right"), "Y", true);
    addDecision("answer-wrong", tr("The answer given is wrong"), "N", false);
    addDecision("answer-open", tr("Leave the answer open"), "O", std::nullopt);
    m_undo = m_context.commands.add({QStringLiteral("review.answer-undo"),
                                     tr("Review"),
                                     tr("Take back the last decision about an answer"),
                                     {QKeySequence(QStringLiteral("Ctrl+Z"))}},
                                    this, Qt::WidgetWithChildrenShortcut);
    connect(m_undo, &QAction::triggered, this, &AnswersView::takeBack);
    m_trace = m_context.commands.add({QStringLiteral("review.answer-trace"),
                                      tr("Review"),
                                      tr("Show the trace of the answer"),
                                      {QKeySequence(QStringLiteral("T"))}},
                                     this, Qt::WidgetWithChildrenShortcut);
    connect(m_trace, &QAction::triggered, this, &AnswersView::chooseTrace);
}

QWidget* AnswersView::buildControls() {
    auto* box = new QWidget(this);
    auto* row = new QHBoxLayout(box);
    row->setContentsMargins(space::kTwo, space::kOne, space::kTwo, space::kOne);
    row->setSpacing(space::kOne);
    m_of = new QComboBox(box);
    m_of->addItems({tr("candidates"), tr("corrections")});
    m_of->setAccessibleName(tr("Whose final answers"));
    m_between = new QComboBox(box);
    m_between->setAccessibleName(tr("Between which judges"));
    m_between->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_between->setMinimumContentsLength(30);
    m_undecided = new QCheckBox(tr("undecided counts as well"), box);
    m_filter = new FilterEdit(box);
    m_filter->setSyntax(bridge::filterLanguage());
    m_filter->setKind(models::ListKind::Solutions);
    m_filter->setPlaceholderText(tr("filter"));
    m_filter->setAccessibleName(tr("Filter"));
    m_state = mutedLabel({}, box);
    row->addWidget(plainLabel(tr("Answers of"), box));
    row->addWidget(m_of);
    row->addWidget(m_between);
    row->addWidget(m_undecided);
    row->addWidget(m_filter, 1);
    row->addWidget(m_state);
    connect(m_of, &QComboBox::currentIndexChanged, this, [this](int index) {
        m_filter->setKind(index == 0 ? models::ListKind::Solutions : models::ListKind::Critiques);
        m_between->clear();
        refresh();
    });
    connect(m_between, &QComboBox::activated, this, &AnswersView::refresh);
    connect(m_undecided, &QCheckBox::toggled, this, &AnswersView::refresh);
    connect(m_filter, &FilterEdit::filterChanged, this, &AnswersView::refresh);
    connect(m_filter, &FilterEdit::errorChanged, this,
            [this](const QString& message, const QString& advice) {
                if (message.isEmpty()) {
                    m_message->hide();
                } else {
                    m_message->showMessage(MessageBar::Kind::Problem, message, advice);
                }
            });
    return box;
}

AnswersView::Side AnswersView::buildSide(QWidget* parent) {
    Side side;
    side.judge = headingLabel({}, parent);
    side.verdict = plainLabel({}, parent);
    side.read = mutedLabel({}, parent);
    side.read->setWordWrap(true);
    return side;
}

QWidget* AnswersView::buildDetail() {
    QFrame* panel = panelFrame(this);
    auto* outer = new QVBoxLayout(panel);
    outer->setContentsMargins(space::kTwo, space::kTwo, space::kTwo, space::kTwo);
    outer->setSpacing(space::kTwo);
    auto* grid = new QGridLayout;
    grid->setHorizontalSpacing(space::kFour);
    grid->setVerticalSpacing(space::kHalf);
    m_gold = new AnswerLabel(&m_context.typesetter, panel);
    m_answer = new AnswerLabel(&m_context.typesetter, panel);
    grid->addWidget(mutedLabel(tr("Reference answer"), panel), 0, 0);
    grid->addWidget(mutedLabel(tr("Answer given"), panel), 0, 1);
    grid->addWidget(m_gold, 1, 0);
    grid->addWidget(m_answer, 1, 1);
    m_older = buildSide(panel);
    m_newer = buildSide(panel);
    int column = 0;
    for (const Side* side : {&m_older, &m_newer}) {
        grid->addWidget(side->judge, 2, column);
        grid->addWidget(side->verdict, 3, column);
        grid->addWidget(side->read, 4, column);
        grid->setColumnStretch(column, 1);
        ++column;
    }
    outer->addLayout(grid);
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(space::kOne);
    QList<QAction*> actions(m_decisions.begin(), m_decisions.end());
    actions << m_undo << m_trace;
    for (QAction* action : std::as_const(actions)) {
        auto* button = new QPushButton(action->text(), panel);
        button->setToolTip(action->toolTip());
        button->setFocusPolicy(Qt::TabFocus);
        connect(button, &QPushButton::clicked, action, &QAction::trigger);
        connect(action, &QAction::changed, button, [button, action] {
            button->setEnabled(action->isEnabled());
            button->setToolTip(action->toolTip());
        });
        buttons->addWidget(button);
    }
    buttons->addStretch();
    outer->addLayout(buttons);
    m_detail = panel;
    return panel;
}

void AnswersView::connectService() {
    AnswerService& answers = m_context.answers;
    connect(&answers, &AnswerService::benchReady, this,
            [this](quint64 token, const models::BenchReport& report) {
                if (token == m_token) {
                    showReport(report);
                }
            });
    connect(&answers, &AnswerService::benchFailed, this,
            [this](quint64 token, const models::Trouble& trouble) {
                if (token == m_token) {
                    m_looking = false;
                    showState();
                    m_message->showMessage(MessageBar::Kind::Problem, trouble.message,
                                           trouble.advice);
                }
            });
    connect(&answers, &AnswerService::decided, this,
            [this](qint64 subjectId, std::optional<bool> right, const QString& person) {
                m_model->setDecided(subjectId, right, person);
                m_context.service.contentsDidGrow();
                showState();
            });
    connect(&answers, &AnswerService::decideFailed, this, [this](const models::Trouble& trouble) {
        m_message->showMessage(MessageBar::Kind::Problem, trouble.message, trouble.advice);
    });
    connect(&m_context.service, &bridge::WorkspaceService::closed, this, [this] {
        m_report = {};
        m_made.clear();
        m_model->setRows({});
        showState();
    });
}

void AnswersView::refresh() {
    if (!m_context.service.isOpen() || m_filter->hasError()) {
        return;
    }
    models::BenchQuery query;
    query.ofCritiques = m_of->currentIndex() == 1;
    query.filter = m_filter->text();
    query.undecided = m_undecided->isChecked();
    query.between = m_between->currentData().toString();
    m_looking = true;
    m_report = {};
    m_model->setRows({});
    m_token = m_context.answers.requestBench(query);
    showState();
}

void AnswersView::focusTable() {
    m_table->setFocus();
}

void AnswersView::showReport(const models::BenchReport& report) {
    m_report = report;
    m_looking = !report.complete;
    m_model->setRows(report.rows);
    showPairs(report);
    if (!m_table->currentIndex().isValid() && m_model->rowCount() > 0) {
        m_table->setCurrentIndex(m_model->index(0, 0));
    }
    showState();
}

void AnswersView::showPairs(const models::BenchReport& report) {
    const QString chosen = m_between->currentData().toString();
    qint64 all = 0;
    const QSignalBlocker quiet(m_between);
    m_between->clear();
    for (const models::BenchPair& pair : report.pairs) {
        all += pair.count;
        m_between->addItem(pair.name + QStringLiteral("  ") + models::grouped(pair.count),
                           pair.name);
    }
    m_between->insertItem(0, tr("all judges  %1").arg(models::grouped(all)), QString());
    m_between->setCurrentIndex(std::max(0, m_between->findData(chosen)));
}

void AnswersView::showState() {
    const bool none = m_model->rowCount() == 0;
    m_table->setVisible(!none || m_looking);
    m_detail->setVisible(!none);
    m_empty->setVisible(none && !m_looking);
    if (none) {
        m_empty->setContent(
            tr("No two judges disagree here"),
            tr("Judges of a final answer are the answer match under each of its protocols, the "
               "data set's label and self-validation. Score the workspace with other settings "
               "(scrit verify --protocol) to compare them."),
            {});
    }
    int done = 0;
    for (int row = 0; row < m_model->rowCount(); ++row) {
        done += m_model->rowAt(row)->decided ? 1 : 0;
    }
    QStringList parts;
    if (m_looking) {
        parts << tr("looking…");
    }
    if (m_report.total > 0) {
        parts << tr("%1 of %2 decided").arg(models::grouped(done), models::grouped(m_report.total));
    }
    if (m_report.total > m_model->rowCount()) {
        parts << tr("the first %1 shown").arg(models::grouped(m_model->rowCount()));
    }
    m_state->setText(parts.join(QStringLiteral(" · ")));
    const bool writable = m_context.service.isOpen() && !m_context.service.info().readOnly;
    const bool chosen = m_model->rowAt(m_table->currentIndex().row()) != nullptr;
    for (QAction* action : std::as_const(m_decisions)) {
        action->setEnabled(writable && chosen);
    }
    m_trace->setEnabled(chosen);
    m_undo->setEnabled(writable && !m_made.isEmpty());
}

void AnswersView::showRow(int row) {
    const BenchRow* chosen = m_model->rowAt(row);
    if (chosen == nullptr) {
        showState();
        return;
    }
    m_gold->setAnswer(chosen->gold, models::Mark::None);
    m_answer->setAnswer(chosen->answer, models::Mark::None);
    for (const auto& [side, verdict] :
         {std::pair{&m_older, &chosen->older}, std::pair{&m_newer, &chosen->newer}}) {
        side->judge->setText(verdict->judge);
        side->verdict->setText(
            models::markText(verdict->mark) + QLatin1Char(' ') + verdict->word +
            (verdict->rule.isEmpty() ? QString() : tr(", by the rule %1").arg(verdict->rule)));
        side->read->setText(
            verdict->goldRead.isEmpty() && verdict->answerRead.isEmpty()
                ? tr("It says no more than that.")
                : tr("It read %1 against %2.")
                      .arg(verdict->goldRead.isEmpty() ? QStringLiteral("–") : verdict->goldRead,
                           verdict->answerRead.isEmpty() ? QStringLiteral("–")
                                                         : verdict->answerRead));
    }
    showState();
}

void AnswersView::decide(std::optional<bool> right) {
    const BenchRow* row = m_model->rowAt(m_table->currentIndex().row());
    if (row == nullptr) {
        return;
    }
    m_made.push_back({row->ofCritique, row->subjectId, row->decided});
    m_context.answers.decide(row->ofCritique, row->subjectId, right, m_context.review.annotator());
    goOn();
    showState();
}

void AnswersView::takeBack() {
    if (m_made.isEmpty()) {
        return;
    }
    const Made last = m_made.takeLast();
    m_context.answers.decide(last.ofCritique, last.subjectId, last.before,
                             m_context.review.annotator());
    for (int row = 0; row < m_model->rowCount(); ++row) {
        if (m_model->rowAt(row)->subjectId == last.subjectId) {
            m_table->setCurrentIndex(m_model->index(row, 0));
            break;
        }
    }
    showState();
}

void AnswersView::goOn() {
    const int next = m_table->currentIndex().row() + 1;
    if (next < m_model->rowCount()) {
        m_table->setCurrentIndex(m_model->index(next, 0));
    }
}

void AnswersView::chooseTrace() {
    const BenchRow* row = m_model->rowAt(m_table->currentIndex().row());
    if (row != nullptr) {
        Q_EMIT traceChosen(
            {row->ofCritique ? models::ListKind::Critiques : models::ListKind::Solutions,
             QStringLiteral("id:%1").arg(row->subjectId), models::SortKey::Id, false});
    }
}

QString AnswersView::text() const {
    QStringList lines{m_state->text()};
    for (const Side* side : {&m_older, &m_newer}) {
        lines << side->judge->text() << side->verdict->text() << side->read->text();
    }
    lines << m_gold->text() << m_answer->text();
    return lines.join(QLatin1Char('\n'));
}

} // namespace scrit::ui::pages
