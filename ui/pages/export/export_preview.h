// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/export_values.h"
#include "ui/widgets/step_card.h"

#include <QWidget>

#include <vector>

class QLabel;

namespace scrit::ui::widgets {
class FunnelChart;
class PlainTable;
class ReadingColumn;
class Segmented;
} // namespace scrit::ui::widgets

namespace scrit::ui::pages {

// What an export would give: the funnel, and examples as the trainer will see them, those that are
// dropped with the reason and what leaks marked. UI thread.
class ExportPreviewView final : public QWidget {
    Q_OBJECT
public:
    ExportPreviewView(render::MathTypesetter* typesetter, QWidget* parent);
    void setPreview(const models::ExportPreview& preview);
    // New figures are on their way: the old ones are greyed.
    void setStale();
    void setProgress(qint64 done, qint64 total);
    // Why there is nothing to show.
    void setTrouble(const QString& words);
    [[nodiscard]] const models::ExportPreview& preview() const { return m_preview; }
    [[nodiscard]] widgets::FunnelChart& funnel() const { return *m_funnel; }
    [[nodiscard]] widgets::PlainTable& samples() const { return *m_table; }
    [[nodiscard]] widgets::ReadingColumn& column() const { return *m_column; }
    [[nodiscard]] models::ExportSampleModel& model() const { return *m_model; }
    // The funnel and the state, a line each.
    [[nodiscard]] QString text() const;

private:
    QWidget* buildFunnel();
    QWidget* buildSamples(render::MathTypesetter* typesetter);
    void showStage(int row);
    void showSample();

    models::ExportPreview m_preview;
    QLabel* m_state = nullptr;
    widgets::FunnelChart* m_funnel = nullptr;
    QLabel* m_summary = nullptr;
    widgets::Segmented* m_form = nullptr;
    widgets::PlainTable* m_table = nullptr;
    models::ExportSampleModel* m_model;
    widgets::ReadingColumn* m_column = nullptr;
};

// A row as cards: one for each turn, what is learned with a badge, what leaks marked; or the row as
// it stands in the file. Pure apart from the theme's colours.
[[nodiscard]] std::vector<widgets::CardContent> sampleCards(const models::ExportSample& sample,
                                                            bool asInFile);

} // namespace scrit::ui::pages
