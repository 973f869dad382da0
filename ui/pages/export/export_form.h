// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/export_values.h"
#include "ui/pages/page.h"

#include <QWidget>

class QCheckBox;
class QComboBox;
class QLineEdit;
class QSpinBox;

namespace scrit::ui::widgets {
class FilterEdit;
class FormGrid;
} // namespace scrit::ui::widgets

namespace scrit::ui::pages {

// What goes into a dataset and in which shape. Every choice says in a line what it does. UI thread.
class ExportFormView final : public QWidget {
    Q_OBJECT
public:
    ExportFormView(PageContext& context, QWidget* parent);
    // Without the folder.
    [[nodiscard]] models::ExportForm form() const;
    void setForm(const models::ExportForm& form);
    [[nodiscard]] widgets::FilterEdit& filter() const { return *m_filter; }
    // The first thing that keeps the dataset from being made; empty: nothing.
    [[nodiscard]] QString problem() const;
    void focusFirst();

Q_SIGNALS:
    void changed();

private:
    void addShape();
    void addCleaning();
    void addSelection();
    void connectFields();
    void viewChosen();
    void addEvaluationFile();
    QSpinBox* number(int most, const QString& none, const QString& name);
    [[nodiscard]] const models::ExportView* view() const; // null: none is chosen

    PageContext& m_context;
    widgets::FormGrid* m_grid;
    widgets::FilterEdit* m_filter = nullptr;
    QComboBox* m_view = nullptr;
    QCheckBox* m_parquet = nullptr;
    QCheckBox* m_mentions = nullptr;
    QCheckBox* m_copies = nullptr;
    QCheckBox* m_duplicates = nullptr;
    QSpinBox* m_near = nullptr;
    QLineEdit* m_evaluation = nullptr;
    QSpinBox* m_perSource = nullptr;
    QSpinBox* m_perStudent = nullptr;
    QComboBox* m_balance = nullptr;
    QComboBox* m_preference = nullptr;
    QComboBox* m_order = nullptr;
    QSpinBox* m_validation = nullptr;
    QSpinBox* m_test = nullptr;
    QLineEdit* m_seed = nullptr;
    int m_filterRow = 0;
    int m_viewRow = 0;
    int m_balanceRow = 0;
    int m_preferenceRow = 0;
    int m_orderRow = 0;
    int m_splitRow = 0;
    int m_seedRow = 0;
};

} // namespace scrit::ui::pages
