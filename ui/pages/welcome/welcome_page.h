// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAction>
#include <QWidget>

class QVBoxLayout;

namespace scrit::ui::pages {

// What stands there without a workspace: what one can do, and the workspaces of late. UI thread.
class WelcomePage final : public QWidget {
    Q_OBJECT
public:
    WelcomePage(QAction* create, QAction* open, QAction* sample, QWidget* parent);
    void setRecent(const QStringList& paths);

Q_SIGNALS:
    void recentChosen(const QString& path);

private:
    QVBoxLayout* m_recent = nullptr;
    QWidget* m_recentBox;
};

} // namespace scrit::ui::pages
