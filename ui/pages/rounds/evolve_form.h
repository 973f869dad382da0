// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/evolution_values.h"
#include "ui/pages/page.h"

#include <QTimer>
#include <QWidget>

class QBoxLayout;
class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QListWidget;
class QSpinBox;

namespace scrit::ui::models {
class RunPreviewModel;
}
namespace scrit::ui::widgets {
class FactList;
class FilterEdit;
class FormGrid;
class PlainTable;
class Segmented;
} // namespace scrit::ui::widgets

namespace scrit::ui::pages {

// The form of a new evolution with its preview: what would be asked, trained and measured, computed
// off the UI thread a moment after each change, and the same as a command line. UI thread.
class EvolveForm final : public QWidget {
    Q_OBJECT
public:
    EvolveForm(PageContext& context, QAction* start, QWidget* parent);
    // Offers recipes, models, sets and trainers anew, keeping what was chosen.
    void prepare();
    [[nodiscard]] models::EvolutionForm form() const;
    void setForm(const models::EvolutionForm& form);
    // The first thing that keeps it from starting; empty: nothing.
    [[nodiscard]] QString problem() const;
    // Nothing keeps it, and its preview has come.
    [[nodiscard]] bool canStart() const { return m_previewOk && problem().isEmpty(); }
    // What the preview says, a line each.
    [[nodiscard]] QString previewText() const;
    // "scrit evolve W.scrit …" with what the form says.
    [[nodiscard]] QString command() const;
    void showTrouble(const models::Trouble& trouble);
    void focusFirst();
    void saveState() const;

Q_SIGNALS:
    void cancelled();

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    QWidget* buildFields();
    void buildTraining();
    QWidget* buildPreview();
    void connectFields();
    void fillModels();
    void setRecipes(const QVector<models::RecipeInfo>& recipes);
    void setChoices(const models::EvolutionChoices& choices);
    void changed();
    void askPreview();
    void showPreview(const models::EvolutionPreview& preview);
    void showCalls(const models::RunPreview& run);
    void updateStart();

    PageContext& m_context;
    QAction* m_start;
    widgets::FormGrid* m_grid = nullptr;
    QLineEdit* m_series = nullptr;
    QComboBox* m_recipe = nullptr;
    QComboBox* m_base = nullptr;
    QListWidget* m_students = nullptr;
    widgets::FilterEdit* m_filter = nullptr;
    QSpinBox* m_limit = nullptr;
    QListWidget* m_sets = nullptr;
    QSpinBox* m_rounds = nullptr;
    QComboBox* m_trainer = nullptr;
    QComboBox* m_template = nullptr;
    QComboBox* m_from = nullptr;
    QComboBox* m_data = nullptr;
    QSpinBox* m_examples = nullptr;
    QComboBox* m_balance = nullptr;
    QComboBox* m_order = nullptr;
    QCheckBox* m_validate = nullptr;
    QCheckBox* m_copies = nullptr;
    QCheckBox* m_overlaps = nullptr;
    QLineEdit* m_seed = nullptr;
    int m_baseRow = 0;
    int m_setsRow = 0;
    int m_filterRow = 0;
    int m_templateRow = 0;
    QLabel* m_previewState = nullptr;
    widgets::FactList* m_facts = nullptr;
    widgets::PlainTable* m_table = nullptr;
    models::RunPreviewModel* m_preview = nullptr;
    QLabel* m_tableTitle = nullptr;
    QLabel* m_warnings = nullptr;
    QLabel* m_trouble = nullptr;
    QLineEdit* m_command = nullptr;
    QTimer m_pause; // after the last change
    quint64 m_token = 0;
    bool m_previewOk = false;
    models::EvolutionForm m_kept; // what is chosen before there is anything to choose from
};

} // namespace scrit::ui::pages
