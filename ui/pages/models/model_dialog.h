// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/model_values.h"

#include <QDialog>
#include <QTimer>

class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QPushButton;
class QSpinBox;

namespace scrit::ui::bridge {
class ModelService;
}
namespace scrit::ui::widgets {
class FormGrid;
class Segmented;
} // namespace scrit::ui::widgets

namespace scrit::ui::pages {

// Adds a model or edits one. What is wrong stands below its field; for local servers the plan for
// this machine is shown while typing. The key that is typed goes to the keychain only. UI thread.
class ModelDialog final : public QDialog {
    Q_OBJECT
public:
    // `form.id` 0: a new model.
    ModelDialog(bridge::ModelService& service, const models::ModelForm& form, QWidget* parent);
    [[nodiscard]] models::ModelForm form() const;
    // What stands below the fields and at the end, a line each.
    [[nodiscard]] QString problemText() const;
    [[nodiscard]] QString planText() const;
    void save();

private:
    struct Rows {
        int name = 0;
        int kind = 0;
        int urls = 0;
        int modelId = 0;
        int keySource = 0;
        int variable = 0;
        int entry = 0;
        int key = 0;
        int file = 0;
        int lora = 0;
        int recorded = 0;
        int slotCount = 0;
        int context = 0;
        int layers = 0;
        int arguments = 0;
        int program = 0;
        int prices = 0;
        int window = 0;
        int perMinute = 0;
        int body = 0;
    };
    void makeFields();
    void makeServerFields();
    void makeCommonFields();
    void load(const models::ModelForm& form);
    void connectFields();
    void kindChanged();
    void showRows();
    void changed();
    void showProblems();
    void showPlan(const models::PlanText& plan);
    [[nodiscard]] int rowOf(models::ModelField field) const;
    [[nodiscard]] bool isUntouched(models::ModelField field) const;
    [[nodiscard]] models::ModelKind kind() const;
    QPushButton* fileButton(const QString& title, const QString& filter, bool folder,
                            const std::function<void(const QStringList&)>& chosen);

    bridge::ModelService& m_service;
    models::ModelForm m_before;
    Rows m_rows;
    widgets::FormGrid* m_grid = nullptr;
    QLineEdit* m_name = nullptr;
    QComboBox* m_kind = nullptr;
    QPlainTextEdit* m_urls = nullptr;
    QLineEdit* m_modelId = nullptr;
    QPushButton* m_folder = nullptr;
    widgets::Segmented* m_keySource = nullptr;
    QLineEdit* m_variable = nullptr;
    QLineEdit* m_entry = nullptr;
    QLineEdit* m_key = nullptr;
    QLineEdit* m_file = nullptr;
    QPlainTextEdit* m_lora = nullptr;
    QPlainTextEdit* m_recorded = nullptr;
    QSpinBox* m_slots = nullptr;
    QSpinBox* m_context = nullptr;
    QSpinBox* m_layers = nullptr;
    QLineEdit* m_arguments = nullptr;
    QLineEdit* m_program = nullptr;
    QDoubleSpinBox* m_pricePrompt = nullptr;
    QDoubleSpinBox* m_priceCompletion = nullptr;
    QSpinBox* m_window = nullptr;
    QSpinBox* m_requests = nullptr;
    QSpinBox* m_tokens = nullptr;
    QLineEdit* m_body = nullptr;
    QPushButton* m_more = nullptr;
    QString m_planText;
    QLabel* m_problem = nullptr;
    QPushButton* m_save = nullptr;
    QTimer m_planPause;
    quint64 m_planToken = 0;
    bool m_tried = false; // to save: from then on every field tells what it lacks
};

} // namespace scrit::ui::pages
