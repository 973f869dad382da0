// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/answer_bench.h"
#include "ui/models/trace_row.h"
#include "ui/pages/page.h"

#include <QWidget>

#include <optional>

class QAction;
class QCheckBox;
class QComboBox;
class QLabel;

namespace scrit::ui::widgets {
class AnswerLabel;
class EmptyState;
class FilterEdit;
class MessageBar;
class PlainTable;
} // namespace scrit::ui::widgets

namespace scrit::ui::pages {

// The answer bench: all final answers that two protocols or verifiers see differently, in one
// queue. One key says which is right and goes on to the next. UI thread.
class AnswersView final : public QWidget {
    Q_OBJECT
public:
    AnswersView(PageContext& context, QWidget* parent);
    // Looks anew.
    void refresh();
    void focusTable();
    [[nodiscard]] widgets::PlainTable& table() const { return *m_table; }
    [[nodiscard]] models::BenchModel& model() const { return *m_model; }
    [[nodiscard]] QComboBox& subjects() const { return *m_of; }
    [[nodiscard]] QComboBox& pairs() const { return *m_between; }
    [[nodiscard]] QCheckBox& undecided() const { return *m_undecided; }
    [[nodiscard]] bool isLooking() const { return m_looking; }
    // What the view says, a line each.
    [[nodiscard]] QString text() const;

Q_SIGNALS:
    // The trace behind a row.
    void traceChosen(const scrit::ui::models::ListQuery& query);

private:
    struct Side {
        QLabel* judge = nullptr;
        QLabel* verdict = nullptr;
        QLabel* read = nullptr;
    };
    void addActions();
    QAction* addDecision(const char* id, const QString& text, const char* key,
                         std::optional<bool> right);
    QWidget* buildControls();
    QWidget* buildDetail();
    Side buildSide(QWidget* parent);
    void connectService();
    void showReport(const models::BenchReport& report);
    void showPairs(const models::BenchReport& report);
    void showState();
    void showRow(int row);
    void decide(std::optional<bool> right);
    void takeBack();
    void goOn();
    void chooseTrace();

    PageContext& m_context;
    models::BenchModel* m_model;
    models::BenchReport m_report;
    widgets::MessageBar* m_message = nullptr;
    QComboBox* m_of = nullptr;
    QComboBox* m_between = nullptr;
    QCheckBox* m_undecided = nullptr;
    widgets::FilterEdit* m_filter = nullptr;
    QLabel* m_state = nullptr;
    widgets::PlainTable* m_table = nullptr;
    widgets::EmptyState* m_empty = nullptr;
    QWidget* m_detail = nullptr;
    widgets::AnswerLabel* m_gold = nullptr;
    widgets::AnswerLabel* m_answer = nullptr;
    Side m_older;
    Side m_newer;
    QVector<QAction*> m_decisions;
    QAction* m_trace = nullptr;
    QAction* m_undo = nullptr;
    struct Made {
        bool ofCritique = false;
        qint64 subjectId = 0;
        std::optional<bool> before;
    };
    QVector<Made> m_made; // decisions of this sitting, for taking back
    bool m_looking = false;
    quint64 m_token = 0;
};

} // namespace scrit::ui::pages
