// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/icons.h"

#include "ui/widgets/theme.h"

#include <QFile>
#include <QIconEngine>
#include <QPainter>
#include <QPixmapCache>
#include <QSvgRenderer>

namespace scrit::ui::widgets {

namespace {

class ThemedIconEngine final : public QIconEngine {
public:
    explicit ThemedIconEngine(QString name) : m_name(std::move(name)) {}

    void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode,
               QIcon::State state) override {
        const qreal ratio = painter->device()->devicePixelRatioF();
        const int size = std::min(rect.width(), rect.height());
        const QPixmap pixmap = tintedPixmap(m_name, color(mode, state), size, ratio);
        painter->drawPixmap(rect.x() + (rect.width() - size) / 2,
                            rect.y() + (rect.height() - size) / 2, pixmap);
    }
    QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override {
        return tintedPixmap(m_name, color(mode, state), std::min(size.width(), size.height()), 1.0);
    }
    QPixmap scaledPixmap(const QSize& size, QIcon::Mode mode, QIcon::State state,
                         qreal scale) override {
        // `size` is in device pixels already.
        QPixmap pixmap =
            tintedPixmap(m_name, color(mode, state), std::min(size.width(), size.height()), 1.0);
        pixmap.setDevicePixelRatio(scale);
        return pixmap;
    }
    [[nodiscard]] QIconEngine* clone() const override { return new ThemedIconEngine(m_name); }
    bool isNull() override { return !QFile::exists(path()); }
    QString iconName() override { return m_name; }

private:
    [[nodiscard]] QString path() const {
        return QStringLiteral(":/icons/") + m_name + QStringLiteral(".svg");
    }
    static QColor color(QIcon::Mode mode, QIcon::State state) {
        const Tokens& t = tokens();
        if (mode == QIcon::Disabled) {
            return t.faint;
        }
        return state == QIcon::On ? t.accent : mode == QIcon::Active ? t.text : t.muted;
    }
    QString m_name;
};

} // namespace

QIcon icon(const QString& name) {
    return QIcon(new ThemedIconEngine(name));
}

QPixmap tintedPixmap(const QString& name, const QColor& color, int size, qreal devicePixelRatio) {
    const int pixels = qRound(size * devicePixelRatio);
    const QString key = QStringLiteral("scrit/") + name + QLatin1Char('/') + color.name() +
                        QLatin1Char('/') + QString::number(pixels);
    QPixmap pixmap;
    if (!QPixmapCache::find(key, &pixmap)) {
        pixmap = QPixmap(std::max(pixels, 1), std::max(pixels, 1));
        pixmap.fill(Qt::transparent);
        QFile file(QStringLiteral(":/icons/") + name + QStringLiteral(".svg"));
        if (file.open(QIODevice::ReadOnly)) {
            QByteArray svg = file.readAll();
            svg.replace("currentColor", color.name().toLatin1());
            QSvgRenderer renderer(svg);
            QPainter painter(&pixmap);
            renderer.render(&painter);
        }
        QPixmapCache::insert(key, pixmap);
    }
    pixmap.setDevicePixelRatio(devicePixelRatio);
    return pixmap;
}

} // namespace scrit::ui::widgets
