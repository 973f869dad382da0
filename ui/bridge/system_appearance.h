// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

#ifdef SCRIT_HAVE_DBUS
#include <QDBusVariant>
#endif

namespace scrit::ui::bridge {

// Whether the desktop prefers dark: what the settings portal of the session says where there is
// one, else what the platform's own palette looked like at start. Asks without blocking; changed()
// follows every change. UI thread. Make it before the application's palette is replaced.
class SystemAppearance : public QObject {
    Q_OBJECT
public:
    explicit SystemAppearance(QObject* parent = nullptr);
    [[nodiscard]] bool isDark() const { return m_dark; }

Q_SIGNALS:
    void changed(bool dark);

private:
    void setDark(bool dark);
    void listenToPortal();

    bool m_dark = false;

private Q_SLOTS:
#ifdef SCRIT_HAVE_DBUS
    void portalSettingChanged(const QString& group, const QString& key, const QDBusVariant& value);
#endif
};

} // namespace scrit::ui::bridge
