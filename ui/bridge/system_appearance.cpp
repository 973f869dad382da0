// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/bridge/system_appearance.h"

#include <QGuiApplication>
#include <QPalette>
#include <QStyleHints>

#ifdef SCRIT_HAVE_DBUS
#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QDBusVariant>
#endif

namespace scrit::ui::bridge {

#ifdef SCRIT_HAVE_DBUS
namespace {

constexpr auto kService = "org.freedesktop.portal.Desktop";
constexpr auto kPath = "/org/freedesktop/portal/desktop";
constexpr auto kInterface = "org.freedesktop.portal.Settings";
constexpr auto kGroup = "org.freedesktop.appearance";
constexpr auto kKey = "color-scheme";

// 0: no preference, 1: dark, 2: light. Older portals wrap the value twice.
int schemeOf(QVariant value) {
    while (value.canConvert<QDBusVariant>()) {
        value = value.value<QDBusVariant>().variant();
    }
    return value.toInt();
}

} // namespace
#endif

SystemAppearance::SystemAppearance(QObject* parent) : QObject(parent) {
    const QPalette palette = QGuiApplication::palette();
    m_dark = palette.color(QPalette::Window).lightness() <
             palette.color(QPalette::WindowText).lightness();
#if QT_VERSION >= QT_VERSION_CHECK(6, 5, 0)
    QStyleHints* hints = QGuiApplication::styleHints();
    if (hints->colorScheme() != Qt::ColorScheme::Unknown) {
        m_dark = hints->colorScheme() == Qt::ColorScheme::Dark;
    }
    connect(hints, &QStyleHints::colorSchemeChanged, this,
            [this](Qt::ColorScheme scheme) { setDark(scheme == Qt::ColorScheme::Dark); });
#endif
    listenToPortal();
}

void SystemAppearance::setDark(bool dark) {
    if (m_dark != dark) {
        m_dark = dark;
        Q_EMIT changed(dark);
    }
}

void SystemAppearance::listenToPortal() {
#ifdef SCRIT_HAVE_DBUS
    QDBusConnection bus = QDBusConnection::sessionBus();
    if (!bus.isConnected()) {
        return;
    }
    bus.connect(QLatin1String(kService), QLatin1String(kPath), QLatin1String(kInterface),
                QStringLiteral("SettingChanged"), this,
                SLOT(portalSettingChanged(QString, QString, QDBusVariant)));
    QDBusMessage question =
        QDBusMessage::createMethodCall(QLatin1String(kService), QLatin1String(kPath),
                                       QLatin1String(kInterface), QStringLiteral("Read"));
    question << QString::fromLatin1(kGroup) << QString::fromLatin1(kKey);
    auto* watcher = new QDBusPendingCallWatcher(bus.asyncCall(question), this);
    connect(watcher, &QDBusPendingCallWatcher::finished, this,
            [this](QDBusPendingCallWatcher* call) {
                const QDBusPendingReply<QVariant> reply = *call;
                call->deleteLater();
                const int scheme = reply.isValid() ? schemeOf(reply.value()) : 0;
                if (scheme != 0) {
                    setDark(scheme == 1);
                }
            });
#endif
}

#ifdef SCRIT_HAVE_DBUS
void SystemAppearance::portalSettingChanged(const QString& group, const QString& key,
                                            const QDBusVariant& value) {
    if (group == QLatin1String(kGroup) && key == QLatin1String(kKey)) {
        setDark(schemeOf(value.variant()) == 1);
    }
}
#endif

} // namespace scrit::ui::bridge
