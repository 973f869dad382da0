// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/chart_widgets.h"

#include "ui/models/words.h"
#include "ui/widgets/theme.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QPainterPath>
#include <QToolTip>

#include <algorithm>
#include <array>
#include <cmath>

namespace scrit::ui::widgets {

namespace {

QString percent(double share) {
    return QString::number(static_cast<int>(std::lround(share * 100)));
}

void showPlainToolTip(const QHelpEvent& help, const QString& text, QWidget* widget) {
    if (text.isEmpty()) {
        QToolTip::hideText();
    } else {
        QToolTip::showText(
            help.globalPos(),
            QStringLiteral("<p style='white-space:pre-wrap'>%1</p>").arg(text.toHtmlEscaped()),
            widget);
    }
}

// The mark of a series: a filled dot, a hollow diamond, a filled square.
void paintMark(QPainter& painter, const QPointF& at, int series, const QColor& ink,
               const QColor& ground) {
    constexpr double kRadius = 4.5;
    painter.setPen(QPen(ink, 2));
    painter.setBrush(series == 0 ? ink : ground);
    if (series == 0) {
        painter.drawEllipse(at, kRadius - 1, kRadius - 1);
        return;
    }
    QPainterPath diamond;
    diamond.moveTo(at + QPointF(0, -kRadius));
    diamond.lineTo(at + QPointF(kRadius, 0));
    diamond.lineTo(at + QPointF(0, kRadius));
    diamond.lineTo(at + QPointF(-kRadius, 0));
    diamond.closeSubpath();
    painter.drawPath(diamond);
}

QColor seriesInk(int series) {
    return series == 0 ? tokens().accent : tokens().unknown;
}

} // namespace

struct IntervalChart::Frame {
    int left = 0;  // of the axis
    int right = 0; // of the axis
    int top = 0;   // of the first row
    [[nodiscard]] double x(double share) const { return left + (right - left) * share; }
};

IntervalChart::IntervalChart(const QString& accessibleName, QWidget* parent) : QWidget(parent) {
    setAccessibleName(accessibleName);
    setMouseTracking(true);
    setFocusPolicy(Qt::TabFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void IntervalChart::setSeries(const QStringList& names) {
    m_series = names;
    update();
}

void IntervalChart::setRows(const QVector<IntervalRow>& rows) {
    if (rows == m_rows) {
        return;
    }
    m_rows = rows;
    m_hovered = -1;
    m_current = std::clamp(m_current, 0, std::max(0, static_cast<int>(m_rows.size()) - 1));
    setAccessibleDescription(text());
    updateGeometry();
    update();
}

QString IntervalChart::text() const {
    QStringList lines;
    for (const IntervalRow& row : m_rows) {
        QStringList parts;
        for (qsizetype i = 0; i < row.points.size(); ++i) {
            const IntervalPoint& point = row.points[i];
            parts << m_series.value(i) + QLatin1Char(' ') +
                         (point.known ? QStringLiteral("%1 % (%2–%3)")
                                            .arg(percent(point.value), percent(point.low),
                                                 percent(point.high))
                                      : QStringLiteral("–"));
        }
        lines << row.label + QStringLiteral(": ") + parts.join(QStringLiteral(", "));
    }
    return lines.join(QLatin1Char('\n'));
}

int IntervalChart::rowHeight() const {
    return std::max(32, fontMetrics().height() + 16);
}

IntervalChart::Frame IntervalChart::frame() const {
    int label = 60;
    int note = 0;
    const QFontMetrics small(Theme::current().smallFont());
    const QFontMetrics bold(Theme::current().headingFont(1.0));
    for (const IntervalRow& row : m_rows) {
        label = std::max(label, bold.horizontalAdvance(row.label));
        note = std::max(note, small.horizontalAdvance(row.note));
    }
    const int widestLabel = std::max(80, width() / 3);
    Frame frame;
    frame.left = std::min(label, widestLabel) + space::kTwo + space::kOne;
    frame.right = std::max(frame.left + 80, width() - note - space::kThree);
    frame.top = small.height() + space::kTwo;
    return frame;
}

QRect IntervalChart::rowRect(int row) const {
    return {0, frame().top + row * rowHeight(), width(), rowHeight()};
}

QSize IntervalChart::sizeHint() const {
    const int axis = QFontMetrics(Theme::current().smallFont()).height() + space::kOne;
    return {480, frame().top + std::max(1, static_cast<int>(m_rows.size())) * rowHeight() + axis};
}

QSize IntervalChart::minimumSizeHint() const {
    return {280, sizeHint().height()};
}

void IntervalChart::paintLegend(QPainter& painter) const {
    const Tokens& t = tokens();
    painter.setFont(Theme::current().smallFont());
    const QFontMetrics metrics(painter.font());
    int x = frame().left;
    for (int i = 0; i < m_series.size(); ++i) {
        const double y = metrics.height() / 2.0 + 1;
        painter.setPen(QPen(seriesInk(i), 2, i == 0 ? Qt::SolidLine : Qt::DotLine));
        painter.drawLine(QPointF(x, y), QPointF(x + 22, y));
        paintMark(painter, QPointF(x + 11, y), i, seriesInk(i), t.surface);
        painter.setPen(t.muted);
        painter.drawText(QRect(x + 28, 0, width() - x - 28, metrics.height() + 2),
                         Qt::AlignLeft | Qt::AlignVCenter, m_series[i]);
        x += 28 + metrics.horizontalAdvance(m_series[i]) + space::kTwo;
    }
}

void IntervalChart::paintAxis(QPainter& painter, const Frame& frame) const {
    const Tokens& t = tokens();
    painter.setFont(Theme::current().smallFont());
    const int bottom = frame.top + static_cast<int>(m_rows.size()) * rowHeight();
    constexpr std::array<int, 5> kTicks{0, 25, 50, 75, 100};
    for (const int tick : kTicks) {
        const double x = std::round(frame.x(tick / 100.0)) + 0.5;
        painter.setPen(QPen(t.border, 1, tick == 0 || tick == 100 ? Qt::SolidLine : Qt::DotLine));
        painter.drawLine(QPointF(x, frame.top), QPointF(x, bottom));
        painter.setPen(t.muted);
        painter.drawText(QRectF(x - 30, bottom + 2, 60, painter.fontMetrics().height()),
                         Qt::AlignCenter,
                         tick == 100 ? QStringLiteral("100 %") : QString::number(tick));
    }
}

void IntervalChart::paintRow(QPainter& painter, const Frame& frame, int row) const {
    const Tokens& t = tokens();
    const IntervalRow& content = m_rows[row];
    const QRect box = rowRect(row);
    if (row == m_hovered) {
        painter.fillRect(box, t.hover);
    } else if (row == m_current && hasFocus()) {
        painter.fillRect(box, t.accentTint);
    }
    painter.setFont(content.strong ? Theme::current().headingFont(1.0) : font());
    painter.setPen(t.text);
    const QRect labelBox(space::kOne, box.top(), frame.left - space::kTwo - space::kHalf,
                         box.height());
    painter.drawText(
        labelBox, Qt::AlignVCenter | Qt::AlignLeft,
        painter.fontMetrics().elidedText(content.label, Qt::ElideRight, labelBox.width()));
    painter.setFont(Theme::current().smallFont());
    painter.setPen(t.muted);
    painter.drawText(QRect(frame.right, box.top(), width() - frame.right - 4, box.height()),
                     Qt::AlignVCenter | Qt::AlignRight, content.note);
    const auto count = static_cast<double>(std::max<qsizetype>(1, content.points.size()));
    for (int i = 0; i < content.points.size(); ++i) {
        const IntervalPoint& point = content.points[i];
        const double y = box.top() + box.height() * (i + 1) / (count + 1) +
                         (i * 2 - (count - 1)) * 1.5; // a little apart
        if (!point.known) {
            painter.setPen(t.faint);
            painter.drawText(QRectF(frame.left + 6, y - 8, 200, 16),
                             Qt::AlignVCenter | Qt::AlignLeft, tr("nothing seen yet"));
            continue;
        }
        const QColor ink = seriesInk(i);
        painter.setPen(QPen(ink, 2, i == 0 ? Qt::SolidLine : Qt::DotLine));
        painter.drawLine(QPointF(frame.x(point.low), y), QPointF(frame.x(point.high), y));
        painter.setPen(QPen(ink, 1.5));
        for (const double end : {point.low, point.high}) {
            painter.drawLine(QPointF(frame.x(end), y - 3), QPointF(frame.x(end), y + 3));
        }
        paintMark(painter, {frame.x(point.value), y}, i, ink,
                  row == m_hovered ? t.hover : t.surface);
    }
}

void IntervalChart::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Frame where = frame();
    paintLegend(painter);
    // Grounds of rows go below the axis.
    for (int row = 0; row < m_rows.size(); ++row) {
        paintRow(painter, where, row);
    }
    paintAxis(painter, where);
    for (int row = 0; row < m_rows.size(); ++row) {
        if (row != m_hovered && !(row == m_current && hasFocus())) {
            continue;
        }
        painter.setPen(QPen(tokens().accent, 1));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(QRectF(rowRect(row)).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4);
    }
}

int IntervalChart::rowAt(const QPoint& point) const {
    const int row = point.y() < frame().top ? -1 : (point.y() - frame().top) / rowHeight();
    return row < m_rows.size() ? row : -1;
}

void IntervalChart::mousePressEvent(QMouseEvent* event) {
    const int row = rowAt(event->position().toPoint());
    if (row >= 0 && event->button() == Qt::LeftButton) {
        m_current = row;
        Q_EMIT rowChosen(row);
    }
}

void IntervalChart::mouseMoveEvent(QMouseEvent* event) {
    const int row = rowAt(event->position().toPoint());
    if (row != m_hovered) {
        m_hovered = row;
        setCursor(row >= 0 ? Qt::PointingHandCursor : Qt::ArrowCursor);
        update();
    }
}

void IntervalChart::leaveEvent(QEvent* event) {
    m_hovered = -1;
    update();
    QWidget::leaveEvent(event);
}

void IntervalChart::keyPressEvent(QKeyEvent* event) {
    const int last = static_cast<int>(m_rows.size()) - 1;
    if (event->key() == Qt::Key_Down || event->key() == Qt::Key_Up) {
        m_current =
            std::clamp(m_current + (event->key() == Qt::Key_Down ? 1 : -1), 0, std::max(0, last));
        update();
    } else if ((event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) && last >= 0) {
        Q_EMIT rowChosen(m_current);
    } else {
        QWidget::keyPressEvent(event);
    }
}

void IntervalChart::focusInEvent(QFocusEvent* event) {
    QWidget::focusInEvent(event);
    update();
}

void IntervalChart::focusOutEvent(QFocusEvent* event) {
    QWidget::focusOutEvent(event);
    update();
}

bool IntervalChart::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const int row = rowAt(help->pos());
        showPlainToolTip(*help, row < 0 ? QString() : m_rows[row].toolTip, this);
        return true;
    }
    return QWidget::event(event);
}

FunnelChart::FunnelChart(const QString& accessibleName, QWidget* parent) : QWidget(parent) {
    setAccessibleName(accessibleName);
    setMouseTracking(true);
    setFocusPolicy(Qt::TabFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void FunnelChart::setRows(const QVector<FunnelRow>& rows) {
    m_stale = false;
    const bool other = rows.size() != m_rows.size();
    m_rows = rows;
    setAccessibleDescription(text());
    if (other) {
        m_hovered = -1;
        m_current = std::min(m_current, static_cast<int>(m_rows.size()) - 1);
        updateGeometry();
    }
    update();
}

void FunnelChart::setStale(bool stale) {
    m_stale = stale;
    update();
}

void FunnelChart::setCurrent(int row) {
    m_current = row;
    update();
}

QString FunnelChart::text() const {
    QStringList lines;
    for (const FunnelRow& row : m_rows) {
        QString line = row.title + QStringLiteral(": ") + models::grouped(row.left);
        if (row.dropped > 0) {
            line += QStringLiteral(" (−") + models::grouped(row.dropped) + QLatin1Char(')');
        }
        lines << line;
    }
    return lines.join(QLatin1Char('\n'));
}

int FunnelChart::rowHeight() const {
    return std::max(24, fontMetrics().height() + 8);
}

QRect FunnelChart::rowRect(int row) const {
    return {0, row * rowHeight(), width(), rowHeight()};
}

QSize FunnelChart::sizeHint() const {
    return {360, std::max(1, static_cast<int>(m_rows.size())) * rowHeight()};
}

QSize FunnelChart::minimumSizeHint() const {
    return {260, sizeHint().height()};
}

void FunnelChart::paintRow(QPainter& painter, int row) const {
    const Tokens& t = tokens();
    const FunnelRow& content = m_rows[row];
    const QRect box = rowRect(row);
    if (row == m_current || row == m_hovered) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(row == m_current ? t.accentTint : t.hover);
        painter.drawRoundedRect(box, 4, 4);
    }
    const QFont plain = font();
    const QFontMetrics metrics(plain);
    const int label = std::min(width() * 2 / 5, 190);
    const int figures = metrics.horizontalAdvance(QStringLiteral("1,000,000"));
    const bool grey = m_stale || content.off;
    painter.setFont(content.strong ? Theme::current().headingFont(1.0) : plain);
    painter.setPen(grey ? t.faint : t.text);
    painter.drawText(
        QRect(space::kOne, box.top(), label - space::kTwo, box.height()),
        Qt::AlignVCenter | Qt::AlignLeft,
        painter.fontMetrics().elidedText(content.title, Qt::ElideRight, label - space::kTwo));
    const QRectF track(label, box.top() + box.height() / 2.0 - 4,
                       std::max(20, width() - label - 2 * figures - space::kThree), 8);
    qint64 most = 1;
    for (const FunnelRow& one : m_rows) {
        most = std::max(most, one.left + one.dropped);
    }
    const auto all = static_cast<double>(most);
    const double leftWidth = track.width() * static_cast<double>(content.left) / all;
    const double lostWidth = track.width() * static_cast<double>(content.dropped) / all;
    painter.setPen(Qt::NoPen);
    painter.setBrush(t.border);
    painter.drawRoundedRect(track, 4, 4);
    if (content.left > 0 && !content.off) {
        painter.setBrush(m_stale ? t.borderStrong : t.accent);
        painter.drawRoundedRect(
            QRectF(track.left(), track.top(), std::max(3.0, leftWidth), track.height()), 4, 4);
    }
    if (content.dropped > 0 && !content.off) {
        painter.fillRect(
            QRectF(track.left() + leftWidth, track.top(), std::max(3.0, lostWidth), track.height())
                .intersected(track),
            QBrush(t.no, Qt::BDiagPattern));
    }
    painter.setFont(plain);
    painter.setPen(content.dropped > 0 && !grey ? t.no : t.faint);
    const QRect lostBox(width() - 2 * figures - space::kTwo, box.top(), figures, box.height());
    painter.drawText(lostBox, Qt::AlignVCenter | Qt::AlignRight,
                     content.off ? tr("off")
                     : content.dropped == 0
                         ? QString()
                         : QStringLiteral("−") + models::grouped(content.dropped));
    painter.setFont(content.strong ? Theme::current().headingFont(1.0) : plain);
    painter.setPen(grey ? t.faint : t.text);
    if (!content.off) {
        painter.drawText(QRect(width() - figures - space::kOne, box.top(), figures, box.height()),
                         Qt::AlignVCenter | Qt::AlignRight, models::grouped(content.left));
    }
}

void FunnelChart::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    for (int row = 0; row < m_rows.size(); ++row) {
        paintRow(painter, row);
    }
    if (hasFocus()) {
        painter.setPen(QPen(tokens().accent, 1));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4);
    }
}

int FunnelChart::rowAt(const QPoint& point) const {
    const int row = point.y() / rowHeight();
    return row >= 0 && row < m_rows.size() ? row : -1;
}

void FunnelChart::mousePressEvent(QMouseEvent* event) {
    const int row = rowAt(event->position().toPoint());
    if (row >= 0 && event->button() == Qt::LeftButton) {
        setCurrent(row);
        Q_EMIT stageChosen(row);
        Q_EMIT stageActivated(row);
    }
}

void FunnelChart::mouseMoveEvent(QMouseEvent* event) {
    const int row = rowAt(event->position().toPoint());
    if (row != m_hovered) {
        m_hovered = row;
        update();
    }
}

void FunnelChart::leaveEvent(QEvent* event) {
    m_hovered = -1;
    update();
    QWidget::leaveEvent(event);
}

void FunnelChart::keyPressEvent(QKeyEvent* event) {
    const int last = static_cast<int>(m_rows.size()) - 1;
    if ((event->key() == Qt::Key_Down || event->key() == Qt::Key_Up) && last >= 0) {
        setCurrent(std::clamp(m_current + (event->key() == Qt::Key_Down ? 1 : -1), 0, last));
        Q_EMIT stageChosen(m_current);
    } else if ((event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) &&
               m_current >= 0 && m_current <= last) {
        Q_EMIT stageActivated(m_current);
    } else {
        QWidget::keyPressEvent(event);
    }
}

void FunnelChart::focusInEvent(QFocusEvent* event) {
    QWidget::focusInEvent(event);
    update();
}

void FunnelChart::focusOutEvent(QFocusEvent* event) {
    QWidget::focusOutEvent(event);
    update();
}

bool FunnelChart::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const int row = rowAt(help->pos());
        showPlainToolTip(*help, row < 0 ? QString() : m_rows[row].toolTip, this);
        return true;
    }
    return QWidget::event(event);
}

} // namespace scrit::ui::widgets
