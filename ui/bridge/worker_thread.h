// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>
#include <QThread>

#include <utility>

namespace scrit::ui::bridge {

// A named thread that runs what is posted to it, in order. The destructor drops what has not begun,
// waits for what has, and joins; whoever owns it first asks long work to stop.
class WorkerThread {
public:
    explicit WorkerThread(const QString& name) : m_context(new QObject) {
        m_thread.setObjectName(name);
        m_context->moveToThread(&m_thread);
        QObject::connect(&m_thread, &QThread::finished, m_context, &QObject::deleteLater);
        m_thread.start();
    }
    ~WorkerThread() {
        m_thread.quit();
        m_thread.wait();
    }
    WorkerThread(const WorkerThread&) = delete;
    WorkerThread& operator=(const WorkerThread&) = delete;

    template<typename Task>
    void post(Task task) {
        QMetaObject::invokeMethod(m_context, std::move(task), Qt::QueuedConnection);
    }

private:
    QThread m_thread;
    QObject* m_context; // lives on the thread, deleted when it ends
};

} // namespace scrit::ui::bridge
