// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/review/people_view.h"

#include "ui/bridge/review_service.h"
#include "ui/bridge/workspace_service.h"
#include "ui/models/export_values.h"
#include "ui/widgets/form_widgets.h"
#include "ui/widgets/plain_table.h"
#include "ui/widgets/small_widgets.h"
#include "ui/widgets/theme.h"

#include <QAction>
#include <QFileInfo>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

#include <algorithm>

namespace scrit::ui::pages {

using namespace widgets;

namespace {

QPushButton* pushButton(QAction* action, QWidget* parent) {
    auto* button = new QPushButton(action->text(), parent);
    button->setToolTip(action->toolTip());
    button->setEnabled(action->isEnabled());
    QObject::connect(button, &QPushButton::clicked, action, &QAction::trigger);
    QObject::connect(action, &QAction::changed, button, [button, action] {
        button->setEnabled(action->isEnabled());
        button->setToolTip(action->toolTip());
    });
    return button;
}

QVBoxLayout* inPanel(QFrame* panel) {
    auto* column = new QVBoxLayout(panel);
    column->setContentsMargins(space::kTwo, space::kTwo, space::kTwo, space::kTwo);
    column->setSpacing(space::kOne);
    return column;
}

} // namespace

PeopleView::PeopleView(PageContext& pageContext, const Actions& actions, QWidget* parent)
    : QWidget(parent), m_context(pageContext), m_message(new MessageBar(this)),
      m_figureModel(new models::AgreementModel(this)),
      m_model(new models::DisagreementModel(this)) {
    auto* scroll = new QScrollArea(this);
    scroll->setWidgetResizable(true);
    auto* body = new QWidget(scroll);
    auto* column = new QVBoxLayout(body);
    column->setContentsMargins(space::kThree, space::kTwo, space::kThree, space::kThree);
    column->setSpacing(space::kTwo);
    column->addWidget(buildFiles(actions));
    column->addWidget(buildAgreement());
    column->addWidget(buildDisagreements(actions));
    column->addStretch();
    scroll->setWidget(body);
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->setSpacing(0);
    outer->addWidget(m_message);
    outer->addWidget(scroll);
    bridge::ReviewService& review = m_context.review;
    connect(&review, &bridge::ReviewService::agreementReady, this, &PeopleView::showReport);
    connect(&review, &bridge::ReviewService::failed, this, [this](const models::Trouble& trouble) {
        if (isVisible()) {
            m_message->showMessage(MessageBar::Kind::Problem, trouble.message, trouble.advice);
        }
    });
    connect(&review, &bridge::ReviewService::packWritten, this,
            [this](const models::PackResult& result) {
                m_message->showMessage(
                    MessageBar::Kind::Info,
                    tr("%1 is written: %2 items, %3 answers, %4")
                        .arg(QFileInfo(result.file).fileName(), models::grouped(result.items),
                             models::grouped(result.answers), models::bytesText(result.bytes)),
                    result.items > 0
                        ? tr("Send it; whoever opens a workspace and merges it has the queue.")
                        : tr("Send it back; merging it twice changes nothing."));
            });
    connect(&review, &bridge::ReviewService::packMerged, this,
            [this](const models::MergeResult& result) {
                QStringList parts;
                if (result.items > 0) {
                    parts << tr("%1 of %2 items new")
                                 .arg(models::grouped(result.itemsAdded),
                                      models::grouped(result.items));
                }
                parts << tr("%1 of %2 answers new")
                             .arg(models::grouped(result.added), models::grouped(result.answers));
                if (result.unknown > 0) {
                    parts << tr("%1 about critiques that are not here")
                                 .arg(models::grouped(result.unknown));
                }
                if (result.bad > 0) {
                    parts << tr("%1 lines could not be read").arg(models::grouped(result.bad));
                }
                m_message->showMessage(
                    result.bad > 0 ? MessageBar::Kind::Problem : MessageBar::Kind::Info,
                    tr("%1 is merged: %2")
                        .arg(QFileInfo(result.file).fileName(), parts.join(QStringLiteral(", "))),
                    result.problems.mid(0, 3).join(QStringLiteral("; ")));
                refresh();
            });
}

QWidget* PeopleView::buildFiles(const Actions& actions) {
    QFrame* panel = panelFrame(this);
    QVBoxLayout* column = inPanel(panel);
    column->addWidget(headingLabel(tr("By file, without a server"), panel));
    m_about =
        plainLabel(tr("Write the queue to a file and send it. Whoever gets it merges it into "
                      "a workspace, judges, writes the answers to a file and sends that back; "
                      "merge it here. The order does not matter, and merging twice changes "
                      "nothing."),
                   panel);
    m_about->setWordWrap(true);
    m_about->setProperty("muted", true);
    column->addWidget(m_about);
    auto* row = new QHBoxLayout;
    row->setSpacing(space::kOne);
    for (QAction* action : {actions.pack, actions.answers, actions.merge}) {
        row->addWidget(pushButton(action, panel));
    }
    row->addStretch();
    column->addLayout(row);
    return panel;
}

QWidget* PeopleView::buildAgreement() {
    QFrame* panel = panelFrame(this);
    QVBoxLayout* column = inPanel(panel);
    column->addWidget(headingLabel(tr("Agreement"), panel));
    m_agreementNote = plainLabel({}, panel);
    m_agreementNote->setWordWrap(true);
    m_agreementNote->setProperty("muted", true);
    column->addWidget(m_agreementNote);
    m_figures = new PlainTable(tr("Agreement between reviewers"), panel);
    m_figures->setModel(m_figureModel);
    m_figures->setWidths({0, 200, 90, 150, 90});
    constexpr int kRows = 12;
    m_figures->setRowsShown(kRows);
    column->addWidget(m_figures);
    return panel;
}

QWidget* PeopleView::buildDisagreements(const Actions& actions) {
    QFrame* panel = panelFrame(this);
    QVBoxLayout* column = inPanel(panel);
    auto* head = new QHBoxLayout;
    head->addWidget(headingLabel(tr("Disagreements"), panel), 1);
    head->addWidget(pushButton(actions.settle, panel));
    column->addLayout(head);
    m_disagreementNote = plainLabel({}, panel);
    m_disagreementNote->setWordWrap(true);
    m_disagreementNote->setProperty("muted", true);
    column->addWidget(m_disagreementNote);
    m_table = new PlainTable(tr("Items on which reviewers disagree"), panel);
    m_table->setModel(m_model);
    m_table->setWidths({0, 230, 230, 170});
    constexpr int kRows = 10;
    m_table->setRowsShown(kRows);
    column->addWidget(m_table);
    connect(m_table, &QTableView::activated, this, [this] { Q_EMIT settleWanted(); });
    return panel;
}

void PeopleView::setQueue(qint64 queueId, const QString&) {
    m_queue = queueId;
    if (isVisible()) {
        refresh();
    }
}

void PeopleView::refresh() {
    if (m_context.service.isOpen()) {
        m_context.review.requestAgreement(m_queue);
    }
}

void PeopleView::showReport(const models::AgreementReport& report) {
    m_report = report;
    m_figureModel->setFigures(report.figures);
    m_model->setItems(report.disagreements);
    m_figures->setVisible(!report.figures.isEmpty());
    m_figures->updateGeometry();
    m_table->setVisible(!report.disagreements.isEmpty());
    m_table->updateGeometry();
    m_agreementNote->setText(
        report.annotators.size() < 2
            ? tr("Agreement needs two reviewers who have judged the same items.")
            : tr("%1 reviewers: %2. %3 items were judged by two of them at least.")
                  .arg(QString::number(report.annotators.size()),
                       report.annotators.join(QStringLiteral(", ")),
                       models::grouped(report.items)));
    const auto open =
        std::count_if(report.disagreements.begin(), report.disagreements.end(),
                      [](const models::Disagreement& one) { return !one.adjudicated; });
    m_disagreementNote->setText(
        report.disagreements.isEmpty()
            ? tr("None so far.")
            : tr("%1, of which %2 are open. Settling one shows both answers beside the texts; the "
                 "decision is one more judgement, and nothing is overwritten.")
                  .arg(models::grouped(report.disagreements.size()), models::grouped(open)));
    Q_EMIT reportChanged();
}

int PeopleView::chosen() const {
    const int row = m_table->currentIndex().row();
    if (row >= 0) {
        return row;
    }
    for (int i = 0; i < m_report.disagreements.size(); ++i) {
        if (!m_report.disagreements[i].adjudicated) {
            return i;
        }
    }
    return 0;
}

QString PeopleView::text() const {
    QStringList lines{m_agreementNote->text(), m_disagreementNote->text()};
    for (const QAbstractItemModel* model : {static_cast<const QAbstractItemModel*>(m_figureModel),
                                            static_cast<const QAbstractItemModel*>(m_model)}) {
        for (int row = 0; row < model->rowCount(); ++row) {
            QStringList cells;
            for (int column = 0; column < model->columnCount(); ++column) {
                cells << model->index(row, column).data().toString();
            }
            lines << cells.join(QStringLiteral(" | "));
        }
    }
    return lines.join(QLatin1Char('\n'));
}

} // namespace scrit::ui::pages
