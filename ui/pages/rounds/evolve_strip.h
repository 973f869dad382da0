// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/evolution_values.h"

#include <QFrame>

class QAction;
class QLabel;
class QProgressBar;
class QPushButton;

namespace scrit::ui::widgets {
class ElidedLabel;
}

namespace scrit::ui::pages {

// Where the evolution that goes on stands: round, stage, how much of both, and a button that stops
// it. Hidden while none goes on. UI thread.
class EvolveStrip final : public QFrame {
    Q_OBJECT
public:
    EvolveStrip(QAction* stop, QWidget* parent);
    void setStatus(const models::EvolutionStatus& status);
    [[nodiscard]] QString text() const;

private:
    QLabel* m_title;
    widgets::ElidedLabel* m_message;
    QProgressBar* m_stage;
    QProgressBar* m_all;
    QLabel* m_percent;
    QPushButton* m_button;
};

} // namespace scrit::ui::pages
