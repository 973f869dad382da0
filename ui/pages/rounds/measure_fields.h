// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/evolution_values.h"
#include "ui/pages/page.h"

#include <QObject>
#include <QTimer>

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QLineEdit;
class QListWidget;
class QPushButton;
class QSpinBox;

namespace scrit::ui::widgets {
class FilterEdit;
class FormGrid;
} // namespace scrit::ui::widgets

namespace scrit::ui::pages {

// What rounds are measured on, and how, as rows of a form that owns them. Where there is no
// evaluation set its rows make one: what would be frozen is counted off the UI thread a moment
// after each change. UI thread.
class MeasureFields final : public QObject {
    Q_OBJECT
public:
    MeasureFields(widgets::FormGrid& grid, PageContext& context);
    // The rows of how it is measured, for the end of the form.
    void addMeasurement();
    // Keeps what is chosen.
    void setChoices(const models::EvolutionChoices& choices);
    void setForm(const models::EvolutionForm& form);
    // Puts its part into a form.
    void fill(models::EvolutionForm& form) const;
    // Writes what is wrong beside each field; gives the first, empty: nothing.
    [[nodiscard]] QString check();

    // The rows that make a set.
    void showFreezing(bool shown);
    [[nodiscard]] bool isFreezing() const;
    [[nodiscard]] models::FreezeForm freezeForm() const;

Q_SIGNALS:
    void changed();

private:
    void addSets();
    void addFreezing();
    void connectService();
    void offerFreezing();
    void askFreeze();
    void showFreeze(const models::FreezePreview& preview);
    void freezeChanged();
    [[nodiscard]] QString freezeProblem() const;

    widgets::FormGrid& m_grid;
    PageContext& m_context;
    QListWidget* m_sets = nullptr;
    QPushButton* m_another = nullptr;
    QLineEdit* m_name = nullptr;
    widgets::FilterEdit* m_filter = nullptr;
    QSpinBox* m_limit = nullptr;
    QComboBox* m_balance = nullptr;
    QPushButton* m_freeze = nullptr;
    QVector<QCheckBox*> m_suites;
    QSpinBox* m_samples = nullptr;
    QDoubleSpinBox* m_temperature = nullptr;
    QSpinBox* m_tokens = nullptr;
    int m_setsRow = 0;
    int m_nameRow = 0;
    int m_filterRow = 0;
    int m_limitRow = 0;
    int m_balanceRow = 0;
    int m_freezeRow = 0;
    int m_suitesRow = -1;
    models::EvolutionChoices m_choices;
    QString m_caution;    // about the set that was frozen last
    QStringList m_wanted; // sets that are chosen once they are offered
    QTimer m_pause;       // after the last change of what to freeze
    quint64 m_token = 0;
    bool m_touched = false; // how much to freeze was chosen by hand
};

} // namespace scrit::ui::pages
