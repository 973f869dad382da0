// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/run_values.h"
#include "ui/pages/page.h"

#include <QTimer>
#include <QWidget>

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
class FilterEdit;
class FormFrame;
class FormGrid;
class PlainTable;
} // namespace scrit::ui::widgets

namespace scrit::ui::pages {

class CapFields;

// The new-run form with its preview: what would be asked, and what that may cost at most, computed
// off the UI thread a moment after each change. UI thread.
class RunFormView final : public QWidget {
    Q_OBJECT
public:
    RunFormView(PageContext& context, QAction* start, QWidget* parent);
    // Offers models and recipes anew, keeping what was chosen, and asks for a preview.
    void prepare();
    [[nodiscard]] models::RunForm form() const;
    void setForm(const models::RunForm& form);
    // The first thing that keeps the run from starting; empty: nothing.
    [[nodiscard]] QString problem() const;
    // What the preview says, a line each.
    [[nodiscard]] QString previewText() const;
    void saveState() const;
    void focusFirst();
    void showTrouble(const models::Trouble& trouble);

Q_SIGNALS:
    void cancelled();

private:
    void buildFields();
    void buildPreview();
    void connectFields();
    void fillModels();
    void setRecipes(const QVector<models::RecipeInfo>& recipes);
    void chooseRecipeFile();
    void changed();
    void askPreview();
    void showPreview(const models::RunPreview& preview);
    void updateStart();

    PageContext& m_context;
    QAction* m_start;
    widgets::FormFrame* m_frame;
    widgets::FormGrid* m_grid;
    QComboBox* m_recipe = nullptr;
    QComboBox* m_critic = nullptr;
    QComboBox* m_validator = nullptr;
    QListWidget* m_students = nullptr;
    widgets::FilterEdit* m_filter = nullptr;
    QSpinBox* m_limit = nullptr;
    QLineEdit* m_seed = nullptr;
    CapFields* m_caps = nullptr;
    QCheckBox* m_fresh = nullptr;
    int m_recipeRow = 0;
    int m_criticRow = 0;
    int m_studentsRow = 0;
    int m_filterRow = 0;
    int m_seedRow = 0;
    widgets::PlainTable* m_table = nullptr;
    models::RunPreviewModel* m_preview = nullptr;
    QLabel* m_scope = nullptr;
    QLabel* m_warnings = nullptr;

    QVector<models::RecipeInfo> m_recipes;
    QStringList m_recipeFiles;
    QTimer m_pause; // after the last change
    quint64 m_token = 0;
    bool m_previewOk = false;
    QString m_previewProblem; // what the preview has against a start
};

} // namespace scrit::ui::pages
