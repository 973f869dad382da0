// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/review_values.h"
#include "ui/models/trace_record.h"
#include "ui/models/workspace_facts.h"
#include "ui/pages/page.h"
#include "ui/pages/review/judge_bar.h"

#include <QElapsedTimer>
#include <QHash>
#include <QWidget>

#include <cstdint>
#include <deque>

class QStackedWidget;

namespace scrit::ui::widgets {
class EmptyState;
class MessageBar;
} // namespace scrit::ui::widgets

namespace scrit::ui::pages {

class ReadingView;

// One reviewer at work: the item's texts, and below them the questions and their keys. A judgement
// is stored on the service's thread, and the next item, fetched ahead, shows when that has
// happened. Keys pressed meanwhile wait in line and are applied to the items as these show, so that
// each is recorded, in order. The same view settles disagreements. UI thread.
class JudgeView final : public QWidget {
    Q_OBJECT
public:
    JudgeView(PageContext& context, QWidget* parent);
    ~JudgeView() override;

    // Closed: no queue. Waiting: something is stored or fetched. Finished: nothing is left to
    // judge.
    enum class Phase { Closed, Waiting, Showing, Finished };
    [[nodiscard]] Phase phase() const { return m_phase; }
    void openQueue(qint64 queueId);
    void close();
    // Settles these disagreements, one after the other, from `at` on.
    void settle(const QVector<models::Disagreement>& items, int at);
    [[nodiscard]] bool isSettling() const { return !m_settled.isEmpty(); }
    // On screen: its keys work and the time counts.
    void setActive(bool active);
    void focusText();

    [[nodiscard]] qint64 queueId() const { return m_queue.id; }
    [[nodiscard]] const std::optional<models::ReviewItem>& item() const { return m_item; }
    [[nodiscard]] const models::Judgement& draft() const { return m_draft; }
    [[nodiscard]] const models::ReviewProgress& progress() const { return m_progress; }
    // Judgements and moves that wait in line.
    [[nodiscard]] int waitingKeys() const { return static_cast<int>(m_keys.size()); }
    [[nodiscard]] double seconds() const; // spent on the item on screen
    [[nodiscard]] ReadingView& reading() const { return *m_reading; }
    [[nodiscard]] JudgeBar& bar() const { return *m_bar; }
    [[nodiscard]] widgets::MessageBar& trouble() const { return *m_trouble; }

Q_SIGNALS:
    // The item of this critique is on screen.
    void itemShown(qint64 critiqueId);
    void progressChanged();
    void phaseChanged();
    // The last disagreement is settled, or the reviewer left them.
    void settlingEnded();

private:
    // What a key asks for.
    struct Command {
        enum Kind { FirstError, WrongHere, Verdict, Keep, Skip, Undo, Previous, GoTo, Skipped };
        Kind kind = Keep;
        qint64 value = 0;
    };
    enum Answer { Yes, No, Unsure };

    void addActions();
    void addStepActions();
    void addNoteActions();
    void addReadingActions();
    QAction* addAction(const char* id, const QString& text, const char* keys,
                       const QString& shortText = {});
    void connectService();
    void perform(Command command);
    void apply(Command command);
    void answer(Answer answer);
    void commit();
    void goOn(); // applies what waits in line
    void stepDone(const models::ReviewStep& step);
    void stepFailed(const models::Trouble& trouble);
    void aroundReady(const models::ReviewAround& around);
    void showItem(const models::ReviewItem& item);
    void display(const models::TraceRecordPtr& record);
    void showSettled(int at);
    void finish();
    void tell(const models::HistoryEntry& entry);
    void setPhase(Phase phase);
    void fetch(const models::RowIds& ids);
    void prefetchFormulas(const models::TraceRecord& record);
    void label(models::StepLabel label);
    void toggleUsable();
    void openNote(JudgeBar::Note note);
    void keepNote(JudgeBar::Note note, const QString& text);
    void updateDraft();
    void updateActions();
    [[nodiscard]] int steps() const;
    [[nodiscard]] bool asksValidity() const;

    PageContext& m_context;
    JudgeActions m_actions;
    QList<QAction*> m_judging; // need an item on screen
    QList<QAction*> m_moving;  // need a queue
    QAction* m_skippedAction = nullptr;
    QStackedWidget* m_stack;
    ReadingView* m_reading;
    widgets::EmptyState* m_done;
    widgets::MessageBar* m_trouble;
    JudgeBar* m_bar = nullptr;

    Phase m_phase = Phase::Closed;
    models::QueueInfo m_queue;
    std::optional<models::ReviewItem> m_item;
    models::Judgement m_draft;
    models::ReviewProgress m_progress;
    QVector<models::Disagreement> m_settled; // being settled; empty: a queue is judged
    int m_settledAt = -1;
    std::deque<Command> m_keys;
    QHash<qint64, models::TraceRecordPtr> m_records; // fetched ahead
    models::RowIds m_wanted;                         // of m_records
    std::uint64_t m_prefetch = 0;                    // typesetting group of what is ahead
    qint64 m_awaited = 0; // the critique whose record is on its way; 0: none
    quint64 m_stepToken = 0;
    bool m_active = false;
    QElapsedTimer m_clock; // runs while the item is looked at
    double m_spent = 0;    // seconds before that
};

} // namespace scrit::ui::pages
