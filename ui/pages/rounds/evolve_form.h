// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/evolution_values.h"
#include "ui/pages/page.h"

#include <QTimer>
#include <QWidget>

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
class FormFrame;
class FormGrid;
class PlainTable;
} // namespace scrit::ui::widgets

namespace scrit::ui::pages {

class CapFields;
class MeasureFields;
class TrainingFields;

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
    [[nodiscard]] MeasureFields& measure() const { return *m_measure; }
    [[nodiscard]] widgets::FormGrid& grid() const { return *m_grid; }

Q_SIGNALS:
    void cancelled();

private:
    void buildFields();
    void buildSource();
    void buildRest();
    void buildPreview();
    QWidget* buildCommand();
    void connectFields();
    void fillModels();
    void setRecipes(const QVector<models::RecipeInfo>& recipes);
    void setChoices(const models::EvolutionChoices& choices);
    void changed();
    [[nodiscard]] bool baseIsMiniature() const;
    [[nodiscard]] QString check();
    void askPreview();
    void showPreview(const models::EvolutionPreview& preview);
    void showCalls(const models::RunPreview& run);
    void updateStart();

    PageContext& m_context;
    QAction* m_start;
    widgets::FormFrame* m_frame;
    widgets::FormGrid* m_grid;
    QLineEdit* m_series = nullptr;
    QComboBox* m_recipe = nullptr;
    QComboBox* m_reference = nullptr;
    QComboBox* m_base = nullptr;
    QListWidget* m_students = nullptr;
    widgets::FilterEdit* m_filter = nullptr;
    QSpinBox* m_limit = nullptr;
    QSpinBox* m_perRound = nullptr;
    MeasureFields* m_measure = nullptr;
    TrainingFields* m_training = nullptr;
    QSpinBox* m_rounds = nullptr;
    CapFields* m_caps = nullptr;
    QLineEdit* m_seed = nullptr;
    QLineEdit* m_folder = nullptr;
    int m_recipeRow = 0;
    int m_baseRow = 0;
    int m_filterRow = 0;
    int m_seedRow = 0;
    QString m_problem; // the first thing that is wrong with what was chosen
    widgets::FactList* m_facts = nullptr;
    widgets::PlainTable* m_table = nullptr;
    models::RunPreviewModel* m_preview = nullptr;
    QLabel* m_tableTitle = nullptr;
    QLabel* m_warnings = nullptr;
    QLineEdit* m_command = nullptr;
    QTimer m_pause; // after the last change
    quint64 m_token = 0;
    bool m_previewOk = false;
    models::EvolutionForm m_kept; // what is chosen before there is anything to choose from
};

} // namespace scrit::ui::pages
