// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/bridge/review_service.h"

#include "core/loop/repair.h"
#include "core/store/workspace.h"
#include "ui/bridge/convert.h"
#include "ui/bridge/review_convert.h"
#include "ui/bridge/review_plans.h"
#include "ui/bridge/workspace_service.h"
#include "ui/models/visible_text.h"

#include <QSemaphore>

#include <algorithm>
#include <atomic>
#include <utility>

namespace scrit::ui::bridge {

// Touched on "scrit-review" alone.
struct ReviewService::Shared {
    std::unique_ptr<review::Session> session;
};

// `reader` is touched on "scrit-fetch" alone.
struct ReviewService::Fetched {
    std::unique_ptr<store::Reader> reader;
    std::atomic<quint64> newest{0}; // call of fetch()
};

namespace {

constexpr int kAhead = 6;    // items to fetch before they are wanted
constexpr int kHistory = 16; // judgements that the page shows

std::optional<models::ReviewItem> shownItem(const std::optional<review::Item>& item) {
    return item ? std::optional(reviewItem(*item)) : std::nullopt;
}

base::Expected<models::ReviewAround> around(review::Session& session) {
    models::ReviewAround out;
    const auto ahead = session.upcoming(kAhead);
    if (!ahead) {
        return base::fail(ahead.error());
    }
    for (const review::Item& item : *ahead) {
        out.ahead.push_back(reviewItem(item));
    }
    const auto history = session.history(kHistory);
    if (!history) {
        return base::fail(history.error());
    }
    out.history = reviewHistory(*history);
    return out;
}

base::Expected<models::ReviewStep> judgedStep(base::Expected<review::Submitted>&& submitted,
                                              bool skipped) {
    if (!submitted) {
        return base::fail(submitted.error());
    }
    models::ReviewStep out;
    out.kind = skipped ? models::ReviewStep::Kind::Skipped : models::ReviewStep::Kind::Judged;
    out.item = shownItem(submitted->next);
    out.entry = historyEntry(submitted->item, submitted->reveal, skipped);
    out.progress = reviewProgress(submitted->progress);
    out.rescored = submitted->rescored;
    return out;
}

base::Expected<models::ReviewStep>
movedStep(const base::Expected<std::optional<review::Item>>& to) {
    if (!to) {
        return base::fail(to.error());
    }
    models::ReviewStep out;
    out.item = shownItem(*to);
    return out;
}

} // namespace

ReviewService::ReviewService(WorkspaceService& workspace, QObject* parent)
    : QObject(parent), m_workspace(workspace), m_shared(std::make_shared<Shared>()),
      m_fetched(std::make_shared<Fetched>()),
      m_previewWanted(std::make_shared<std::atomic<quint64>>(0)),
      m_judge(std::make_unique<WorkerThread>(QStringLiteral("scrit-review"))),
      m_fetch(std::make_unique<WorkerThread>(QStringLiteral("scrit-fetch"))),
      m_audit(std::make_unique<WorkerThread>(QStringLiteral("scrit-audit"))) {
    connect(&m_workspace, &WorkspaceService::opened, this, &ReviewService::workspaceOpened);
    connect(&m_workspace, &WorkspaceService::settled, this, &ReviewService::ensureLoaded);
    connect(&m_workspace, &WorkspaceService::closed, this, &ReviewService::workspaceClosed);
}

ReviewService::~ReviewService() {
    *m_previewWanted = ++m_lastToken;
    m_fetched->newest = ++m_lastToken;
    // What the reviewer has said is stored before the thread ends.
    QSemaphore stored;
    m_judge->post([shared = m_shared, &stored] {
        shared->session.reset();
        stored.release();
    });
    stored.acquire();
    m_judge.reset();
    m_fetch.reset();
    m_audit.reset();
}

void ReviewService::workspaceOpened() {
    m_queues.clear();
    m_loaded = false;
    m_asked = false;
}

void ReviewService::ensureLoaded() {
    if (!m_asked) {
        refresh();
    }
}

void ReviewService::workspaceClosed() {
    ++m_session;
    m_waiting = 0;
    // Behind the judgements that wait.
    m_judge->post([shared = m_shared] { shared->session.reset(); });
    m_fetched->newest = ++m_lastToken;
    m_fetch->post([fetched = m_fetched] { fetched->reader.reset(); });
    m_queues.clear();
    m_loaded = false;
    Q_EMIT queuesChanged();
}

void ReviewService::setAnnotator(const QString& name) {
    if (name != m_annotator) {
        m_annotator = name;
        refresh();
    }
}

const models::QueueInfo* ReviewService::queue(qint64 id) const {
    const auto found = std::find_if(m_queues.begin(), m_queues.end(),
                                    [id](const auto& one) { return one.id == id; });
    return found == m_queues.end() ? nullptr : &*found;
}

void ReviewService::count(Count work, std::function<void(const models::Trouble&)> fail) {
    const auto workspace = m_workspace.workspace();
    if (!workspace) {
        return;
    }
    m_audit->post([this, workspace, work = std::move(work), fail = std::move(fail),
                   epoch = m_workspace.epoch()] {
        auto done = work(*workspace);
        models::Trouble problem;
        if (!done) {
            problem = trouble(done.error());
        }
        QMetaObject::invokeMethod(
            this,
            [this, epoch, done = std::move(done), fail, problem] {
                if (epoch != m_workspace.epoch()) {
                    return;
                }
                if (done) {
                    (*done)();
                } else {
                    fail(problem);
                }
            },
            Qt::QueuedConnection);
    });
}

void ReviewService::openSession(qint64 queueId) {
    const auto workspace = m_workspace.workspace();
    const models::QueueInfo* known = queue(queueId);
    if (!workspace || known == nullptr) {
        return;
    }
    const int number = ++m_session;
    m_waiting = 0;
    m_judge->post([this, shared = m_shared, workspace, number, info = *known,
                   name = models::utf8(m_annotator)] {
        models::ReviewSession opened;
        const auto open = [&]() -> base::Expected<void> {
            shared->session.reset();
            const auto plan = planOf(*workspace, info.id);
            if (!plan) {
                return base::fail(plan.error());
            }
            auto session =
                review::Session::open(workspace, plan->name, name, loop::answerRescorer(workspace));
            if (!session) {
                return base::fail(session.error());
            }
            shared->session = std::move(*session);
            const auto item = shared->session->current();
            const auto progress = shared->session->progress();
            auto near = around(*shared->session);
            if (!item || !progress || !near) {
                return base::fail(!item       ? item.error()
                                  : !progress ? progress.error()
                                              : near.error());
            }
            opened.queue = info;
            opened.annotator = text(name);
            opened.item = shownItem(*item);
            opened.progress = reviewProgress(*progress);
            opened.around = *std::move(near);
            return {};
        };
        std::optional<models::Trouble> problem;
        if (const auto done = open(); !done) {
            shared->session.reset();
            problem = trouble(done.error());
        }
        QMetaObject::invokeMethod(
            this,
            [this, number, opened, problem] {
                if (number != m_session) {
                    return;
                }
                if (problem) {
                    Q_EMIT sessionFailed(*problem);
                } else {
                    Q_EMIT sessionOpened(opened);
                }
            },
            Qt::QueuedConnection);
    });
}

quint64 ReviewService::step(Step work) {
    const quint64 token = ++m_lastToken;
    ++m_waiting;
    m_judge->post([this, shared = m_shared, token, number = m_session, work = std::move(work),
                   epoch = m_workspace.epoch()] {
        if (!shared->session) {
            return;
        }
        auto done = work(*shared->session);
        models::Trouble problem;
        if (done) {
            done->token = token;
        } else {
            problem = trouble(done.error());
        }
        QMetaObject::invokeMethod(
            this,
            [this, token, number, done = std::move(done), problem] {
                if (number != m_session) {
                    return;
                }
                --m_waiting;
                if (done) {
                    Q_EMIT stepDone(*done);
                } else {
                    Q_EMIT stepFailed(token, problem);
                }
            },
            Qt::QueuedConnection);
        // The item comes first, then what is around it.
        auto near = around(*shared->session);
        if (!near) {
            m_workspace.postReadFailure(epoch, near.error());
            return;
        }
        QMetaObject::invokeMethod(
            this,
            [this, number, near = *std::move(near)] {
                if (number == m_session) {
                    Q_EMIT aroundReady(near);
                }
            },
            Qt::QueuedConnection);
    });
    return token;
}

void ReviewService::fetch(const models::RowIds& critiqueIds) {
    const auto workspace = m_workspace.workspace();
    if (!workspace) {
        return;
    }
    const quint64 call = ++m_lastToken;
    m_fetched->newest = call;
    for (const qint64 id : critiqueIds) {
        m_fetch->post(
            [this, fetched = m_fetched, workspace, call, id, epoch = m_workspace.epoch()] {
                if (fetched->newest != call) {
                    return;
                }
                models::TraceRecordPtr record;
                const auto read = [&]() -> base::Expected<void> {
                    if (!fetched->reader) {
                        auto reader = workspace->reader();
                        if (!reader) {
                            return base::fail(reader.error());
                        }
                        fetched->reader = std::move(*reader);
                    }
                    auto found = fetched->reader->record(store::ListOf::Critiques, id);
                    if (!found) {
                        return base::fail(found.error());
                    }
                    record = traceRecord(models::ListKind::Critiques, id, std::move(*found));
                    return {};
                };
                models::Trouble problem;
                if (const auto done = read(); !done) {
                    problem = trouble(done.error());
                }
                QMetaObject::invokeMethod(
                    this,
                    [this, epoch, id, record, problem] {
                        if (epoch != m_workspace.epoch()) {
                            return;
                        }
                        if (record) {
                            Q_EMIT recordReady(record);
                        } else {
                            Q_EMIT recordFailed(id, problem);
                        }
                    },
                    Qt::QueuedConnection);
            });
    }
}

quint64 ReviewService::submit(qint64 position, const models::Judgement& judgement) {
    return step([position, judgement](review::Session& session) {
        return judgedStep(session.submit(position, storedJudgement(judgement)), false);
    });
}

quint64 ReviewService::skip(qint64 position) {
    return step(
        [position](review::Session& session) { return judgedStep(session.skip(position), true); });
}

quint64 ReviewService::undo() {
    return step([](review::Session& session) -> base::Expected<models::ReviewStep> {
        const auto undone = session.undo();
        if (!undone) {
            return base::fail(undone.error());
        }
        models::ReviewStep out;
        out.kind = models::ReviewStep::Kind::Undone;
        if (*undone) {
            out.item = reviewItem((*undone)->item);
            out.progress = reviewProgress((*undone)->progress);
            out.rescored = (*undone)->rescored;
        }
        return out;
    });
}

quint64 ReviewService::goTo(qint64 position) {
    return step([position](review::Session& session) -> base::Expected<models::ReviewStep> {
        const auto item = session.goTo(position);
        if (!item) {
            return base::fail(item.error());
        }
        models::ReviewStep out;
        out.item = reviewItem(*item);
        return out;
    });
}

quint64 ReviewService::previous() {
    return step([](review::Session& session) { return movedStep(session.previous()); });
}

quint64 ReviewService::nextSkipped() {
    return step([](review::Session& session) { return movedStep(session.nextSkipped()); });
}

} // namespace scrit::ui::bridge
