// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/workspace_facts.h"
#include "ui/pages/overview/row_button.h"
#include "ui/pages/page.h"

class QGridLayout;
class QLabel;
class QVBoxLayout;

namespace scrit::ui::widgets {
class MessageBar;
}

namespace scrit::ui::pages {

class Glance;

// A labelled count with a bar for its share; a click goes to its traces.
class CountRow final : public RowButton {
    Q_OBJECT
public:
    explicit CountRow(QWidget* parent = nullptr);
    // `share` of the bar, 0 to 1; `of` is written beside the count as a percentage when positive.
    void setContent(const QString& label, qint64 count, double share, const QString& note);
    // Its figure is not known: a dash in its place.
    void setUnknown(const QString& label);
    [[nodiscard]] QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString m_count; // in digits
    double m_share = 0;
    QString m_note;
};

// The filters behind the figures, for the page and for the test that compiles each of them.
[[nodiscard]] QVector<models::ListQuery> overviewQueries();

// Overview: what is in the workspace, as a funnel from problems to matching answers, the 2×2 table
// of self-validation against answer match, and the sources; every figure goes to its traces. Below
// them what is under way, made once the figures stand. UI thread.
class OverviewPage final : public Page {
    Q_OBJECT
public:
    explicit OverviewPage(PageContext& context, QWidget* parent);
    void workspaceOpened() override;
    void workspaceClosed() override;
    void activated() override;
    // The figures as text, a line each.
    [[nodiscard]] QString text() const;
    [[nodiscard]] Glance* glance() const { return m_glance; } // null: not made yet

private:
    void setFacts(const models::WorkspaceFacts& facts);
    void setUnknown();
    void setSubtitle(qint64 fileBytes);
    void setFunnel(const models::WorkspaceFacts* known); // null: not known
    void setTable(const models::WorkspaceFacts* known);
    void setSources(const models::WorkspaceFacts& facts);
    CountRow* addRow(QVBoxLayout* layout, const models::ListQuery& query);

    QLabel* m_title;
    QLabel* m_subtitle;
    widgets::MessageBar* m_warning;
    QVector<CountRow*> m_funnel;
    QVector<CountRow*> m_cells; // 2×2, row by row
    QVBoxLayout* m_sources = nullptr;
    QLabel* m_tableNote = nullptr;
    QGridLayout* m_grid = nullptr;
    Glance* m_glance = nullptr;
    bool m_stale = true;
};

} // namespace scrit::ui::pages
