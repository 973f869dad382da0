// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/review/audit_view.h"

#include "ui/bridge/review_service.h"
#include "ui/bridge/workspace_service.h"
#include "ui/widgets/chart_widgets.h"
#include "ui/widgets/form_widgets.h"
#include "ui/widgets/plain_table.h"
#include "ui/widgets/small_widgets.h"
#include "ui/widgets/theme.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

namespace scrit::ui::pages {

using namespace widgets;
using models::Stratum;

namespace {

IntervalPoint point(const models::AuditRate& rate) {
    return {rate.isKnown(), rate.value, rate.low, rate.high};
}

} // namespace

AuditView::AuditView(PageContext& pageContext, QWidget* parent)
    : QWidget(parent), m_context(pageContext), m_model(new models::AuditModel(this)) {
    auto* scroll = new QScrollArea(this);
    scroll->setWidgetResizable(true);
    auto* body = new QWidget(scroll);
    auto* column = new QVBoxLayout(body);
    column->setContentsMargins(space::kThree, space::kTwo, space::kThree, space::kThree);
    column->setSpacing(space::kTwo);
    column->addWidget(buildControls());
    m_summary = plainLabel({}, body);
    m_summary->setWordWrap(true);
    m_planner = plainLabel({}, body);
    m_planner->setWordWrap(true);
    column->addWidget(m_summary);
    column->addWidget(m_planner);
    m_cellBox = buildCells();
    column->addWidget(m_cellBox);
    QFrame* panel = panelFrame(body);
    m_panel = panel;
    auto* inside = new QVBoxLayout(panel);
    inside->setContentsMargins(space::kTwo, space::kTwo, space::kTwo, space::kTwo);
    inside->setSpacing(space::kOne);
    inside->addWidget(headingLabel(tr("Self-validation against reviewers, 95 % intervals"), panel));
    m_chart = new IntervalChart(tr("Precision and recall by kind of critique"), panel);
    m_chart->setSeries({tr("precision: of what it let through, reviewers accept"),
                        tr("recall: of what reviewers accept, it let through")});
    inside->addWidget(m_chart);
    m_table = new PlainTable(tr("Precision and recall by kind of critique"), panel);
    m_table->setModel(m_model);
    m_table->setWidths({0, 120, 150, 72, 150, 72});
    constexpr int kRows = 12;
    m_table->setRowsShown(kRows);
    inside->addWidget(m_table);
    column->addWidget(panel);
    column->addStretch();
    scroll->setWidget(body);
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(scroll);
    connect(m_chart, &IntervalChart::rowChosen, this, &AuditView::chooseRow);
    connect(m_table, &QTableView::activated, this,
            [this](const QModelIndex& index) { chooseRow(index.row()); });
    bridge::ReviewService& review = m_context.review;
    connect(&review, &bridge::ReviewService::auditReady, this,
            [this](quint64 token, const models::AuditReport& report) {
                if (token == m_token) {
                    showReport(report);
                }
            });
    connect(&review, &bridge::ReviewService::auditFailed, this,
            [this](quint64 token, const models::Trouble& trouble) {
                if (token == m_token) {
                    m_state->setText(trouble.message);
                }
            });
}

QWidget* AuditView::buildControls() {
    auto* box = new QWidget(this);
    auto* row = new QHBoxLayout(box);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(space::kOne);
    const auto named = [&](const QString& words, QWidget* input) {
        QLabel* label = plainLabel(words, box);
        label->setBuddy(input);
        input->setAccessibleName(QString(words).remove(QLatin1Char('&')));
        row->addWidget(label);
        row->addWidget(input);
        row->addSpacing(space::kOne);
    };
    m_scope = new QComboBox(box);
    m_scope->addItem(tr("this queue"));
    m_scope->addItem(tr("all judgements"));
    m_scope->setMinimumWidth(160);
    m_by = new QComboBox(box);
    for (const Stratum stratum :
         {Stratum::Source, Stratum::Difficulty, Stratum::Round, Stratum::Verdict, Stratum::Mode,
          Stratum::Student, Stratum::Critic}) {
        m_by->addItem(models::stratumWord(stratum), static_cast<int>(stratum));
    }
    m_width = new QDoubleSpinBox(box);
    m_width->setRange(0.5, 30);
    m_width->setSingleStep(1);
    m_width->setDecimals(1);
    m_width->setValue(5);
    m_width->setPrefix(QStringLiteral("± "));
    m_width->setSuffix(tr(" points"));
    m_width->setButtonSymbols(QAbstractSpinBox::NoButtons);
    m_width->setAlignment(Qt::AlignRight);
    m_width->setFixedWidth(104);
    named(tr("&Judgements of"), m_scope);
    named(tr("&by"), m_by);
    named(tr("&to within"), m_width);
    m_state = mutedLabel({}, box);
    row->addWidget(m_state, 1);
    connect(m_scope, &QComboBox::currentIndexChanged, this, &AuditView::refresh);
    connect(m_by, &QComboBox::currentIndexChanged, this, &AuditView::refresh);
    connect(m_width, &QDoubleSpinBox::valueChanged, this, &AuditView::refresh);
    return box;
}

QWidget* AuditView::buildCells() {
    auto* box = new QWidget(this);
    auto* row = new QHBoxLayout(box);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(space::kOne);
    constexpr int kCells = 4;
    for (int i = 0; i < kCells; ++i) {
        auto* button = new QPushButton(box);
        button->setToolTip(tr("Show these critiques in Traces"));
        row->addWidget(button);
        m_cells << button;
        connect(button, &QPushButton::clicked, this,
                [this, button] { Q_EMIT filterChosen(button->property("filter").toString()); });
    }
    row->addStretch();
    return box;
}

void AuditView::setQueue(qint64 queueId, const QString& name) {
    m_queue = queueId;
    m_scope->setItemText(0, queueId == 0 ? tr("this queue") : name);
    if (isVisible()) {
        refresh();
    }
}

models::AuditQuery AuditView::query() const {
    models::AuditQuery out;
    out.queueId = m_scope->currentIndex() == 0 ? m_queue : 0;
    out.by = static_cast<Stratum>(m_by->currentData().toInt());
    out.halfWidth = m_width->value() / 100.0;
    return out;
}

void AuditView::refresh() {
    if (m_context.service.isOpen()) {
        m_state->setText(tr("counting…"));
        m_token = m_context.review.requestAudit(query());
    }
}

void AuditView::showCell(QPushButton& button, const models::AuditCell& cell, const QString& words) {
    button.setText(models::grouped(cell.count) + QLatin1Char(' ') + words);
    button.setProperty("filter", cell.filter);
    button.setEnabled(cell.count > 0 && !cell.filter.isEmpty());
}

void AuditView::showReport(const models::AuditReport& report) {
    m_report = report;
    m_state->clear();
    const bool known = report.used > 0 && !report.rows.isEmpty();
    m_planner->setVisible(known);
    m_cellBox->setVisible(known);
    m_panel->setVisible(known);
    m_model->setRows(report.rows);
    m_table->updateGeometry();
    QVector<IntervalRow> rows;
    for (const models::AuditRow& row : report.rows) {
        IntervalRow one;
        one.label = row.stratum.isEmpty() ? tr("All together") : row.stratum;
        one.strong = row.stratum.isEmpty();
        one.note = tr("%1 judged").arg(models::grouped(row.reviewed));
        one.points = {point(row.precision), point(row.recall)};
        one.toolTip = tr("%1\nPrecision %2\nRecall %3\nA click shows these critiques in Traces")
                          .arg(one.label, models::rateWithInterval(row.precision),
                               models::rateWithInterval(row.recall));
        rows.push_back(one);
    }
    m_chart->setRows(rows);
    if (!known) {
        m_summary->setText(
            report.judged == 0
                ? tr("Nothing is judged here yet. Judge some items first; the figures grow as you "
                     "go.")
                : tr("%1 critiques are judged, but none of them can be compared with a "
                     "self-validation.")
                      .arg(models::grouped(report.judged)));
        m_planner->clear();
    } else {
        const models::AuditRow& all = report.rows.first();
        m_summary->setText(
            tr("Of what self-validation let through, reviewers accept %1; of what reviewers "
               "accept, "
               "it let through %2.")
                .arg(models::rateWithInterval(all.precision),
                     models::rateWithInterval(all.recall)) +
            (report.weighted ? QLatin1Char(' ') + tr("Weighted back to what the sample was drawn "
                                                     "from.")
                             : QString()));
        QStringList plan;
        const QString width = QLocale().toString(m_width->value(), 'f', 1);
        for (const auto& [rate, name] :
             {std::pair{&all.precision, tr("precision")}, std::pair{&all.recall, tr("recall")}}) {
            plan << (rate->more > 0 ? tr("%1 to within ±%2 points: judge %3 more")
                                          .arg(name, width, models::grouped(rate->more))
                                    : tr("%1 is known to within ±%2 points").arg(name, width));
        }
        QStringList out;
        for (const auto& [count, words] :
             {std::pair{report.unsure, tr("unsure")}, std::pair{report.disputed, tr("disputed")},
              std::pair{report.unvalidated, tr("without a self-validation")}}) {
            if (count > 0) {
                out << models::grouped(count) + QLatin1Char(' ') + words;
            }
        }
        m_planner->setText(
            tr("At 95 %: %1.").arg(plan.join(QStringLiteral("; "))) +
            (out.isEmpty()
                 ? QString()
                 : QStringLiteral("  ") + tr("Left out: %1.").arg(out.join(QStringLiteral(", ")))));
    }
    showCell(*m_cells[0], report.passedAccepted, tr("let through, accepted"));
    showCell(*m_cells[1], report.passedRefused, tr("let through, not accepted"));
    showCell(*m_cells[2], report.heldAccepted, tr("held back, accepted"));
    showCell(*m_cells[3], report.heldRefused, tr("held back, not accepted"));
}

void AuditView::chooseRow(int row) {
    const models::AuditRow* chosen = m_model->rowAt(row);
    if (chosen != nullptr && !chosen->filter.isEmpty()) {
        Q_EMIT filterChosen(chosen->filter);
    }
}

QString AuditView::text() const {
    QStringList lines{m_summary->text(), m_planner->text()};
    for (const QPushButton* cell : m_cells) {
        lines << cell->text();
    }
    lines << m_chart->text();
    return lines.join(QLatin1Char('\n'));
}

} // namespace scrit::ui::pages
