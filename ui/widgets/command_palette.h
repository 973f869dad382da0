// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/widgets/command_registry.h"

#include <QAbstractListModel>
#include <QFrame>

class QLineEdit;
class QListView;

namespace scrit::ui::widgets {

// How well `pattern` (typed letters in order, any case) fits `text`: higher is better, -1 not at
// all. Starts of words and runs count more. Pure.
[[nodiscard]] int fuzzyScore(const QString& pattern, const QString& text);

// The commands that fit what was typed, best first; disabled ones are left out.
class CommandListModel final : public QAbstractListModel {
    Q_OBJECT
public:
    enum Role { CategoryRole = Qt::UserRole + 1, KeysRole };
    explicit CommandListModel(const CommandRegistry& registry, QObject* parent = nullptr);
    void setPattern(const QString& pattern);
    [[nodiscard]] QAction* actionAt(int row) const;
    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;

private:
    const CommandRegistry& m_registry;
    QVector<Command> m_found;
};

// Ctrl+K: a box over the window's top with every command; type, choose with the arrows, Enter runs
// it, Escape closes. Nothing is run while it is open. It is on screen before commandsWanted() is
// answered, which takes its time, and fills as commands come; Enter waits for all of them, unless
// one was chosen with the arrows.
class CommandPalette final : public QFrame {
    Q_OBJECT
public:
    CommandPalette(const CommandRegistry& registry, QWidget* window);
    void open();
    // More commands may be in the registry, or all of them.
    void commandsCame(bool all);

Q_SIGNALS:
    // All commands are to come into the registry; answered with commandsCame().
    void commandsWanted();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void refill();
    void enter();
    void place();
    void run(const QModelIndex& index);
    void close();

    CommandListModel* m_model;
    QLineEdit* m_edit;
    QListView* m_list;
    QWidget* m_before = nullptr; // had the focus
    bool m_whole = false;        // all commands are there
    bool m_entered = false;      // Enter waits for them
    bool m_moved = false;        // the choice is the user's
};

} // namespace scrit::ui::widgets
