// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/review_values.h"
#include "ui/models/workspace_facts.h"
#include "ui/pages/page.h"

#include <QTimer>
#include <QWidget>

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QSpinBox;

namespace scrit::ui::widgets {
class FilterEdit;
class FormFrame;
class FormGrid;
class FunnelChart;
} // namespace scrit::ui::widgets

namespace scrit::ui::pages {

// The form of a new queue with a count of what it would hold, made off the UI thread a moment after
// each change. UI thread.
class QueueForm final : public QWidget {
    Q_OBJECT
public:
    QueueForm(PageContext& context, QAction* create, QWidget* parent);
    // `first`: there is no queue yet, so the form says what queues are for.
    void prepare(bool first);
    [[nodiscard]] models::QueueForm form() const;
    void setForm(const models::QueueForm& form);
    // The first thing that keeps the queue from being made; empty: nothing.
    [[nodiscard]] QString problem() const;
    // What the count says, a line each.
    [[nodiscard]] QString previewText() const;
    void showTrouble(const models::Trouble& trouble);
    void focusFirst();

Q_SIGNALS:
    void cancelled();

private:
    void buildFields();
    void addSampling();
    void buildPreview();
    void connectFields();
    void changed();
    void askPreview();
    void showPreview(const models::QueuePreview& preview);
    void updateCreate();
    [[nodiscard]] QVector<models::Stratum> chosenStrata() const;

    PageContext& m_context;
    QAction* m_create;
    widgets::FormFrame* m_frame;
    widgets::FormGrid* m_grid;
    QLineEdit* m_name = nullptr;
    widgets::FilterEdit* m_filter = nullptr;
    QComboBox* m_strategy = nullptr;
    QVector<QCheckBox*> m_strata;
    QComboBox* m_quota = nullptr;
    QLineEdit* m_quotas = nullptr;
    QSpinBox* m_size = nullptr;
    QLineEdit* m_seed = nullptr;
    QSpinBox* m_gold = nullptr;
    QCheckBox* m_blind = nullptr;
    int m_nameRow = 0;
    int m_filterRow = 0;
    int m_strategyRow = 0;
    int m_strataRow = 0;
    int m_quotaRow = 0;
    int m_quotasRow = 0;
    int m_sizeRow = 0;
    int m_seedRow = 0;
    QLabel* m_scope = nullptr;
    widgets::FunnelChart* m_parts = nullptr;
    QTimer m_pause; // after the last change
    quint64 m_token = 0;
    bool m_previewOk = false;
};

} // namespace scrit::ui::pages
