// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/overview/glance.h"

#include "ui/bridge/export_service.h"
#include "ui/bridge/model_service.h"
#include "ui/bridge/review_service.h"
#include "ui/bridge/round_charts.h"
#include "ui/bridge/round_service.h"
#include "ui/bridge/run_service.h"
#include "ui/bridge/workspace_service.h"
#include "ui/models/run_words.h"
#include "ui/widgets/chart_view.h"
#include "ui/widgets/form_widgets.h"
#include "ui/widgets/small_widgets.h"
#include "ui/widgets/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QPainter>
#include <QVBoxLayout>

#include <algorithm>

namespace scrit::ui::pages {

using namespace widgets;

namespace {

constexpr int kMostLines = 3; // of each part
constexpr int kBarHeight = 3;

QString day(const QDateTime& time) {
    return time.isValid() ? QLocale().toString(time.date(), QLocale::ShortFormat) : QString();
}

double shareOrNone(qint64 part, qint64 whole) {
    return whole <= 0 ? -1 : static_cast<double>(part) / static_cast<double>(whole);
}

} // namespace

GlanceRow::GlanceRow(QWidget* parent) : RowButton(parent) {}

void GlanceRow::setContent(models::Mark mark, const QString& name, const QString& words,
                           double share, const QString& toolTip) {
    m_mark = mark;
    m_words = words;
    m_share = share;
    setText(name);
    setToolTip(toolTip.toHtmlEscaped());
    setAccessibleName(name + QStringLiteral(": ") + words);
    update();
}

QSize GlanceRow::sizeHint() const {
    return {240, fontMetrics().height() + space::kOne + kBarHeight};
}

void GlanceRow::paintEvent(QPaintEvent*) {
    const Tokens& t = tokens();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    paintFrame(painter);
    const QRect line(space::kOne, 2, width() - space::kTwo, fontMetrics().height());
    int left = line.left();
    if (m_mark != models::Mark::None) {
        painter.setPen(t.mark(m_mark));
        painter.drawText(line, Qt::AlignLeft, models::markText(m_mark));
    }
    left += fontMetrics().horizontalAdvance(QStringLiteral("✓ ")) + 2;
    const QString words =
        fontMetrics().elidedText(m_words, Qt::ElideRight, std::max(40, line.width() * 3 / 5));
    const int wordsWidth = fontMetrics().horizontalAdvance(words);
    painter.setPen(t.muted);
    painter.drawText(line, Qt::AlignRight, words);
    painter.setPen(t.text);
    const int room = line.right() - left - wordsWidth - space::kOne;
    painter.drawText(QRect(left, line.top(), room, line.height()), Qt::AlignLeft,
                     fontMetrics().elidedText(text(), Qt::ElideRight, room));
    if (m_share >= 0) {
        paintShare(painter, QRectF(left, line.bottom() + 3, line.right() - left, kBarHeight),
                   m_share);
    }
}

Glance::Glance(PageContext& context, QWidget* parent)
    : QWidget(parent), m_context(context), m_chart(new ChartView) {
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(space::kTwo);
    const auto addColumn = [this, row](int stretch) {
        QFrame* panel = panelFrame(this);
        auto* column = new QVBoxLayout(panel);
        column->setContentsMargins(space::kTwo, space::kTwo, space::kTwo, space::kTwo);
        column->setSpacing(2);
        row->addWidget(panel, stretch);
        return column;
    };
    QVBoxLayout* rounds = addColumn(4);
    addPart(m_rounds, rounds, tr("Rounds"), QStringLiteral("rounds"),
            tr("No rounds yet. An evolution lets a model criticise, validate itself, train and be "
               "measured; start one on the page Rounds."));
    constexpr int kChartHeight = 130;
    m_chart->setMinimumHeight(kChartHeight);
    rounds->addWidget(m_chart, 1);
    rounds->addStretch();
    m_chart->hide();
    QVBoxLayout* middle = addColumn(3);
    addPart(m_runs, middle, tr("Latest runs"), QStringLiteral("runs"),
            tr("No runs yet. A run lets a model criticise solutions."));
    middle->addSpacing(space::kOne);
    addPart(m_queues, middle, tr("Review"), QStringLiteral("review"),
            tr("No queue yet. A queue spot-checks self-validation by hand."));
    middle->addStretch();
    QVBoxLayout* right = addColumn(3);
    addPart(m_models, right, tr("Models"), QStringLiteral("models"),
            tr("No models yet. A run needs one."));
    right->addSpacing(space::kOne);
    addPart(m_exports, right, tr("Exports"), QStringLiteral("export"),
            tr("Nothing exported yet. A filter becomes a dataset."));
    right->addStretch();
    connect(m_chart, &ChartView::pointChosen, this,
            [this](const models::ListQuery& query) { m_context.showTraces(query); });
    connect(&m_context.rounds, &bridge::RoundService::seriesChanged, this, &Glance::fillRounds);
    connect(&m_context.runs, &bridge::RunService::runsChanged, this, &Glance::fillRuns);
    connect(&m_context.review, &bridge::ReviewService::queuesChanged, this, &Glance::fillQueues);
    connect(&m_context.modelList, &bridge::ModelService::modelsChanged, this, &Glance::fillModels);
    connect(&m_context.exports, &bridge::ExportService::pastChanged, this, &Glance::fillExports);
    fillRounds();
    fillRuns();
    fillQueues();
    fillModels();
    fillExports();
}

void Glance::refresh() {
    m_context.rounds.refresh();
}

void Glance::addPart(Part& part, QVBoxLayout* column, const QString& title, const QString& page,
                     const QString& nothing) {
    part.page = page;
    column->addWidget(headingLabel(title, this));
    part.lines = new QVBoxLayout;
    part.lines->setSpacing(2);
    column->addLayout(part.lines);
    part.nothing = mutedLabel(nothing, this);
    part.nothing->setWordWrap(true);
    column->addWidget(part.nothing);
}

void Glance::fill(Part& part, const QVector<Line>& lines, bool known) {
    while (part.rows.size() < lines.size()) {
        auto* row = new GlanceRow(this);
        connect(row, &QAbstractButton::clicked, this, [this, &part, at = part.rows.size()] {
            m_context.showItem(part.page, part.items[at]);
        });
        part.lines->addWidget(row);
        part.rows << row;
    }
    part.items.clear();
    for (const Line& line : lines) {
        part.items << line.item;
    }
    for (int i = 0; i < part.rows.size(); ++i) {
        part.rows[i]->setVisible(i < lines.size());
        if (i < lines.size()) {
            const Line& line = lines[i];
            part.rows[i]->setContent(line.mark, line.name, line.words, line.share, line.toolTip);
        }
    }
    part.nothing->setVisible(lines.isEmpty() && known);
}

void Glance::fillRounds() {
    const auto& all = m_context.rounds.series();
    QVector<Line> lines;
    models::ChartValue chart;
    for (const models::SeriesInfo& series : all) {
        if (lines.size() == kMostLines) {
            break;
        }
        const models::RoundInfo& last = series.rounds.last();
        Line line;
        line.mark = models::jobStateMark(series.state);
        line.name = series.name;
        line.words = tr("round %1, %2").arg(last.number).arg(models::jobStateWord(series.state));
        if (series.state == model::JobState::Running && !last.stage.isEmpty()) {
            line.words += QStringLiteral(" · ") + models::stageWord(last.stage);
        }
        line.toolTip = tr("Opens this series in Rounds");
        line.item = series.name;
        lines << line;
    }
    // Of the newest series that is measured: both figures on one axis, points of hundred.
    const auto measured =
        std::find_if(all.begin(), all.end(), [](const auto& one) { return !one.sets().isEmpty(); });
    if (measured != all.end()) {
        chart =
            bridge::scoreChart(all, measured->name, {}, models::ScoreKind::CcAcc, {measured->name});
        const models::ChartValue identified = bridge::scoreChart(
            all, measured->name, {}, models::ScoreKind::EiStrict, {measured->name});
        chart.title = tr("Scores of %1 by round").arg(measured->name);
        chart.yTitle = tr("share of the items");
        for (models::ChartSeries& series : chart.series) {
            series.name = models::scoreName(models::ScoreKind::CcAcc);
        }
        for (models::ChartSeries series : identified.series) {
            series.name = models::scoreName(models::ScoreKind::EiStrict);
            series.ink = 1;
            chart.series << series;
        }
    }
    m_chart->setValue(chart);
    m_chart->setVisible(!chart.isEmpty());
    fill(m_rounds, lines, m_context.rounds.isLoaded());
}

void Glance::fillRuns() {
    QVector<Line> lines;
    for (const models::RunSummary& run : m_context.runs.runs()) {
        if (lines.size() == kMostLines) {
            break;
        }
        const models::RunStage all = models::sumOf(run.stages);
        Line line;
        line.mark = models::runStateMark(run.state);
        line.name = QStringLiteral("%1 %2").arg(QString::number(run.id), run.recipe);
        line.words =
            run.state == model::RunState::Done
                ? tr("done %1").arg(day(run.finished))
                : QStringLiteral("%1 · %2").arg(models::runStateWord(run.state),
                                                models::shareText(all.ended(), all.total()));
        line.share = shareOrNone(all.ended(), all.total());
        line.item = QString::number(run.id);
        line.toolTip =
            tr("%1 of %2 items ended; critic %3")
                .arg(models::grouped(all.ended()), models::grouped(all.total()), run.critic);
        lines << line;
    }
    fill(m_runs, lines, m_context.runs.isLoaded());
}

void Glance::fillQueues() {
    QVector<Line> lines;
    for (const models::QueueInfo& queue : m_context.review.queues()) {
        if (lines.size() == kMostLines) {
            break;
        }
        Line line;
        line.mark = queue.anyone >= queue.items ? models::Mark::Yes : models::Mark::None;
        line.name = queue.name;
        line.words =
            tr("%1 of %2 judged").arg(models::grouped(queue.anyone), models::grouped(queue.items));
        line.share = shareOrNone(queue.anyone, queue.items);
        line.toolTip = tr("%1 of them by you").arg(models::grouped(queue.mine));
        line.item = QString::number(queue.id);
        lines << line;
    }
    fill(m_queues, lines, m_context.review.isLoaded());
}

void Glance::fillModels() {
    QVector<Line> lines;
    const auto& all = m_context.modelList.models();
    for (auto entry = all.rbegin(); entry != all.rend(); ++entry) {
        if (entry->retired || lines.size() == kMostLines) {
            continue;
        }
        Line line;
        line.mark = entry->problem.isEmpty() ? models::Mark::None : models::Mark::No;
        line.name = entry->form.name;
        line.words = models::modelKindWord(entry->form.kind);
        line.toolTip = entry->problem.isEmpty() ? entry->endpoint : entry->problem;
        line.item = QString::number(entry->form.id);
        lines << line;
    }
    fill(m_models, lines, m_context.modelList.isLoaded());
}

void Glance::fillExports() {
    QVector<Line> lines;
    for (const models::PastExport& one : m_context.exports.past()) {
        if (lines.size() == kMostLines) {
            break;
        }
        Line line;
        line.mark = one.there ? models::Mark::None : models::Mark::Unknown;
        line.name = models::exportTitle(one.folder);
        line.words =
            one.rows < 0 ? one.view : tr("%1 rows · %2").arg(models::grouped(one.rows), one.view);
        line.item = QString::number(one.id);
        line.toolTip =
            one.folder +
            (one.there ? QString() : QStringLiteral("\n") + tr("The folder is not there any more"));
        lines << line;
    }
    fill(m_exports, lines, m_context.exports.isLoaded());
}

QVector<GlanceRow*> Glance::rows() const {
    QVector<GlanceRow*> shown;
    for (const Part* part : {&m_rounds, &m_runs, &m_queues, &m_models, &m_exports}) {
        for (GlanceRow* row : part->rows) {
            if (!row->isHidden()) {
                shown << row;
            }
        }
    }
    return shown;
}

QString Glance::text() const {
    QStringList lines;
    for (const GlanceRow* row : rows()) {
        lines << row->accessibleName();
    }
    return lines.join(QLatin1Char('\n'));
}

} // namespace scrit::ui::pages
