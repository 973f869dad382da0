// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/command_registry.h"

#include "ui/widgets/icons.h"

#include <QSettings>
#include <QWidget>

#include <algorithm>

namespace scrit::ui::widgets {

namespace {

constexpr auto kTipProperty = "scritTip";

QStringList portable(const QList<QKeySequence>& keys) {
    QStringList out;
    for (const QKeySequence& key : keys) {
        out << key.toString(QKeySequence::PortableText);
    }
    return out;
}

QList<QKeySequence> sequences(const QStringList& texts) {
    QList<QKeySequence> out;
    for (const QString& text : texts) {
        if (!text.isEmpty()) {
            out << QKeySequence(text, QKeySequence::PortableText);
        }
    }
    return out;
}

} // namespace

CommandRegistry::CommandRegistry(QObject* parent) : QObject(parent) {}

QAction* CommandRegistry::add(const Spec& spec, QWidget* owner, Qt::ShortcutContext context) {
    auto* action = new QAction(spec.text, owner);
    action->setObjectName(spec.id);
    action->setShortcutContext(context);
    action->setProperty(kTipProperty, spec.tip.isEmpty() ? spec.text : spec.tip);
    if (!spec.icon.isEmpty()) {
        action->setIcon(icon(spec.icon));
    }
    const auto saved = m_saved.constFind(spec.id);
    action->setShortcuts(saved == m_saved.constEnd() ? spec.keys : sequences(*saved));
    owner->addAction(action);
    const auto behind =
        std::upper_bound(m_commands.begin(), m_commands.end(), m_place,
                         [](int place, const Command& one) { return place < one.place; });
    m_commands.insert(behind, {spec.id, spec.category, action, spec.keys, m_place});
    refreshToolTip(action);
    connect(action, &QObject::destroyed, this, [this, id = spec.id] {
        m_commands.removeIf([&id](const Command& command) { return command.id == id; });
    });
    Q_EMIT added(spec.id);
    return action;
}

QAction* CommandRegistry::action(const QString& id) const {
    for (const Command& command : m_commands) {
        if (command.id == id) {
            return command.action;
        }
    }
    return nullptr;
}

QString CommandRegistry::keyText(const QAction* action) {
    QStringList texts;
    for (const QKeySequence& key : action->shortcuts()) {
        texts << key.toString(QKeySequence::NativeText);
    }
    return texts.join(QStringLiteral(" / "));
}

Command* CommandRegistry::find(const QString& id) {
    for (Command& command : m_commands) {
        if (command.id == id) {
            return &command;
        }
    }
    return nullptr;
}

void CommandRegistry::refreshToolTip(QAction* action) {
    const QString tip = action->property(kTipProperty).toString();
    const QString keys = keyText(action);
    action->setToolTip(keys.isEmpty() ? tip
                                      : tip + QStringLiteral("  (") + keys + QLatin1Char(')'));
}

void CommandRegistry::setTip(QAction* action, const QString& tip) {
    if (action->property(kTipProperty).toString() != tip) {
        action->setProperty(kTipProperty, tip);
        refreshToolTip(action);
    }
}

void CommandRegistry::setKeys(const QString& id, const QList<QKeySequence>& keys) {
    if (Command* command = find(id)) {
        command->action->setShortcuts(keys);
        refreshToolTip(command->action);
        Q_EMIT keysChanged(id);
    }
}

void CommandRegistry::resetKeys(const QString& id) {
    if (const Command* command = find(id)) {
        setKeys(id, QList<QKeySequence>(command->defaults));
    }
}

const Command* CommandRegistry::conflict(const QString& id, const QKeySequence& key) const {
    for (const Command& command : m_commands) {
        if (command.id != id && command.action->shortcuts().contains(key)) {
            return &command;
        }
    }
    return nullptr;
}

void CommandRegistry::save(QSettings& settings) const {
    settings.beginGroup(QStringLiteral("shortcuts"));
    for (const Command& command : m_commands) {
        if (command.action->shortcuts() != command.defaults) {
            settings.setValue(command.id, portable(command.action->shortcuts()));
        } else {
            settings.remove(command.id);
        }
    }
    settings.endGroup();
}

void CommandRegistry::load(const QSettings& settings) {
    const QString prefix = QStringLiteral("shortcuts/");
    for (const QString& key : settings.allKeys()) {
        if (key.startsWith(prefix)) {
            m_saved.insert(key.mid(prefix.size()), settings.value(key).toStringList());
        }
    }
    for (const Command& command : std::as_const(m_commands)) {
        const auto saved = m_saved.constFind(command.id);
        if (saved != m_saved.constEnd()) {
            setKeys(command.id, sequences(*saved));
        }
    }
}

} // namespace scrit::ui::widgets
