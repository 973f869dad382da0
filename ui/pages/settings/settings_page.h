// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/page.h"

#include <QTimer>

class QLabel;
class QLineEdit;
class QTreeWidget;
class QTreeWidgetItem;

namespace scrit::ui::widgets {
class Segmented;
}

namespace scrit::ui::pages {

// Settings: theme, text size, keys, what is kept on disk, and what the program is made of.
// Everything takes effect at once; there is nothing to confirm. UI thread.
class SettingsPage final : public Page {
    Q_OBJECT
public:
    explicit SettingsPage(PageContext& context, QWidget* parent);
    void activated() override;

private:
    QWidget* appearance();
    QWidget* keys();
    QWidget* data();
    QWidget* about();
    void fillKeys();
    void filterKeys(const QString& pattern);
    void editKey(QTreeWidgetItem* item);
    void measureCache();

    widgets::Segmented* m_theme = nullptr;
    QLabel* m_scale = nullptr;
    QTreeWidget* m_keys = nullptr;
    QLabel* m_conflict = nullptr;
    QLabel* m_cache = nullptr;
    QString m_pattern; // of the keys that are listed
    QTimer m_refill;   // after commands that came together
};

} // namespace scrit::ui::pages
