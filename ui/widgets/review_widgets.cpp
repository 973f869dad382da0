// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/review_widgets.h"

#include "ui/widgets/theme.h"

#include <QAction>
#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>

namespace scrit::ui::widgets {

namespace {

constexpr int kBetween = 4; // squares and chips

void paintKeyCap(QPainter& painter, const QRect& box, const QString& key, bool enabled) {
    const Tokens& t = tokens();
    painter.setPen(QPen(enabled ? t.borderStrong : t.border, 1));
    painter.setBrush(t.sunken);
    painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4);
    painter.setPen(enabled ? t.muted : t.faint);
    painter.drawText(box, Qt::AlignCenter, key);
}

} // namespace

KeyButton::KeyButton(QAction* action, models::Mark mark, QWidget* parent)
    : QAbstractButton(parent), m_action(action), m_mark(mark) {
    setFocusPolicy(Qt::NoFocus);
    setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Fixed);
    setAttribute(Qt::WA_Hover);
    connect(action, &QAction::changed, this, &KeyButton::follow);
    connect(this, &QAbstractButton::clicked, action, &QAction::trigger);
    follow();
}

void KeyButton::follow() {
    setText(m_action->iconText());
    setEnabled(m_action->isEnabled());
    setCheckable(m_action->isCheckable());
    setChecked(m_action->isChecked());
    setVisible(m_action->isVisible());
    setToolTip(m_action->toolTip());
    setAccessibleName(m_action->text());
    const QKeySequence key = m_action->shortcut();
    m_key = key.toString(QKeySequence::NativeText);
    updateGeometry();
    update();
}

int KeyButton::wordsAt() const {
    const QFontMetrics small(Theme::current().smallFont());
    const int cap = m_key.isEmpty() ? 0 : std::max(18, small.horizontalAdvance(m_key) + 8) + 6;
    const int mark = m_mark == models::Mark::None
                         ? 0
                         : fontMetrics().horizontalAdvance(models::markText(m_mark)) + 5;
    return 6 + cap + mark;
}

QSize KeyButton::sizeHint() const {
    return {wordsAt() + fontMetrics().horizontalAdvance(text()) + space::kOne,
            std::max(28, fontMetrics().height() + 10)};
}

QSize KeyButton::minimumSizeHint() const {
    return {wordsAt() + 2, sizeHint().height()};
}

bool KeyButton::event(QEvent* event) {
    if (event->type() == QEvent::HoverEnter || event->type() == QEvent::HoverLeave) {
        update();
    }
    return QAbstractButton::event(event);
}

void KeyButton::paintEvent(QPaintEvent*) {
    const Tokens& t = tokens();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    if (isChecked() || isDown() || (underMouse() && isEnabled())) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(isChecked() ? t.accentTint : isDown() ? t.border : t.hover);
        painter.drawRoundedRect(rect(), space::kRadius, space::kRadius);
    }
    int x = 6;
    if (!m_key.isEmpty()) {
        const QFont small = Theme::current().smallFont();
        painter.setFont(small);
        const int width = std::max(18, QFontMetrics(small).horizontalAdvance(m_key) + 8);
        paintKeyCap(painter, QRect(x, (height() - 18) / 2, width, 18), m_key, isEnabled());
        x += width + 6;
    }
    painter.setFont(font());
    if (m_mark != models::Mark::None) {
        painter.setPen(isEnabled() ? t.mark(m_mark) : t.faint);
        const QString mark = models::markText(m_mark);
        painter.drawText(QRect(x, 0, width(), height()), Qt::AlignVCenter | Qt::AlignLeft, mark);
        x += fontMetrics().horizontalAdvance(mark) + 5;
    }
    painter.setPen(isEnabled() ? t.text : t.faint);
    const int least = std::min(24, fontMetrics().horizontalAdvance(text())); // less says nothing
    if (const int room = width() - x - 2; room >= least) {
        painter.drawText(QRect(x, 0, room + 2, height()), Qt::AlignVCenter | Qt::AlignLeft,
                         fontMetrics().elidedText(text(), Qt::ElideRight, room));
    }
}

StepPad::StepPad(QWidget* parent) : QWidget(parent) {
    setMouseTracking(true);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAccessibleName(tr("First wrong step"));
}

void StepPad::setSteps(int count, std::optional<int> claimed) {
    m_count = std::max(0, count);
    m_claimed = claimed;
    m_hovered = -2;
    setAccessibleDescription(tr("%1 steps").arg(m_count));
    updateGeometry();
    update();
}

void StepPad::setSelected(int step) {
    m_selected = step;
    update();
}

void StepPad::setChosen(std::optional<int> step) {
    m_chosen = step;
    update();
}

void StepPad::setLabels(const QVector<QPair<int, models::StepLabel>>& labels) {
    m_labels = labels;
    update();
}

std::optional<models::StepLabel> StepPad::label(int step) const {
    for (const auto& [at, label] : m_labels) {
        if (at == step) {
            return label;
        }
    }
    return std::nullopt;
}

int StepPad::side() const {
    return std::max(24, fontMetrics().height() + 6);
}

QSize StepPad::sizeHint() const {
    return {(m_count + 1) * (side() + kBetween), side() + 4};
}

QSize StepPad::minimumSizeHint() const {
    return {3 * (side() + kBetween), side() + 4};
}

int StepPad::visibleSteps() const {
    return std::max(1, width() / (side() + kBetween) - 1);
}

// The selected step is kept in sight.
int StepPad::firstVisible() const {
    const int shown = visibleSteps();
    return m_count <= shown ? 0 : std::clamp(m_selected - shown / 2, 0, m_count - shown);
}

QRect StepPad::square(int step) const {
    const int column = step < 0 ? 0 : step - firstVisible() + 1;
    if (step >= m_count || (step >= 0 && (column < 1 || column > visibleSteps()))) {
        return {};
    }
    return {column * (side() + kBetween), 2, side(), side()};
}

int StepPad::stepAt(const QPoint& point) const {
    for (int step = -1; step < m_count; ++step) {
        if (square(step).contains(point)) {
            return step;
        }
    }
    return -2;
}

void StepPad::paintEvent(QPaintEvent*) {
    const Tokens& t = tokens();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    for (int step = -1; step < m_count; ++step) {
        const QRect box = square(step);
        if (box.isEmpty()) {
            continue;
        }
        const bool chosen = m_chosen == step;
        const auto said = label(step);
        const QRectF shape = QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5);
        QColor ground = step == m_hovered ? t.hover : t.surface;
        QColor ink = step < 0 ? t.muted : t.text;
        if (chosen) {
            ground = step < 0 ? t.yes : t.no;
            ink = t.surface;
        } else if (said) {
            ground = t.markTint(models::stepLabelMark(*said));
        }
        QPen pen(step == m_selected && step >= 0 ? t.accent : t.borderStrong,
                 step == m_selected && step >= 0 ? 2 : 1);
        painter.setPen(pen);
        painter.setBrush(ground);
        painter.drawRoundedRect(shape, 4, 4);
        if (m_claimed == step) { // what the critique says: a bar below, not a colour alone
            painter.fillRect(QRectF(box.left() + 5, box.bottom() - 4, box.width() - 10, 2),
                             chosen ? t.surface : (step < 0 ? t.yes : t.no));
        }
        painter.setPen(ink);
        painter.drawText(box.adjusted(0, -1, 0, -1), Qt::AlignCenter,
                         step < 0 ? QStringLiteral("✓") : QString::number(step + 1));
    }
    if (m_count > visibleSteps()) {
        painter.setPen(t.faint);
        if (firstVisible() + visibleSteps() < m_count) {
            painter.drawText(QRect(width() - 12, 0, 12, height()), Qt::AlignCenter,
                             QStringLiteral("…"));
        }
    }
}

void StepPad::mousePressEvent(QMouseEvent* event) {
    const int step = stepAt(event->position().toPoint());
    if (step >= -1) {
        Q_EMIT stepChosen(step);
    }
}

void StepPad::mouseMoveEvent(QMouseEvent* event) {
    const int step = stepAt(event->position().toPoint());
    if (step != m_hovered) {
        m_hovered = step;
        update();
    }
}

void StepPad::leaveEvent(QEvent* event) {
    m_hovered = -2;
    update();
    QWidget::leaveEvent(event);
}

bool StepPad::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const int step = stepAt(help->pos());
        if (step < -1) {
            QToolTip::hideText();
            return true;
        }
        QStringList lines{step < 0 ? tr("No step is wrong")
                                   : tr("Step %1 is the first wrong one").arg(step + 1)};
        if (m_claimed == step) {
            lines << tr("That is what the critique says");
        }
        QToolTip::showText(help->globalPos(), lines.join(QLatin1Char('\n')), this);
        return true;
    }
    return QWidget::event(event);
}

HistoryStrip::HistoryStrip(QWidget* parent) : QWidget(parent) {
    setMouseTracking(true);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAccessibleName(tr("Your last judgements"));
}

void HistoryStrip::setHistory(const models::ReviewHistory& history) {
    m_history = history;
    m_hovered = -1;
    setAccessibleDescription(text());
    update();
}

QString HistoryStrip::words(const models::HistoryEntry& entry) const {
    QString out = entry.skipped ? tr("skipped") : models::judgementPhrase(entry.judgement);
    if (entry.differs && !entry.skipped) {
        out += QStringLiteral(" ≠");
    }
    if (entry.goldRight) {
        out += *entry.goldRight ? QStringLiteral(" ★✓") : QStringLiteral(" ★✗");
    }
    return out;
}

QString HistoryStrip::text() const {
    QStringList lines;
    for (const models::HistoryEntry& entry : m_history) {
        lines << QString::number(entry.position + 1) + QLatin1Char(' ') + words(entry);
    }
    return lines.join(QLatin1Char('\n'));
}

QSize HistoryStrip::sizeHint() const {
    return {400, QFontMetrics(Theme::current().smallFont()).height() + 8};
}

QSize HistoryStrip::minimumSizeHint() const {
    return {80, sizeHint().height()};
}

QRect HistoryStrip::chip(int index) const {
    const QFontMetrics metrics(Theme::current().smallFont());
    int x = 0;
    for (int i = 0; i <= index && i < m_history.size(); ++i) {
        const models::HistoryEntry& entry = m_history[i];
        const int lead =
            metrics.horizontalAdvance(QString::number(entry.position + 1) + QLatin1Char(' '));
        const models::Mark mark =
            entry.skipped ? models::Mark::None : models::judgementMark(entry.judgement);
        const int sign = mark == models::Mark::None
                             ? 0
                             : metrics.horizontalAdvance(models::markText(mark) + QLatin1Char(' '));
        const int wide = lead + sign + metrics.horizontalAdvance(words(entry)) + 14;
        if (x + wide > width()) {
            return {};
        }
        if (i == index) {
            return {x, 0, wide, height()};
        }
        x += wide + kBetween;
    }
    return {};
}

int HistoryStrip::entryAt(const QPoint& point) const {
    for (int i = 0; i < m_history.size(); ++i) {
        const QRect box = chip(i);
        if (box.isEmpty()) {
            break;
        }
        if (box.contains(point)) {
            return i;
        }
    }
    return -1;
}

void HistoryStrip::paintEvent(QPaintEvent*) {
    const Tokens& t = tokens();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QFont font = Theme::current().smallFont();
    painter.setFont(font);
    const QFontMetrics metrics(font);
    if (m_history.isEmpty()) {
        painter.setPen(t.muted);
        painter.drawText(rect(), Qt::AlignVCenter | Qt::AlignLeft,
                         tr("Your last judgements will stand here; a click goes back to one."));
        return;
    }
    for (int i = 0; i < m_history.size(); ++i) {
        const QRect box = chip(i);
        if (box.isEmpty()) {
            break;
        }
        const models::HistoryEntry& entry = m_history[i];
        const models::Mark mark =
            entry.skipped ? models::Mark::None : models::judgementMark(entry.judgement);
        painter.setPen(entry.differs ? QPen(t.no, 1, Qt::DashLine) : QPen(Qt::NoPen));
        painter.setBrush(i == m_hovered               ? t.hover
                         : mark == models::Mark::None ? t.unknownTint
                                                      : t.markTint(mark));
        painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4);
        int x = box.left() + 7;
        const auto draw = [&](const QString& what, const QColor& ink) {
            painter.setPen(ink);
            painter.drawText(QRect(x, 0, box.right() - x, height()),
                             Qt::AlignVCenter | Qt::AlignLeft, what);
            x += metrics.horizontalAdvance(what + QLatin1Char(' '));
        };
        draw(QString::number(entry.position + 1), t.muted);
        if (mark != models::Mark::None) {
            draw(models::markText(mark), t.mark(mark));
        }
        draw(words(entry), t.text);
    }
}

void HistoryStrip::mousePressEvent(QMouseEvent* event) {
    const int at = entryAt(event->position().toPoint());
    if (at >= 0) {
        Q_EMIT entryChosen(m_history[at].position);
    }
}

void HistoryStrip::mouseMoveEvent(QMouseEvent* event) {
    const int at = entryAt(event->position().toPoint());
    if (at != m_hovered) {
        m_hovered = at;
        setCursor(at >= 0 ? Qt::PointingHandCursor : Qt::ArrowCursor);
        update();
    }
}

void HistoryStrip::leaveEvent(QEvent* event) {
    m_hovered = -1;
    update();
    QWidget::leaveEvent(event);
}

bool HistoryStrip::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const int at = entryAt(help->pos());
        if (at < 0) {
            QToolTip::hideText();
        } else { // a comment or a tag may hold anything
            QToolTip::showText(help->globalPos(),
                               QStringLiteral("<p style='white-space:pre-wrap'>%1</p>")
                                   .arg(models::historyText(m_history[at]).toHtmlEscaped()),
                               this);
        }
        return true;
    }
    return QWidget::event(event);
}

ReviewMeter::ReviewMeter(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void ReviewMeter::setProgress(const models::ReviewProgress& progress) {
    m_progress = progress;
    setToolTip(text());
    setAccessibleName(text());
    update();
}

QString ReviewMeter::text() const {
    return tr("%1 of %2 by you · %3 by anyone")
        .arg(models::grouped(m_progress.mine), models::grouped(m_progress.items),
             models::grouped(m_progress.anyone));
}

void ReviewMeter::paintEvent(QPaintEvent*) {
    const Tokens& t = tokens();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    const double all = static_cast<double>(std::max<qint64>(1, m_progress.items));
    const QRectF track(0, height() / 2.0 - 3, width(), 6);
    painter.setBrush(t.border);
    painter.drawRoundedRect(track, 3, 3);
    const auto part = [&](qint64 count, const QBrush& brush) {
        if (count > 0) {
            const double wide = std::max(6.0, track.width() * static_cast<double>(count) / all);
            painter.setBrush(brush);
            painter.drawRoundedRect(
                QRectF(track.left(), track.top(), std::min(wide, track.width()), track.height()), 3,
                3);
        }
    };
    QColor others = t.accent;
    others.setAlphaF(0.35F);
    part(m_progress.anyone, others);
    part(m_progress.mine, t.accent);
}

} // namespace scrit::ui::widgets
