// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/run_widgets.h"

#include "ui/models/run_words.h"
#include "ui/widgets/theme.h"

#include <QHelpEvent>
#include <QPainter>
#include <QPainterPath>
#include <QToolTip>

#include <algorithm>
#include <array>

namespace scrit::ui::widgets {

namespace {

constexpr int kBarHeight = 8;

// The parts of a stage's bar from the left. Failed and skipped parts are hatched as well: they are
// told apart without colour.
struct Part {
    qint64 count;
    QColor color;
    Qt::BrushStyle style;
};

std::array<Part, 4> partsOf(const models::RunStage& stage) {
    const Tokens& t = tokens();
    return {{{stage.done, t.accent, Qt::SolidPattern},
             {stage.failed, t.no, Qt::BDiagPattern},
             {stage.skipped, t.unknown, Qt::Dense6Pattern},
             {stage.running, t.accent, Qt::Dense5Pattern}}};
}

void paintBar(QPainter& painter, const QRectF& track, const models::RunStage& stage) {
    const Tokens& t = tokens();
    QPainterPath shape;
    shape.addRoundedRect(track, kBarHeight / 2.0, kBarHeight / 2.0);
    painter.save();
    painter.setClipPath(shape);
    painter.fillRect(track, t.border);
    const auto total = static_cast<double>(std::max<qint64>(stage.total(), 1));
    double x = track.left();
    for (const Part& part : partsOf(stage)) {
        if (part.count == 0) {
            continue;
        }
        // Never thinner than what the eye finds: one failed item of a million shows.
        const double width = std::max(3.0, track.width() * static_cast<double>(part.count) / total);
        const QRectF box(x, track.top(), std::min(width, track.right() - x), track.height());
        if (part.style != Qt::SolidPattern) {
            painter.fillRect(box, t.surface);
        }
        painter.fillRect(box, QBrush(part.color, part.style));
        x += width;
    }
    painter.restore();
}

} // namespace

QString stageFigures(const models::RunStage& stage) {
    const auto word = [](const char* text) {
        return StagePipeline::tr(text);
    };
    QStringList parts;
    parts << word("%1 of %2").arg(models::grouped(stage.done), models::grouped(stage.total()));
    if (stage.failed > 0) {
        parts << word("%1 failed").arg(models::grouped(stage.failed));
    }
    if (stage.skipped > 0) {
        parts << word("%1 skipped").arg(models::grouped(stage.skipped));
    }
    if (stage.running > 0) {
        parts << word("%1 running").arg(models::grouped(stage.running));
    }
    if (stage.perSecond > 0) {
        parts << models::rateText(stage.perSecond);
    }
    return parts.join(QStringLiteral(" · "));
}

StagePipeline::StagePipeline(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void StagePipeline::setStages(const models::RunStages& stages) {
    if (stages == m_stages) {
        return;
    }
    const bool grew = stages.size() != m_stages.size();
    m_stages = stages;
    setAccessibleName(tr("Stages"));
    setAccessibleDescription(text());
    if (grew) {
        updateGeometry();
    }
    update();
}

QString StagePipeline::text() const {
    QStringList lines;
    for (const models::RunStage& stage : m_stages) {
        lines << models::stageTitle(stage.name) + QStringLiteral(": ") + stageFigures(stage);
    }
    return lines.join(QLatin1Char('\n'));
}

int StagePipeline::rowHeight() const {
    return fontMetrics().height() + kBarHeight + space::kTwo;
}

QSize StagePipeline::sizeHint() const {
    return {360, std::max(1, static_cast<int>(m_stages.size())) * rowHeight()};
}

QSize StagePipeline::minimumSizeHint() const {
    return {200, sizeHint().height()};
}

void StagePipeline::paintEvent(QPaintEvent*) {
    const Tokens& t = tokens();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const int line = fontMetrics().height();
    const double knot = 5;
    for (qsizetype i = 0; i < m_stages.size(); ++i) {
        const models::RunStage& stage = m_stages[i];
        const int top = static_cast<int>(i) * rowHeight();
        // The pipe: a knot for each stage, filled once it is through.
        const QPointF centre(space::kOne, top + line / 2.0 + 1);
        painter.setPen(QPen(t.borderStrong, 1.5));
        if (i + 1 < m_stages.size()) {
            painter.drawLine(QPointF(centre.x(), centre.y() + knot),
                             QPointF(centre.x(), centre.y() + rowHeight() - knot));
        }
        const bool through = stage.total() > 0 && stage.ended() == stage.total();
        painter.setPen(QPen(stage.running > 0 || through ? t.accent : t.borderStrong, 1.5));
        painter.setBrush(through ? QBrush(t.accent) : QBrush(t.surface));
        painter.drawEllipse(centre, knot - 1, knot - 1);

        const int left = space::kThree;
        const QRect words(left, top, width() - left, line);
        const QString figures = stageFigures(stage);
        const int figuresWidth =
            std::min(fontMetrics().horizontalAdvance(figures) + 4, words.width() * 2 / 3);
        painter.setPen(t.muted);
        painter.drawText(words, Qt::AlignRight | Qt::AlignVCenter,
                         fontMetrics().elidedText(figures, Qt::ElideRight, figuresWidth));
        QFont strong = font();
        strong.setWeight(QFont::DemiBold);
        painter.setFont(strong);
        painter.setPen(t.text);
        painter.drawText(
            words, Qt::AlignLeft | Qt::AlignVCenter,
            QFontMetrics(strong).elidedText(models::stageTitle(stage.name), Qt::ElideMiddle,
                                            words.width() - figuresWidth - space::kOne));
        painter.setFont(font());
        paintBar(painter, QRectF(left, top + line + 4, width() - left, kBarHeight), stage);
    }
}

bool StagePipeline::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip) {
        return QWidget::event(event);
    }
    auto* help = static_cast<QHelpEvent*>(event);
    const int row = help->pos().y() / rowHeight();
    if (row < 0 || row >= m_stages.size()) {
        QToolTip::hideText();
        return true;
    }
    const models::RunStage& stage = m_stages[row];
    const QString tip =
        models::stageTitle(stage.name) + QLatin1Char('\n') + models::stageExplanation(stage.name) +
        QLatin1Char('\n') +
        tr("%1 done, %2 failed (hatched), %3 skipped, %4 running, %5 waiting so far")
            .arg(models::grouped(stage.done), models::grouped(stage.failed),
                 models::grouped(stage.skipped), models::grouped(stage.running),
                 models::grouped(stage.planned));
    // Names of models are in it: no mark-up.
    QToolTip::showText(help->globalPos(),
                       QStringLiteral("<p style='white-space:pre-wrap'>") + tip.toHtmlEscaped() +
                           QStringLiteral("</p>"),
                       this);
    return true;
}

Sparkline::Sparkline(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAccessibleName(tr("Throughput"));
}

void Sparkline::setSamples(const QVector<double>& samples) {
    m_samples = samples;
    const double highest =
        samples.isEmpty() ? 0 : *std::max_element(samples.begin(), samples.end());
    const QString words =
        samples.isEmpty() ? tr("No throughput yet")
                          : tr("Answers a second over the last %1 s: now %2, highest %3")
                                .arg(QString::number(samples.size()),
                                     models::rateText(samples.last()), models::rateText(highest));
    setToolTip(words);
    setAccessibleDescription(words);
    update();
}

QSize Sparkline::sizeHint() const {
    return {200, 48};
}

void Sparkline::paintEvent(QPaintEvent*) {
    const Tokens& t = tokens();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QFont small = Theme::current().smallFont();
    const QFontMetrics metrics(small);
    const int labelWidth = metrics.horizontalAdvance(QStringLiteral("8,888.8/s")) + space::kHalf;
    const QRectF box(0.5, 3, width() - labelWidth - 1, height() - 6);
    painter.setPen(QPen(t.border, 1));
    painter.drawLine(box.bottomLeft(), box.bottomRight());
    if (m_samples.size() < 2) {
        return;
    }
    const double highest = std::max(*std::max_element(m_samples.begin(), m_samples.end()), 1e-9);
    const double step =
        box.width() / static_cast<double>(std::max<qsizetype>(m_samples.size() - 1, 30));
    QPolygonF line;
    for (qsizetype i = 0; i < m_samples.size(); ++i) {
        line << QPointF(box.left() + step * static_cast<double>(i),
                        box.bottom() - (box.height() - 2) * m_samples[i] / highest);
    }
    QPolygonF area = line;
    area << QPointF(line.last().x(), box.bottom()) << box.bottomLeft();
    painter.setPen(Qt::NoPen);
    painter.setBrush(t.accentTint);
    painter.drawPolygon(area);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(t.accent, 1.5));
    painter.drawPolyline(line);
    painter.setFont(small);
    painter.setPen(t.muted);
    painter.drawText(QRect(width() - labelWidth, 0, labelWidth, metrics.height() + 2),
                     Qt::AlignRight | Qt::AlignTop, models::rateText(highest));
}

FigureRow::FigureRow(QWidget* parent) : QWidget(parent) {
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

void FigureRow::setFigures(const QVector<Figure>& figures) {
    if (figures == m_figures) {
        return;
    }
    m_figures = figures;
    setAccessibleName(tr("Figures"));
    setAccessibleDescription(text());
    updateGeometry();
    update();
}

QString FigureRow::text() const {
    QStringList lines;
    for (const Figure& figure : m_figures) {
        lines << figure.label + QStringLiteral(": ") + figure.value;
    }
    return lines.join(QLatin1Char('\n'));
}

int FigureRow::lineHeight() const {
    return QFontMetrics(Theme::current().smallFont()).height() +
           QFontMetrics(Theme::current().headingFont(1.1)).height() + space::kOne;
}

// Columns of one width, so that figures do not jump while they grow.
QVector<FigureRow::Placed> FigureRow::placed(int width) const {
    const QFontMetrics labels(Theme::current().smallFont());
    const QFontMetrics values(Theme::current().headingFont(1.1));
    int widest = values.horizontalAdvance(QStringLiteral("88,888,8"));
    for (const Figure& figure : m_figures) {
        widest = std::max({widest, labels.horizontalAdvance(figure.label),
                           values.horizontalAdvance(figure.value)});
    }
    widest += space::kTwo;
    const int columns = std::clamp(width / widest, 1, std::max(1, int(m_figures.size())));
    QVector<Placed> boxes;
    for (int i = 0; i < m_figures.size(); ++i) {
        boxes.push_back({QRect((i % columns) * (width / columns), (i / columns) * lineHeight(),
                               width / columns, lineHeight()),
                         &m_figures[i]});
    }
    return boxes;
}

int FigureRow::heightForWidth(int width) const {
    const auto boxes = placed(width);
    return boxes.isEmpty() ? lineHeight() : boxes.last().box.bottom() + 1;
}

QSize FigureRow::sizeHint() const {
    return {480, heightForWidth(480)};
}

QSize FigureRow::minimumSizeHint() const {
    return {160, lineHeight()};
}

void FigureRow::paintEvent(QPaintEvent*) {
    const Tokens& t = tokens();
    QPainter painter(this);
    const QFont small = Theme::current().smallFont();
    const QFont large = Theme::current().headingFont(1.1);
    const int labelHeight = QFontMetrics(small).height();
    for (const Placed& one : placed(width())) {
        painter.setFont(small);
        painter.setPen(t.muted);
        painter.drawText(one.box, Qt::AlignLeft | Qt::AlignTop, one.figure->label);
        painter.setFont(large);
        painter.setPen(t.text);
        painter.drawText(one.box.adjusted(0, labelHeight, 0, 0), Qt::AlignLeft | Qt::AlignTop,
                         one.figure->value);
    }
}

bool FigureRow::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip) {
        return QWidget::event(event);
    }
    auto* help = static_cast<QHelpEvent*>(event);
    for (const Placed& one : placed(width())) {
        if (one.box.contains(help->pos()) && !one.figure->toolTip.isEmpty()) {
            QToolTip::showText(help->globalPos(), one.figure->toolTip.toHtmlEscaped(), this);
            return true;
        }
    }
    QToolTip::hideText();
    return true;
}

MeterBar::MeterBar(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void MeterBar::setContent(const QString& name, double share, const QString& words,
                          const QString& toolTip) {
    m_name = name;
    m_share = std::clamp(share, 0.0, 1.0);
    m_words = words;
    setToolTip(toolTip.toHtmlEscaped());
    setAccessibleName(text());
    update();
}

QString MeterBar::text() const {
    return m_name + QStringLiteral(": ") + m_words;
}

QSize MeterBar::sizeHint() const {
    return {200, fontMetrics().height() + space::kOne + 6};
}

void MeterBar::paintEvent(QPaintEvent*) {
    const Tokens& t = tokens();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const int line = fontMetrics().height();
    const int wordsWidth = fontMetrics().horizontalAdvance(m_words) + space::kOne;
    painter.setPen(t.text);
    painter.drawText(QRect(0, 0, width() - wordsWidth, line), Qt::AlignLeft,
                     fontMetrics().elidedText(m_name, Qt::ElideRight, width() - wordsWidth));
    painter.setPen(t.muted);
    painter.drawText(QRect(width() - wordsWidth, 0, wordsWidth, line), Qt::AlignRight, m_words);
    const QRectF track(0, line + 3, width(), 6);
    painter.setPen(Qt::NoPen);
    painter.setBrush(t.border);
    painter.drawRoundedRect(track, 3, 3);
    if (m_share > 0) {
        painter.setBrush(t.accent);
        painter.drawRoundedRect(QRectF(0, track.top(), std::max(6.0, width() * m_share), 6), 3, 3);
    }
}

} // namespace scrit::ui::widgets
