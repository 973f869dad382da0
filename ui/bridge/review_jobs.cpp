// SPDX-License-Identifier: GPL-3.0-or-later
// What the review service does besides the session: queues, audits, agreement, packs.
#include "core/loop/repair.h"
#include "core/store/workspace.h"
#include "ui/bridge/convert.h"
#include "ui/bridge/review_convert.h"
#include "ui/bridge/review_plans.h"
#include "ui/bridge/review_service.h"
#include "ui/bridge/workspace_service.h"
#include "ui/models/visible_text.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <utility>

namespace scrit::ui::bridge {

namespace {

// How many of a plan one reviewer has judged.
base::Expected<std::int64_t> doneBy(store::Reader& reader, const review::Plan& plan,
                                    const std::string& annotator) {
    const auto all = review::progressOfAll(reader, plan);
    if (!all) {
        return base::fail(all.error());
    }
    for (const auto& [who, progress] : *all) {
        if (who == annotator) {
            return progress.done;
        }
    }
    return 0;
}

base::Expected<models::QueueInfos> queuesOf(store::Workspace& workspace,
                                            const std::string& annotator) {
    const auto reader = workspace.reader();
    if (!reader) {
        return base::fail(reader.error());
    }
    const auto plans = review::plans(**reader);
    if (!plans) {
        return base::fail(plans.error());
    }
    models::QueueInfos out;
    for (const review::Plan& plan : *plans) {
        const auto mine = doneBy(**reader, plan, annotator);
        if (!mine) {
            return base::fail(mine.error());
        }
        out.push_back(queueInfo(plan, *mine));
    }
    return out;
}

} // namespace

base::Expected<review::Plan> planOf(store::Workspace& workspace, qint64 id) {
    const auto reader = workspace.reader();
    if (!reader) {
        return base::fail(reader.error());
    }
    const auto plans = review::plans(**reader);
    if (!plans) {
        return base::fail(plans.error());
    }
    const auto found = std::find_if(plans->begin(), plans->end(),
                                    [id](const review::Plan& plan) { return plan.id == id; });
    if (found == plans->end()) {
        return base::fail(base::ErrorCode::NotFound, "this queue is not there any more");
    }
    return *found;
}

void ReviewService::refresh() {
    m_asked = m_workspace.isOpen();
    count(
        [this, who = models::utf8(m_annotator)](
            store::Workspace& workspace) -> base::Expected<std::function<void()>> {
            auto found = queuesOf(workspace, who);
            if (!found) {
                return base::fail(found.error());
            }
            return [this, found = *std::move(found)] {
                m_queues = found;
                m_loaded = true;
                Q_EMIT queuesChanged();
            };
        },
        [this](const models::Trouble& problem) { m_workspace.tellReadFailure(problem); });
}

quint64 ReviewService::requestPreview(const models::QueueForm& form) {
    const quint64 token = ++m_lastToken;
    m_previewToken = token;
    *m_previewWanted = token;
    count(
        [this, form, token, wanted = m_previewWanted](
            store::Workspace& workspace) -> base::Expected<std::function<void()>> {
            if (*wanted != token) {
                return [] {
                };
            }
            const auto request = planRequest(form);
            if (!request) {
                return base::fail(request.error());
            }
            const auto reader = workspace.reader();
            if (!reader) {
                return base::fail(reader.error());
            }
            const auto preview = review::previewPlan(**reader, *request);
            if (!preview) {
                return base::fail(preview.error());
            }
            return [this, token, shown = queuePreview(*preview)] {
                if (token == m_previewToken) {
                    Q_EMIT previewReady(token, shown);
                }
            };
        },
        [this, token](const models::Trouble& problem) {
            if (token == m_previewToken) {
                Q_EMIT previewFailed(token, problem);
            }
        });
    return token;
}

void ReviewService::createQueue(const models::QueueForm& form) {
    count(
        [this, form](store::Workspace& workspace) -> base::Expected<std::function<void()>> {
            const auto request = planRequest(form);
            if (!request) {
                return base::fail(request.error());
            }
            const auto plan = review::createPlan(workspace, *request);
            if (!plan) {
                return base::fail(plan.error());
            }
            return [this, made = queueInfo(*plan, 0)] {
                m_queues.prepend(made);
                Q_EMIT queuesChanged();
                Q_EMIT queueCreated(made.id);
            };
        },
        [this](const models::Trouble& problem) { Q_EMIT createFailed(problem); });
}

quint64 ReviewService::requestAudit(const models::AuditQuery& query) {
    const quint64 token = ++m_lastToken;
    m_auditToken = token;
    count(
        [this, query, token](store::Workspace& workspace) -> base::Expected<std::function<void()>> {
            const auto reader = workspace.reader();
            if (!reader) {
                return base::fail(reader.error());
            }
            const auto report = review::auditSelfValidation(**reader, auditQuery(query));
            if (!report) {
                return base::fail(report.error());
            }
            return [this, token, shown = auditReport(*report)] {
                if (token == m_auditToken) {
                    Q_EMIT auditReady(token, shown);
                }
            };
        },
        [this, token](const models::Trouble& problem) {
            if (token == m_auditToken) {
                Q_EMIT auditFailed(token, problem);
            }
        });
    return token;
}

void ReviewService::requestAgreement(qint64 queueId) {
    count(
        [this, queueId](store::Workspace& workspace) -> base::Expected<std::function<void()>> {
            const auto reader = workspace.reader();
            if (!reader) {
                return base::fail(reader.error());
            }
            const auto plan = queueId == 0 ? std::nullopt : std::optional<std::int64_t>(queueId);
            const auto report = review::reviewerAgreement(**reader, plan);
            if (!report) {
                return base::fail(report.error());
            }
            constexpr int kMost = 1000; // nobody settles more at a sitting
            review::DisputeQuery query;
            query.planId = plan;
            query.withDecided = true;
            query.limit = kMost;
            const auto found = review::disputes(**reader, query);
            if (!found) {
                return base::fail(found.error());
            }
            return [this, shown = agreementReport(*report, *found)] {
                Q_EMIT agreementReady(shown);
            };
        },
        [this](const models::Trouble& problem) { Q_EMIT failed(problem); });
}

void ReviewService::adjudicate(qint64 critiqueId, const models::Judgement& judgement) {
    const auto shared = m_workspace.workspace();
    count(
        [this, shared, critiqueId, judgement, who = models::utf8(m_annotator)](
            store::Workspace& workspace) -> base::Expected<std::function<void()>> {
            const auto done =
                review::adjudicate(workspace, critiqueId, who, storedJudgement(judgement),
                                   loop::answerRescorer(shared));
            if (!done) {
                return base::fail(done.error());
            }
            return [this, critiqueId] {
                Q_EMIT adjudicated(critiqueId);
            };
        },
        [this](const models::Trouble& problem) { Q_EMIT failed(problem); });
}

void ReviewService::writePack(qint64 queueId, const QString& path, bool answers) {
    count(
        [this, queueId, path,
         answers](store::Workspace& workspace) -> base::Expected<std::function<void()>> {
            const auto reader = workspace.reader();
            if (!reader) {
                return base::fail(reader.error());
            }
            const auto plan = planOf(workspace, queueId);
            if (!plan) {
                return base::fail(plan.error());
            }
            review::PackOptions options;
            options.content = answers ? review::PackOptions::Content::Answers
                                      : review::PackOptions::Content::Items;
            const auto written = review::writePack(**reader, *plan, pathOf(path), options);
            if (!written) {
                return base::fail(written.error());
            }
            return [this, result = models::PackResult{path, written->items, written->answers,
                                                      static_cast<qint64>(written->bytes)}] {
                Q_EMIT packWritten(result);
            };
        },
        [this](const models::Trouble& problem) { Q_EMIT failed(problem); });
}

void ReviewService::mergePack(const QString& path) {
    const auto shared = m_workspace.workspace();
    count(
        [this, shared, path](store::Workspace& workspace) -> base::Expected<std::function<void()>> {
            review::MergeOptions options;
            options.addItems = true;
            const auto merged =
                review::mergePack(workspace, pathOf(path), options, loop::answerRescorer(shared));
            if (!merged) {
                return base::fail(merged.error());
            }
            return [this, result = mergeResult(path, *merged)] {
                m_workspace.contentsDidGrow();
                refresh();
                Q_EMIT packMerged(result);
            };
        },
        [this](const models::Trouble& problem) { Q_EMIT failed(problem); });
}

} // namespace scrit::ui::bridge
