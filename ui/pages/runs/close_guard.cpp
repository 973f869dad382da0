// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/runs/close_guard.h"

#include "ui/bridge/evolution_service.h"
#include "ui/bridge/run_service.h"
#include "ui/models/words.h"

#include <QMessageBox>
#include <QPushButton>

#include <utility>

namespace scrit::ui::pages {

CloseGuard::CloseGuard(bridge::RunService& runs, bridge::EvolutionService& evolution,
                       QWidget* window)
    : QObject(window), m_runs(runs), m_evolution(evolution), m_window(window) {
    const auto changed = [this](bool active) {
        if (!active && !isNeeded()) {
            endWaiting(true);
        }
    };
    connect(&m_runs, &bridge::RunService::activeChanged, this, changed);
    connect(&m_evolution, &bridge::EvolutionService::activeChanged, this, changed);
}

bool CloseGuard::isNeeded() const {
    return m_runs.isActive() || m_evolution.isActive();
}

void CloseGuard::stopAll() {
    m_runs.stop();
    m_evolution.stop();
}

QString CloseGuard::waitingFor() const {
    return m_runs.isActive()
               ? tr("Waiting for %1 answers that are on their way…")
                     .arg(models::grouped(m_runs.status().inFlight()))
               : tr("Waiting for what is under way in %1…").arg(m_evolution.status().series);
}

bool CloseGuard::leave(std::function<void()> leave) {
    if (!isNeeded()) {
        leave();
        return true;
    }
    m_leave = std::move(leave);
    if (m_question) {
        m_question->raise();
    } else {
        ask();
    }
    return false;
}

void CloseGuard::ask() {
    m_question = new QMessageBox(m_window);
    m_question->setAttribute(Qt::WA_DeleteOnClose);
    m_question->setIcon(QMessageBox::NoIcon);
    m_question->setTextFormat(Qt::PlainText);
    m_question->setWindowTitle(m_runs.isActive() ? tr("A run goes on")
                                                 : tr("An evolution goes on"));
    m_question->setText(
        m_runs.isActive()
            ? tr("Run %1 goes on. Stop it and close?").arg(m_runs.status().runId)
            : tr("The evolution %1 goes on. Stop it and close?").arg(m_evolution.status().series));
    m_question->setInformativeText(
        tr("Everything that was answered is stored. It can be taken up again when this workspace "
           "is opened the next time."));
    QPushButton* stop = m_question->addButton(tr("Stop and close"), QMessageBox::AcceptRole);
    QPushButton* stay = m_question->addButton(tr("Keep working"), QMessageBox::RejectRole);
    stop->setObjectName(QStringLiteral("stopAndClose"));
    stay->setObjectName(QStringLiteral("keepWorking"));
    m_question->setDefaultButton(stay);
    m_question->setEscapeButton(stay);
    connect(m_question, &QMessageBox::buttonClicked, this, [this, stop](QAbstractButton* button) {
        if (button == stop && m_leave) {
            stopAll();
            waitForEnd();
        } else {
            m_leave = nullptr;
        }
    });
    m_question->open();
}

void CloseGuard::waitForEnd() {
    m_question = new QMessageBox(m_window);
    m_question->setAttribute(Qt::WA_DeleteOnClose);
    m_question->setIcon(QMessageBox::NoIcon);
    m_question->setTextFormat(Qt::PlainText);
    m_question->setWindowTitle(tr("Stopping"));
    const auto tell = [box = m_question, this] {
        if (box) {
            box->setText(waitingFor());
        }
    };
    tell();
    m_question->setInformativeText(
        tr("They are stored when they come. Dropping them closes at once; they are asked again "
           "when the run goes on."));
    QPushButton* drop = m_question->addButton(tr("Drop them"), QMessageBox::DestructiveRole);
    QPushButton* stay = m_question->addButton(tr("Keep working"), QMessageBox::RejectRole);
    drop->setObjectName(QStringLiteral("drop"));
    stay->setObjectName(QStringLiteral("keepWorking"));
    m_question->setEscapeButton(stay);
    connect(&m_runs, &bridge::RunService::statusChanged, m_question, tell);
    connect(&m_evolution, &bridge::EvolutionService::progressed, m_question, tell);
    connect(m_question, &QMessageBox::buttonClicked, this, [this, drop](QAbstractButton* button) {
        if (button == drop) {
            m_runs.stopNow();
            m_evolution.stop(); // for the second time
        } else {
            m_leave = nullptr; // the run still stops; it can be resumed
        }
    });
    m_question->open();
    if (!isNeeded()) {
        endWaiting(true);
    }
}

void CloseGuard::endWaiting(bool leaves) {
    const auto leave = std::exchange(m_leave, nullptr);
    if (m_question) {
        // Ended by itself while the question stood: there is nothing to ask any more.
        m_question->disconnect(this);
        m_question->close();
    }
    if (leave && leaves) {
        // Not from inside the signal that told of the end.
        QMetaObject::invokeMethod(this, leave, Qt::QueuedConnection);
    }
}

} // namespace scrit::ui::pages
