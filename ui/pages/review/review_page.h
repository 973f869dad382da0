// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/page.h"
#include "ui/pages/review/people_view.h"

#include <QTimer>

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QStackedWidget;

namespace scrit::ui::widgets {
class ReviewMeter;
class Segmented;
} // namespace scrit::ui::widgets

namespace scrit::ui::pages {

class AnswersView;
class AuditView;
class JudgeView;
class QueueForm;

// Review: judging a queue, what the judgements say about self-validation, working on it with
// others, and answers that are judged differently. The page keeps the queue that is open and the
// reviewer's name; the views do the rest. UI thread.
class ReviewPage final : public Page {
    Q_OBJECT
public:
    explicit ReviewPage(PageContext& context, QWidget* parent);
    // The name that judgements are stored under: what was typed last, or who is logged in.
    [[nodiscard]] static QString reviewerName(const QSettings& settings);
    void workspaceOpened() override;
    void workspaceClosed() override;
    void activated() override;
    void saveState() override;
    void showItem(const QString& item) override;
    [[nodiscard]] QVector<KeyHint> keyHints() const override;

    enum Tab { Judge, Audit, People, Answers, Form };
    [[nodiscard]] Tab tab() const;
    void showTab(Tab tab);
    void openQueue(qint64 queueId);
    [[nodiscard]] JudgeView& judging() const { return *m_judge; }
    [[nodiscard]] AuditView& audit() const { return *m_audit; }
    [[nodiscard]] PeopleView& people() const { return *m_people; }
    [[nodiscard]] AnswersView& answers() const { return *m_answers; }
    [[nodiscard]] QueueForm& form() const { return *m_form; }
    [[nodiscard]] QComboBox& queues() const { return *m_queues; }
    [[nodiscard]] QLineEdit& reviewer() const { return *m_reviewer; }
    // "37 of 200 by you · 52 by anyone", gold and time, a line each.
    [[nodiscard]] QString progressText() const;

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    QWidget* buildHeader();
    void addActions();
    QAction* addAction(const char* id, const QString& text, const char* key,
                       void (ReviewPage::*run)());
    void connectService();
    void queuesChanged();
    void updateProgress();
    void updateClock();
    void updateActions();
    void createQueue();
    void showForm();
    void leaveForm();
    void showJudging();
    void showAudit();
    void showPeople();
    void showAnswers();
    void writePack();
    void writeAnswers();
    void mergePack();
    void settle();
    void setReviewer();
    [[nodiscard]] QString workspaceGroup() const;

    widgets::Segmented* m_tabs = nullptr;
    QComboBox* m_queues = nullptr;
    widgets::ReviewMeter* m_meter = nullptr;
    QLabel* m_figures = nullptr;
    QLabel* m_gold = nullptr;
    QLabel* m_time = nullptr;
    QLineEdit* m_reviewer = nullptr;
    QStackedWidget* m_stack;
    JudgeView* m_judge = nullptr;
    AuditView* m_audit = nullptr;
    PeopleView* m_people = nullptr;
    AnswersView* m_answers = nullptr;
    QueueForm* m_form = nullptr;
    PeopleView::Actions m_peopleActions;
    QAction* m_new = nullptr;
    QAction* m_create = nullptr;
    QTimer m_tick;
    qint64 m_wanted = 0;   // queue to open once the list knows it
    bool m_stored = false; // something was judged since the page came on screen
};

} // namespace scrit::ui::pages
