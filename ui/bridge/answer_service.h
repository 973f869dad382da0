// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancellation.h"
#include "ui/bridge/worker_thread.h"
#include "ui/models/answer_bench.h"
#include "ui/models/workspace_facts.h"

#include <QObject>

#include <memory>

namespace scrit::ui::bridge {

class WorkspaceService;

// The answer bench of the open workspace: what two judges of a final answer see differently, and
// what a person says about it. Lives on the UI thread and owns two threads: "scrit-answers" looks
// for what they see differently, "scrit-decide" stores decisions in the order in which they were
// made. A newer request cancels the older one; the destructor first stores what was decided.
class AnswerService : public QObject {
    Q_OBJECT
public:
    explicit AnswerService(WorkspaceService& workspace, QObject* parent = nullptr);
    ~AnswerService() override;

    // → benchReady(), several times while it looks and once when it is complete, or benchFailed().
    quint64 requestBench(const models::BenchQuery& query);
    // Right, wrong, or neither (takes back what this person said) → decided() or decideFailed().
    void decide(bool ofCritique, qint64 subjectId, std::optional<bool> right,
                const QString& person);

Q_SIGNALS:
    void benchReady(quint64 token, const scrit::ui::models::BenchReport& report);
    void benchFailed(quint64 token, const scrit::ui::models::Trouble& trouble);
    void decided(qint64 subjectId, std::optional<bool> right, const QString& person);
    void decideFailed(const scrit::ui::models::Trouble& trouble);

private:
    WorkspaceService& m_workspace;
    quint64 m_token = 0;
    base::CancelToken m_cancel;
    // Last, so that the threads end before what they use.
    std::unique_ptr<WorkerThread> m_search;
    std::unique_ptr<WorkerThread> m_decide;
};

} // namespace scrit::ui::bridge
