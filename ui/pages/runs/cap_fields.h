// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/run_values.h"

#include <QObject>

class QDoubleSpinBox;
class QSpinBox;

namespace scrit::ui::widgets {
class FormGrid;
}

namespace scrit::ui::pages {

// The three inputs of a run's caps, as rows of a form that owns them. UI thread.
class CapFields final : public QObject {
    Q_OBJECT
public:
    explicit CapFields(widgets::FormGrid& grid);
    void setCaps(const models::RunCaps& caps);
    [[nodiscard]] models::RunCaps caps() const;

Q_SIGNALS:
    void changed();

private:
    QSpinBox* m_requests;
    QDoubleSpinBox* m_tokens;
    QDoubleSpinBox* m_cost;
};

} // namespace scrit::ui::pages
