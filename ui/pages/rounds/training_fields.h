// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/evolution_values.h"

#include <QObject>

class QCheckBox;
class QComboBox;
class QLineEdit;
class QSpinBox;

namespace scrit::ui::widgets {
class FormGrid;
}

namespace scrit::ui::pages {

// Who trains, on what and how, as rows of a form that owns them. UI thread.
class TrainingFields final : public QObject {
    Q_OBJECT
public:
    explicit TrainingFields(widgets::FormGrid& grid);
    // Keeps what is chosen; what is not offered yet is chosen once it is.
    void setChoices(const models::EvolutionChoices& choices);
    void setForm(const models::EvolutionForm& form);
    // Puts its part into a form.
    void fill(models::EvolutionForm& form) const;
    [[nodiscard]] QString trainer() const;
    // The miniature's texts are all made of the same sentences: what repeats the reference or
    // shares words with evaluation problems is kept, and only the builtin trainer trains it.
    void suitMiniature(bool isMiniature);
    // Writes what is wrong beside each field; gives the first, empty: nothing.
    [[nodiscard]] QString check();

Q_SIGNALS:
    void changed();

private:
    void addTrainer(widgets::FormGrid& grid);
    void addSettings(widgets::FormGrid& grid);
    void addData(widgets::FormGrid& grid);
    void addKept(widgets::FormGrid& grid);
    void connectFields();
    [[nodiscard]] bool wantsTemplate() const;

    widgets::FormGrid& m_grid;
    QComboBox* m_trainer = nullptr;
    QComboBox* m_template = nullptr;
    QSpinBox* m_epochs = nullptr;
    QSpinBox* m_batch = nullptr;
    QLineEdit* m_rate = nullptr;
    QSpinBox* m_lora = nullptr;
    QSpinBox* m_length = nullptr;
    QLineEdit* m_values = nullptr;
    QComboBox* m_from = nullptr;
    QComboBox* m_data = nullptr;
    QSpinBox* m_examples = nullptr;
    QComboBox* m_balance = nullptr;
    QComboBox* m_order = nullptr;
    QCheckBox* m_validate = nullptr;
    QCheckBox* m_copies = nullptr;
    QCheckBox* m_leaks = nullptr;
    QCheckBox* m_duplicates = nullptr;
    QCheckBox* m_overlaps = nullptr;
    int m_trainerRow = 0;
    int m_templateRow = 0;
    int m_rateRow = 0;
    int m_valuesRow = 0;
    bool m_miniature = false;
    QString m_wantedTrainer;
    QString m_wantedTemplate;
};

} // namespace scrit::ui::pages
