// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/bridge/evolution_service.h"

#include "core/backend/open_model.h"
#include "core/loop/miniature.h"
#include "core/store/run_reader.h"
#include "core/store/workspace.h"
#include "ui/bridge/convert.h"
#include "ui/bridge/evolution_convert.h"
#include "ui/bridge/model_service.h"
#include "ui/bridge/workspace_service.h"
#include "ui/models/visible_text.h"

#include <mutex>
#include <utility>

namespace scrit::ui::bridge {

// The mutex guards all of it but the tokens, which any thread may use; nothing is called while it
// is held.
struct EvolutionService::Shared {
    std::mutex mutex;
    models::EvolutionStatus newest;
    bool told = false; // the UI thread was asked to look and has not yet
    base::CancelToken cancel;
    base::CancelToken cancelNow;
};

namespace {

base::Expected<std::unique_ptr<train::Trainer>> trainerNamed(std::string_view name) {
    return train::makeTrainer(name);
}

// That there is no such model is told when the evolution is made.
bool isMiniature(const store::Workspace& workspace, const QString& model) {
    const auto reader = workspace.reader();
    const auto found = reader ? store::RunReader(**reader).model(models::utf8(model))
                              : base::Expected<model::Model>(base::fail(reader.error()));
    return found && loop::isMiniature(*found);
}

} // namespace

EvolutionService::EvolutionService(WorkspaceService& workspace, ModelService& models,
                                   QObject* parent)
    : QObject(parent), m_workspace(workspace), m_models(models),
      m_shared(std::make_shared<Shared>()),
      m_foresee(std::make_unique<WorkerThread>(QStringLiteral("scrit-foresee"))),
      m_evolve(std::make_unique<WorkerThread>(QStringLiteral("scrit-evolve"))) {
    connect(&m_workspace, &WorkspaceService::closed, this, &EvolutionService::workspaceClosed);
}

EvolutionService::~EvolutionService() {
    ++m_previewToken;
    ++m_freezeToken;
    m_shared->cancel.cancel();
    m_shared->cancelNow.cancel();
    m_evolve.reset();
    m_foresee.reset();
}

void EvolutionService::workspaceClosed() {
    ++m_previewToken;
    ++m_freezeToken;
    m_shared->cancel.cancel();
    m_shared->cancelNow.cancel();
    m_status = {};
    setActive(false);
}

void EvolutionService::setActive(bool active) {
    if (std::exchange(m_active, active) != active) {
        Q_EMIT activeChanged(active);
    }
}

void EvolutionService::requestChoices() {
    const auto workspace = m_workspace.workspace();
    if (!workspace) {
        return;
    }
    m_foresee->post([this, workspace, epoch = m_workspace.epoch()] {
        const auto found = evolutionChoices(*workspace);
        models::EvolutionChoices choices;
        if (found) {
            choices = *found;
        } else {
            m_workspace.postReadFailure(epoch, found.error());
        }
        QMetaObject::invokeMethod(
            this,
            [this, epoch, choices] {
                if (epoch == m_workspace.epoch()) {
                    Q_EMIT choicesReady(choices);
                }
            },
            Qt::QueuedConnection);
    });
}

quint64 EvolutionService::requestPreview(const models::EvolutionForm& form) {
    const quint64 token = ++m_previewToken;
    const auto workspace = m_workspace.workspace();
    if (!workspace) {
        return token;
    }
    m_foresee->post([this, workspace, token, form] {
        const auto request = evolutionRequest(form, isMiniature(*workspace, form.base));
        const auto preview =
            request ? loop::previewEvolution(*workspace, *request, trainerNamed)
                    : base::Expected<loop::EvolutionPreview>(base::fail(request.error()));
        models::EvolutionPreview found;
        std::optional<models::Trouble> problem;
        if (preview) {
            found = evolutionPreview(*preview);
        } else {
            problem = trouble(preview.error());
        }
        QMetaObject::invokeMethod(
            this,
            [this, token, found, problem] {
                if (token != m_previewToken) {
                    return;
                }
                if (problem) {
                    Q_EMIT previewFailed(token, *problem);
                } else {
                    Q_EMIT previewReady(token, found);
                }
            },
            Qt::QueuedConnection);
    });
    return token;
}

quint64 EvolutionService::requestFreezePreview(const models::FreezeForm& form) {
    const quint64 token = ++m_freezeToken;
    const auto workspace = m_workspace.workspace();
    if (!workspace) {
        return token;
    }
    m_foresee->post([this, workspace, token, form] {
        const auto preview = loop::previewFreeze(*workspace, freezeRequest(form));
        const models::FreezePreview found =
            preview
                ? models::FreezePreview{preview->members, preview->problems, preview->problemsLeft}
                : models::FreezePreview{};
        const auto problem = preview ? std::optional<models::Trouble>() : trouble(preview.error());
        QMetaObject::invokeMethod(
            this,
            [this, token, found, problem] {
                if (token != m_freezeToken) {
                    return;
                }
                if (problem) {
                    Q_EMIT freezePreviewFailed(token, *problem);
                } else {
                    Q_EMIT freezePreviewReady(token, found);
                }
            },
            Qt::QueuedConnection);
    });
    return token;
}

void EvolutionService::freeze(const models::FreezeForm& form) {
    const auto workspace = m_workspace.workspace();
    if (!workspace) {
        return;
    }
    m_foresee->post([this, workspace, form, epoch = m_workspace.epoch()] {
        const auto done = loop::freezeSet(*workspace, freezeRequest(form));
        const QString name = done ? text(done->set.name) : QString();
        const qint64 members = done ? done->set.size : 0;
        const qint64 trainedOn = done ? done->problemsExported : 0;
        const auto problem = done ? std::optional<models::Trouble>() : trouble(done.error());
        QMetaObject::invokeMethod(
            this,
            [this, epoch, name, members, trainedOn, problem] {
                if (epoch != m_workspace.epoch()) {
                    return;
                }
                if (problem) {
                    Q_EMIT freezeFailed(*problem);
                    return;
                }
                Q_EMIT frozen(name, members, trainedOn);
                requestChoices();
                m_workspace.contentsDidGrow();
            },
            Qt::QueuedConnection);
    });
}

void EvolutionService::start(const models::EvolutionForm& form) {
    const auto workspace = m_workspace.workspace();
    if (!workspace || m_active) {
        return;
    }
    QStringList names = form.students;
    names << form.base;
    begin(names, [workspace, form](QString& series) -> std::optional<models::Trouble> {
        const auto request = evolutionRequest(form, isMiniature(*workspace, form.base));
        if (!request) {
            return trouble(request.error());
        }
        const auto created = loop::createEvolution(*workspace, *request, trainerNamed);
        if (!created) {
            return trouble(created.error());
        }
        series = text(*created);
        return std::nullopt;
    });
}

void EvolutionService::resume(const QString& series) {
    const auto workspace = m_workspace.workspace();
    if (!workspace || m_active) {
        return;
    }
    // Which keys are needed stands in the series.
    m_foresee->post([this, workspace, series, epoch = m_workspace.epoch()] {
        const auto state = loop::readEvolution(*workspace, models::utf8(series));
        QStringList names;
        std::optional<models::Trouble> problem;
        if (state) {
            names = evolutionModels(state->request);
        } else {
            problem = trouble(state.error());
        }
        QMetaObject::invokeMethod(
            this,
            [this, epoch, series, names, problem] {
                if (epoch != m_workspace.epoch() || m_active) {
                    return;
                }
                if (problem) {
                    Q_EMIT startFailed(*problem);
                    return;
                }
                begin(names, [series](QString& name) -> std::optional<models::Trouble> {
                    name = series;
                    return std::nullopt;
                });
            },
            Qt::QueuedConnection);
    });
}

void EvolutionService::begin(const QStringList& modelNames, Prepare prepare) {
    if (m_workspace.info().readOnly) {
        models::Trouble problem;
        problem.message = tr("This workspace is open read-only, so nothing can be run");
        problem.advice = tr("Open it again for writing.");
        Q_EMIT startFailed(problem);
        return;
    }
    m_shared = std::make_shared<Shared>();
    m_status = {};
    m_clock.start();
    setActive(true);
    const int epoch = m_workspace.epoch();
    m_models.prepareKeys(modelNames, [this, epoch, prepare = std::move(prepare)](
                                         const std::optional<models::Trouble>& problem) {
        if (epoch != m_workspace.epoch()) {
            return;
        }
        if (problem) {
            didStart(epoch, {}, problem);
            return;
        }
        launch(prepare);
    });
}

void EvolutionService::launch(const Prepare& prepare) {
    m_evolve->post([this, shared = m_shared, workspace = m_workspace.workspace(), prepare,
                    epoch = m_workspace.epoch(), open = m_models.opener()] {
        QString series;
        std::optional<models::Trouble> problem = prepare(series);
        QMetaObject::invokeMethod(
            this, [this, epoch, series, problem] { didStart(epoch, series, problem); },
            Qt::QueuedConnection);
        if (problem) {
            return;
        }
        loop::EvolutionContext context;
        context.openModel = open;
        context.makeTrainer = trainerNamed;
        context.cancel = shared->cancel;
        context.cancelNow = shared->cancelNow;
        context.listener = [this, shared, epoch](const loop::EvolutionProgress& progress) {
            models::EvolutionStatus status = evolutionStatus(progress);
            std::unique_lock lock(shared->mutex);
            std::swap(shared->newest, status);
            const bool told = std::exchange(shared->told, true);
            lock.unlock(); // the UI thread waits for it
            if (!told) {
                QMetaObject::invokeMethod(
                    this, [this, epoch] { takeStatus(epoch); }, Qt::QueuedConnection);
            }
        };
        const auto done = loop::runEvolution(workspace, models::utf8(series), context);
        if (!done && done.error().code != base::ErrorCode::Cancelled) {
            problem = trouble(done.error());
        }
        QMetaObject::invokeMethod(
            this,
            [this, epoch, problem, stopped = !done] {
                if (epoch == m_workspace.epoch()) {
                    m_status.stopped = stopped;
                }
                didEnd(epoch, problem);
            },
            Qt::QueuedConnection);
    });
}

void EvolutionService::didStart(int epoch, const QString& series,
                                const std::optional<models::Trouble>& problem) {
    if (epoch != m_workspace.epoch()) {
        return;
    }
    if (problem) {
        setActive(false);
        Q_EMIT startFailed(*problem);
        return;
    }
    m_status.series = series;
    Q_EMIT started(series);
    Q_EMIT progressed(m_status);
}

void EvolutionService::takeStatus(int epoch) {
    if (epoch != m_workspace.epoch() || !m_active) {
        return;
    }
    models::EvolutionStatus newest;
    {
        const std::lock_guard lock(m_shared->mutex);
        newest = m_shared->newest;
        m_shared->told = false;
    }
    const bool moved = newest.stage != m_status.stage || newest.message != m_status.message;
    newest.stopping = m_status.stopping;
    newest.seconds = static_cast<double>(m_clock.elapsed()) / 1000.0;
    m_status = newest;
    if (moved) {
        m_workspace.contentsDidGrow();
    }
    Q_EMIT progressed(m_status);
}

void EvolutionService::didEnd(int epoch, const std::optional<models::Trouble>& problem) {
    if (epoch != m_workspace.epoch()) {
        return;
    }
    if (problem) {
        m_status.trouble = *problem;
    }
    setActive(false);
    m_models.refresh(); // a training has made models
    m_workspace.contentsDidGrow();
    Q_EMIT ended(m_status);
}

void EvolutionService::stop() {
    if (!m_active) {
        return;
    }
    if (m_status.stopping) {
        m_shared->cancelNow.cancel();
    }
    m_shared->cancel.cancel();
    m_status.stopping = true;
    Q_EMIT progressed(m_status);
}

} // namespace scrit::ui::bridge
