// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMessageBox>
#include <QObject>
#include <QPointer>

#include <functional>

class QWidget;

namespace scrit::ui::bridge {
class EvolutionService;
class RunService;
} // namespace scrit::ui::bridge

namespace scrit::ui::pages {

// Asks before a workspace with a run or an evolution is left: "Keep working", or "Stop and close",
// which waits for what is in flight and lets that be dropped. What is left goes on with a resume.
// UI thread.
class CloseGuard final : public QObject {
    Q_OBJECT
public:
    CloseGuard(bridge::RunService& runs, bridge::EvolutionService& evolution, QWidget* window);
    // Something goes on that would be cut off.
    [[nodiscard]] bool isNeeded() const;
    // Does `leave` at once and gives true when nothing goes on. Else asks, and does it when all has
    // stopped, unless the user keeps working; gives false.
    bool leave(std::function<void()> leave);
    [[nodiscard]] QMessageBox* question() const { return m_question; } // null: nothing is asked

private:
    void ask();
    void waitForEnd();
    void endWaiting(bool leaves);
    void stopAll();
    [[nodiscard]] QString waitingFor() const;

    bridge::RunService& m_runs;
    bridge::EvolutionService& m_evolution;
    QWidget* m_window;
    std::function<void()> m_leave;
    QPointer<QMessageBox> m_question;
};

} // namespace scrit::ui::pages
