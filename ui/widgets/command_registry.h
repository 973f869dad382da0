// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAction>
#include <QHash>
#include <QKeySequence>
#include <QList>
#include <QObject>
#include <QVector>

class QSettings;

namespace scrit::ui::widgets {

// One thing the user can do. The action is owned by the widget it was added to.
struct Command {
    QString id;       // stable, for settings: "traces.next"
    QString category; // "Traces"
    QAction* action = nullptr;
    QList<QKeySequence> defaults;
    int place = 0; // see CommandRegistry::setPlace()
};

// Every action of the application by id: what the command palette lists and whose keys Settings
// changes. Tooltips always end with the key. UI thread.
class CommandRegistry : public QObject {
    Q_OBJECT
public:
    explicit CommandRegistry(QObject* parent = nullptr);

    struct Spec {
        QString id;
        QString category;
        QString text;
        QList<QKeySequence> keys;
        QString icon = {};
        QString tip = {}; // a sentence; the text when empty
    };
    // Commands that are added from now on stand behind those of this place and of places before it,
    // whenever they are added.
    void setPlace(int place) { m_place = place; }
    // Makes an action on `owner` (whose focus decides where the keys work when `context` is
    // narrower than the window) and registers it.
    QAction* add(const Spec& spec, QWidget* owner,
                 Qt::ShortcutContext context = Qt::WindowShortcut);

    [[nodiscard]] const QVector<Command>& commands() const { return m_commands; }
    [[nodiscard]] QAction* action(const QString& id) const;
    // Keys shown to people: "Ctrl+K", or empty.
    [[nodiscard]] static QString keyText(const QAction* action);
    // Another sentence for the tooltip; the key stays at its end.
    static void setTip(QAction* action, const QString& tip);

    void setKeys(const QString& id, const QList<QKeySequence>& keys);
    void resetKeys(const QString& id);
    // The command that already has one of these keys, or null.
    [[nodiscard]] const Command* conflict(const QString& id, const QKeySequence& key) const;

    // Only what differs from the defaults; what is stored about commands that are not there yet
    // stays.
    void save(QSettings& settings) const;
    void load(const QSettings& settings);

Q_SIGNALS:
    void keysChanged(const QString& id);
    void added(const QString& id);

private:
    [[nodiscard]] Command* find(const QString& id);
    static void refreshToolTip(QAction* action);
    QVector<Command> m_commands; // by place
    int m_place = 0;
    QHash<QString, QStringList> m_saved; // keys of commands that are added later
};

} // namespace scrit::ui::widgets
