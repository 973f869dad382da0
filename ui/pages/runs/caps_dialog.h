// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/run_values.h"

#include <QDialog>

namespace scrit::ui::pages {

class CapFields;

// Changes the caps of a stored run and goes on with it: accepted() comes when the button was
// pressed, and caps() is what was typed. UI thread.
class CapsDialog final : public QDialog {
    Q_OBJECT
public:
    CapsDialog(const models::RunSummary& run, QWidget* parent);
    [[nodiscard]] models::RunCaps caps() const;

private:
    CapFields* m_fields;
};

} // namespace scrit::ui::pages
