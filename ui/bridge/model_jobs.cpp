// SPDX-License-Identifier: GPL-3.0-or-later
// Asking, starting and stopping servers: the part of ModelService that works on "scrit-check" and
// "scrit-gpu".
#include "core/backend/gpu.h"
#include "core/backend/open_model.h"
#include "core/backend/recorded_backend.h"
#include "core/backend/server_probe.h"
#include "core/store/run_reader.h"
#include "core/store/workspace.h"
#include "ui/bridge/convert.h"
#include "ui/bridge/model_convert.h"
#include "ui/bridge/model_service.h"
#include "ui/bridge/secrets.h"
#include "ui/bridge/workspace_service.h"
#include "ui/models/visible_text.h"

#include <algorithm>
#include <utility>

namespace scrit::ui::bridge {

namespace {

using Served = std::shared_ptr<backend::ServedModel>;
using Noticed = std::function<void(const Served&)>;

base::Expected<model::Model> storedModel(const store::Workspace& workspace, qint64 id) {
    const auto reader = workspace.reader();
    if (!reader) {
        return base::fail(reader.error());
    }
    auto all = store::RunReader(**reader).models(true);
    if (!all) {
        return base::fail(all.error());
    }
    for (model::Model& one : *all) {
        if (one.id == id) {
            return std::move(one);
        }
    }
    return base::fail(base::ErrorCode::NotFound, "the model is gone");
}

// Speed of one short request at each endpoint; the first error ends it.
base::Expected<void> measure(models::ModelCheck& check, const backend::ModelHandle& handle,
                             const base::CancelToken& cancel) {
    constexpr int kTokens = 32;
    const auto endpoints = handle.endpoints();
    for (const backend::Endpoint& endpoint : endpoints) {
        if (endpoints.size() > 1) {
            check.facts.push_back({ModelService::tr("Endpoint"), text(endpoint.label)});
        }
        const auto speed = backend::measureSpeed(*endpoint.backend, kTokens, cancel);
        if (!speed) {
            return base::fail(speed.error());
        }
        addSpeed(check, *speed);
    }
    return {};
}

base::Expected<void> checkServed(models::ModelCheck& check, backend::ModelServers& servers,
                                 net::HttpClient& http, const model::Model& model,
                                 const backend::ModelSettings& settings, const Noticed& noticed,
                                 const base::CancelToken& cancel) {
    const auto served = servers.openServed(model);
    if (!served) {
        return base::fail(served.error());
    }
    noticed(*served);
    constexpr std::int64_t kStep = 200;
    while (!(*served)->waitReady(kStep)) {
        if (const auto failure = (*served)->failure()) {
            return base::fail(*failure);
        }
        if (cancel.isCancelled()) {
            return base::fail(base::ErrorCode::Cancelled, "stopped");
        }
    }
    check.facts.push_back({ModelService::tr("Plan"), text((*served)->plan().reason)});
    backend::OpenAiSettings server;
    server.url = (*served)->server().url;
    server.apiKey = (*served)->apiKey();
    server.deadlines = settings.deadlines;
    const auto facts = backend::probeServer(http, server, cancel);
    if (!facts) {
        return base::fail(facts.error());
    }
    addFacts(check, *facts, {});
    return measure(check, **served, cancel);
}

base::Expected<void> checkOpenAi(models::ModelCheck& check, backend::ModelServers& servers,
                                 net::HttpClient& http, const std::string& key,
                                 const model::Model& model, const backend::ModelSettings& settings,
                                 const base::CancelToken& cancel) {
    for (const std::string& url : settings.urls) {
        backend::OpenAiSettings server;
        server.url = url;
        server.apiKey = key;
        server.dialect.model = settings.modelId;
        server.deadlines = settings.deadlines;
        const auto facts = backend::probeServer(http, server, cancel);
        if (facts) {
            addFacts(check, *facts, settings.modelId);
        } else if (facts.error().code != base::ErrorCode::Server) {
            return base::fail(facts.error());
        } else { // no /models: the request below tells whether it works
            check.facts.push_back({ModelService::tr("Server"), text(facts.error().message)});
        }
    }
    const auto handle = servers.open(model);
    if (!handle) {
        return base::fail(handle.error());
    }
    return measure(check, **handle, cancel);
}

base::Expected<void> checkRecorded(models::ModelCheck& check,
                                   const backend::ModelSettings& settings) {
    const auto recorded = backend::RecordedBackend::open(settings.files);
    if (!recorded) {
        return base::fail(recorded.error());
    }
    check.facts.push_back({ModelService::tr("Completions"),
                           models::grouped(static_cast<qint64>((*recorded)->size()))});
    return {};
}

} // namespace

void ModelService::check(qint64 id) {
    const auto workspace = m_workspace.workspace();
    const models::ModelEntry* entry = model(id);
    if (!workspace || entry == nullptr || m_checking != 0) {
        return;
    }
    m_checking = id;
    m_cancelCheck = base::CancelToken();
    Q_EMIT checkStarted(id);
    prepareKeys({entry->form.name}, [this, id,
                                     workspace](const std::optional<models::Trouble>& problem) {
        models::ModelCheck check;
        check.modelId = id;
        if (problem) {
            check.message = problem->message + QStringLiteral(": ") + problem->advice;
            finishCheck(check);
            return;
        }
        m_ask->post([this, id, workspace, check, cancel = m_cancelCheck, servers = m_servers,
                     http = m_http, secrets = m_secrets]() mutable {
            const auto work = [&]() -> base::Expected<void> {
                const auto stored = storedModel(*workspace, id);
                if (!stored) {
                    return base::fail(stored.error());
                }
                const auto settings = backend::settingsOf(*stored);
                if (!settings) {
                    return base::fail(settings.error());
                }
                const auto kind = backend::modelKindFromName(stored->kind);
                if (kind == backend::ModelKind::Recorded) {
                    return checkRecorded(check, *settings);
                }
                if (kind && backend::isManaged(*kind)) {
                    return checkServed(
                        check, *servers, *http, *stored, *settings,
                        [this, id](const Served& served) { noticeServed(id, served); }, cancel);
                }
                const auto key = secrets->resolve(*settings);
                if (!key) {
                    return base::fail(key.error());
                }
                return checkOpenAi(check, *servers, *http, *key, *stored, *settings, cancel);
            };
            const auto done = work();
            check.ok = done.has_value();
            check.cancelled =
                !done && (done.error().code == base::ErrorCode::Cancelled || cancel.isCancelled());
            if (!done) {
                check.message = text(done.error().text());
            }
            QMetaObject::invokeMethod(
                this, [this, check] { finishCheck(check); }, Qt::QueuedConnection);
        });
    });
}

void ModelService::finishCheck(const models::ModelCheck& check) {
    if (m_checking != check.modelId) {
        return; // another workspace is open by now
    }
    m_checking = 0;
    Q_EMIT checked(check);
}

void ModelService::cancelCheck() {
    m_cancelCheck.cancel();
}

void ModelService::serve(qint64 id) {
    const auto workspace = m_workspace.workspace();
    if (!workspace || m_served[id].kept) {
        return;
    }
    Server& server = m_served[id];
    server.status.modelId = id;
    server.status.phase = models::ServerPhase::Starting;
    server.status.message.clear();
    server.status.servedHere = true;
    Q_EMIT serverChanged(server.status);
    m_ask->post([this, id, workspace, servers = m_servers, epoch = m_epoch] {
        base::Expected<Served> served = base::fail(base::ErrorCode::Internal, "not opened");
        const auto stored = storedModel(*workspace, id);
        served = stored ? servers->openServed(*stored) : base::fail(stored.error());
        models::Trouble problem;
        if (!served) {
            problem = trouble(served.error());
        }
        QMetaObject::invokeMethod(
            this,
            [this, id, epoch, handle = served ? *served : nullptr, problem] {
                Server& serving = m_served[id];
                if (epoch != m_epoch || !serving.status.servedHere) { // no longer wanted
                    letGo(handle);
                    return;
                }
                if (!handle) {
                    serving.status.phase = models::ServerPhase::Failed;
                    serving.status.servedHere = false;
                    serving.status.message =
                        problem.advice.isEmpty()
                            ? problem.message
                            : problem.message + QStringLiteral(": ") + problem.advice;
                    Q_EMIT serverChanged(serving.status);
                    return;
                }
                serving.kept = handle;
                serving.seen = handle;
                serving.logNext = 0;
                serving.status.log.clear();
                m_poll.start();
                poll();
            },
            Qt::QueuedConnection);
    });
}

void ModelService::stopServing(qint64 id) {
    const auto found = m_served.find(id);
    if (found == m_served.end() || !found->status.servedHere) {
        return;
    }
    found->status.servedHere = false;
    letGo(std::exchange(found->kept, nullptr));
    poll();
}

void ModelService::letGo(std::shared_ptr<backend::ServedModel> handle) {
    if (handle) {
        m_ask->post([handle = std::move(handle)]() mutable { handle.reset(); });
    }
}

models::ServerStatus ModelService::server(qint64 id) const {
    const auto found = m_served.find(id);
    if (found != m_served.end()) {
        return found->status;
    }
    models::ServerStatus none;
    none.modelId = id;
    return none;
}

void ModelService::setLogShown(qint64 id) {
    m_logShown = id;
    poll();
}

backend::OpenModel ModelService::opener() {
    return [this, servers = m_servers](
               const model::Model& model) -> base::Expected<std::shared_ptr<backend::ModelHandle>> {
        auto handle = servers->open(model);
        if (handle) {
            if (const auto served = std::dynamic_pointer_cast<backend::ServedModel>(*handle)) {
                noticeServed(model.id, served);
            }
        }
        return handle;
    };
}

void ModelService::noticeServed(qint64 id, std::weak_ptr<backend::ServedModel> served) {
    QMetaObject::invokeMethod(
        this,
        [this, id, served = std::move(served), epoch = m_epoch] {
            if (epoch != m_epoch) {
                return;
            }
            Server& server = m_served[id];
            server.status.modelId = id;
            server.seen = served;
            server.logNext = 0;
            server.status.log.clear();
            m_poll.start();
            poll();
        },
        Qt::QueuedConnection);
}

// Servers tell on threads of their own, many times while they load: looking twice a second is
// simpler and enough for the eye.
void ModelService::poll() {
    bool anyAlive = false;
    for (Server& server : m_served) {
        models::ServerStatus& status = server.status;
        Served handle = server.kept ? server.kept : server.seen.lock();
        if (!handle) {
            const bool was = status.phase != models::ServerPhase::Stopped &&
                             status.phase != models::ServerPhase::Failed;
            if (was && !status.servedHere) {
                status.phase = models::ServerPhase::Stopped;
                status.message.clear();
                status.pid = 0;
                Q_EMIT serverChanged(status);
            }
            continue;
        }
        anyAlive = true;
        const backend::ServerSnapshot snapshot = handle->server();
        const backend::ServerPlan plan = handle->plan();
        status.phase = serverPhase(snapshot.state);
        status.message = text(snapshot.message);
        status.url = text(snapshot.url);
        status.pid = snapshot.pid;
        status.restarts = snapshot.restarts;
        status.plan = text(plan.reason);
        status.warning = text(plan.warning);
        status.slotCount = plan.slots;
        status.contextTokens = static_cast<qint64>(plan.contextTokens);
        status.working = snapshot.load.working.value_or(-1);
        status.waiting = snapshot.load.waiting.value_or(-1);
        status.tokensPerSecond = snapshot.load.tokensPerSecond.value_or(-1);
        if (status.modelId == m_logShown) {
            const std::string key = handle->apiKey();
            backend::ServerLog news = handle->logSince(server.logNext);
            server.logNext = news.next;
            for (std::string& line : news.lines) {
                if (const auto at = line.find(key); !key.empty() && at != std::string::npos) {
                    line.replace(at, key.size(), "…");
                }
                status.log << models::visibleText(line);
            }
            constexpr qsizetype kMostLines = 2000;
            status.log = status.log.mid(std::max<qsizetype>(0, status.log.size() - kMostLines));
        }
        Q_EMIT serverChanged(status);
        // The run may have let go of it meanwhile: the last handle must not die here.
        if (!server.kept) {
            letGo(std::move(handle));
        }
    }
    if (!anyAlive) {
        m_poll.stop();
    }
}

void ModelService::setWatchingGpus(bool watching) {
    if (!watching) {
        m_gpuTimer.stop();
        return;
    }
    if (!m_gpu) {
        m_gpu = std::make_unique<WorkerThread>(QStringLiteral("scrit-gpu"));
    }
    m_gpuTimer.start();
    askGpus();
}

void ModelService::askGpus() {
    if (std::exchange(m_gpuAsked, true)) {
        return; // the last answer is still on its way
    }
    m_gpu->post([this] {
        models::Gpus out;
        const auto gpus = backend::queryGpus();
        if (gpus) {
            for (const backend::Gpu& gpu : *gpus) {
                out.all.push_back({text(gpu.name), gpu.totalBytes, gpu.freeBytes});
            }
        } else {
            out.error = text(gpus.error().text());
        }
        QMetaObject::invokeMethod(
            this,
            [this, out] {
                m_gpuAsked = false;
                Q_EMIT gpusRead(out);
            },
            Qt::QueuedConnection);
    });
}

} // namespace scrit::ui::bridge
