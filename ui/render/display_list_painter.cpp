// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/render/display_list_painter.h"

#include <QPainter>
#include <QPen>

#include <algorithm>
#include <cmath>

namespace scrit::ui::render {

namespace {

// The rectangle in device pixels with its thin side on whole pixels, at least one of them.
QRectF snapped(QRectF rect) {
    const auto snap = [](qreal from, qreal length) {
        const qreal whole = std::max<qreal>(1, std::round(length));
        return std::pair(std::round(from + (length - whole) / 2), whole);
    };
    if (rect.height() <= rect.width()) {
        const auto [y, height] = snap(rect.y(), rect.height());
        rect = QRectF(rect.x(), y, rect.width(), height);
    } else {
        const auto [x, width] = snap(rect.x(), rect.width());
        rect = QRectF(x, rect.y(), width, rect.height());
    }
    return rect;
}

class ListPainter {
public:
    // `fromDevice` is the world transform under which one unit is one device pixel.
    ListPainter(QPainter& painter, const QTransform& fromDevice, const DisplayList& list,
                const QColor& color, const QFont& font)
        : m_painter(painter), m_fromDevice(fromDevice), m_list(list), m_color(color), m_font(font) {
    }

    // `toDevice` maps thousandths of an em to device pixels.
    void paint(const QTransform& toDevice) {
        for (const DrawOp& op : m_list.ops) {
            clipTo(op.clip, toDevice);
            const QColor color = op.color.isValid() ? op.color : m_color;
            const QTransform transform = op.transform * toDevice;
            switch (op.kind) {
            case DrawOp::Kind::Glyph:
                m_painter.setWorldTransform(transform * m_fromDevice);
                m_painter.fillPath(op.path->path, color);
                break;
            case DrawOp::Kind::Rect:
                rect(op, transform, color);
                break;
            case DrawOp::Kind::Stroke:
                stroke(op, transform, color);
                break;
            case DrawOp::Kind::Text:
                text(op, transform, color);
                break;
            }
        }
        clipTo(-1, toDevice);
    }

private:
    void clipTo(std::int32_t clip, const QTransform& toDevice) {
        if (clip == m_clip) {
            return;
        }
        if (m_clip >= 0) {
            m_painter.restore();
        }
        if (clip >= 0) {
            m_painter.save();
            m_painter.setWorldTransform(toDevice * m_fromDevice);
            m_painter.setClipRect(m_list.clips[static_cast<std::size_t>(clip)], Qt::IntersectClip);
        }
        m_clip = clip;
    }

    void rect(const DrawOp& op, const QTransform& transform, const QColor& color) {
        QRectF rect = transform.mapRect(op.rect);
        if (transform.type() <= QTransform::TxScale) {
            rect = snapped(rect);
        }
        m_painter.setWorldTransform(m_fromDevice);
        m_painter.fillRect(rect, color);
    }

    void stroke(const DrawOp& op, const QTransform& transform, const QColor& color) {
        const qreal scale = std::sqrt(std::abs(transform.determinant()));
        const qreal width = std::max<qreal>(1, op.strokeWidth * scale);
        QPen pen(color, width, Qt::SolidLine, Qt::FlatCap, Qt::MiterJoin);
        if (op.dashed) {
            pen.setDashPattern({2, 2});
        }
        const QPainterPath path = transform.map(op.path->path);
        m_painter.setWorldTransform(m_fromDevice);
        const QRectF box = path.controlPointRect();
        const bool straight = box.width() < 0.01 || box.height() < 0.01;
        if (straight && !op.dashed) { // a table's line
            m_painter.fillRect(snapped(box.adjusted(box.width() < 0.01 ? -width / 2 : 0,
                                                    box.height() < 0.01 ? -width / 2 : 0,
                                                    box.width() < 0.01 ? width / 2 : 0,
                                                    box.height() < 0.01 ? width / 2 : 0)),
                               color);
            return;
        }
        m_painter.strokePath(path, pen);
    }

    void text(const DrawOp& op, const QTransform& transform, const QColor& color) {
        m_painter.setWorldTransform(transform * m_fromDevice);
        QFont font = m_font;
        font.setPixelSize(static_cast<int>(std::clamp(op.textSize, 1.0, 4000.0)));
        m_painter.setFont(font);
        m_painter.setPen(color);
        m_painter.drawText(QPointF(0, 0), op.text);
    }

    QPainter& m_painter;
    QTransform m_fromDevice;
    const DisplayList& m_list;
    QColor m_color;
    QFont m_font;
    std::int32_t m_clip = -1;
};

} // namespace

void paintDisplayList(QPainter& painter, const DisplayList& list, const QPointF& origin, qreal em,
                      const QColor& color, const QFont& font) {
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    // Qt puts more behind the world transform (device pixel ratio, a widget's offset): found by
    // dividing it out, so that snapping happens on true device pixels.
    const QTransform device = painter.deviceTransform();
    const QTransform fromDevice = device.inverted() * painter.worldTransform();
    const QPointF start = device.map(origin);
    const QTransform scaled = QTransform::fromScale(em / 1000, em / 1000) * device;
    // The baseline of the text around it is on a whole pixel too.
    const QTransform toDevice(scaled.m11(), scaled.m12(), scaled.m21(), scaled.m22(), start.x(),
                              std::round(start.y()));
    ListPainter(painter, fromDevice, list, color, font).paint(toDevice);
    painter.restore();
}

} // namespace scrit::ui::render
