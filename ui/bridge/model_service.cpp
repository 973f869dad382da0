// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/bridge/model_service.h"

#include "core/backend/open_model.h"
#include "core/net/http_client.h"
#include "core/store/run_reader.h"
#include "core/store/run_writer.h"
#include "core/store/workspace.h"
#include "ui/bridge/convert.h"
#include "ui/bridge/model_convert.h"
#include "ui/bridge/secrets.h"
#include "ui/bridge/workspace_service.h"
#include "ui/models/visible_text.h"

#include <QUrl>

#include <algorithm>
#include <utility>

namespace scrit::ui::bridge {

namespace {

constexpr int kPollMillis = 500;

models::FieldProblem fieldProblem(models::ModelField field, const QString& message) {
    return {field, message};
}

// What is wrong with one URL, in words; empty when nothing is.
QString urlProblem(const QString& typed) {
    const QString url = typed.trimmed();
    if (!url.contains(QStringLiteral("://"))) {
        return ModelService::tr("“%1” has no scheme: write http://%1 or https://%1").arg(url);
    }
    const QUrl parsed(url, QUrl::StrictMode);
    if (!parsed.isValid() || parsed.host().isEmpty()) {
        return ModelService::tr("“%1” is not a URL: something like https://host:8000/v1 goes here")
            .arg(url);
    }
    if (parsed.scheme() != QStringLiteral("http") && parsed.scheme() != QStringLiteral("https")) {
        return ModelService::tr("“%1” is neither http nor https").arg(parsed.scheme());
    }
    if (!parsed.userInfo().isEmpty()) {
        return ModelService::tr("The URL holds a user name or key: put the key into an environment "
                                "variable or the keychain");
    }
    return {};
}

} // namespace

ModelService::ModelService(WorkspaceService& workspace, std::unique_ptr<Keychain> keychain,
                           QObject* parent)
    : QObject(parent), m_workspace(workspace), m_keychain(std::move(keychain)),
      m_secrets(std::make_shared<Secrets>()), m_http(std::make_shared<net::HttpClient>()),
      m_store(std::make_unique<WorkerThread>(QStringLiteral("scrit-models"))),
      m_ask(std::make_unique<WorkerThread>(QStringLiteral("scrit-check"))) {
    backend::ModelServers::Options options;
    options.key = [secrets = m_secrets](const backend::ModelSettings& settings) {
        return secrets->resolve(settings);
    };
    m_servers = std::make_shared<backend::ModelServers>(m_http, options);
    m_poll.setInterval(kPollMillis);
    constexpr int kGpuMillis = 2000;
    m_gpuTimer.setInterval(kGpuMillis);
    connect(&m_poll, &QTimer::timeout, this, &ModelService::poll);
    connect(&m_gpuTimer, &QTimer::timeout, this, &ModelService::askGpus);
    connect(&m_workspace, &WorkspaceService::opened, this, &ModelService::refresh);
    connect(&m_workspace, &WorkspaceService::closed, this, &ModelService::workspaceClosed);
}

ModelService::~ModelService() {
    m_cancelCheck.cancel();
    m_gpu.reset();
    m_store.reset();
    m_ask.reset();
    m_served.clear(); // stops what is left
}

void ModelService::workspaceClosed() {
    ++m_epoch;
    m_cancelCheck.cancel();
    m_checking = 0;
    for (Server& server : m_served) {
        letGo(std::move(server.kept));
    }
    m_served.clear();
    m_poll.stop();
    m_models.clear();
    m_loaded = false;
    Q_EMIT modelsChanged();
}

const models::ModelEntry* ModelService::model(qint64 id) const {
    const auto found = std::find_if(m_models.begin(), m_models.end(),
                                    [id](const auto& entry) { return entry.form.id == id; });
    return found == m_models.end() ? nullptr : &*found;
}

void ModelService::refresh() {
    const auto workspace = m_workspace.workspace();
    if (!workspace) {
        return;
    }
    m_store->post([this, workspace, epoch = m_workspace.epoch()] {
        models::ModelEntries entries;
        std::optional<models::Trouble> problem;
        const auto reader = workspace->reader();
        if (reader) {
            const auto found = store::RunReader(**reader).models(true);
            if (found) {
                for (const model::Model& one : *found) {
                    entries.push_back(modelEntry(one));
                }
                // Without it, a model is as usable as with it.
                if (const auto added = addLineage(**reader, *found, entries); !added) {
                    m_workspace.postReadFailure(epoch, added.error());
                }
            } else {
                problem = trouble(found.error());
            }
        } else {
            problem = trouble(reader.error());
        }
        // What can be chosen comes first.
        std::stable_partition(entries.begin(), entries.end(),
                              [](const models::ModelEntry& entry) { return !entry.retired; });
        QMetaObject::invokeMethod(
            this,
            [this, epoch, entries = std::move(entries), problem] {
                if (epoch != m_workspace.epoch()) {
                    return;
                }
                if (problem) {
                    m_workspace.tellReadFailure(*problem);
                    return;
                }
                m_models = entries;
                m_loaded = true;
                for (models::ModelEntry& entry : m_models) {
                    if (entry.key == models::KeyState::Unknown &&
                        m_secrets->has(models::utf8(entry.form.keychainEntry))) {
                        entry.key = models::KeyState::Present;
                    }
                }
                Q_EMIT modelsChanged();
            },
            Qt::QueuedConnection);
    });
}

QVector<models::FieldProblem> ModelService::problems(const models::ModelForm& form) const {
    using models::ModelField;
    QVector<models::FieldProblem> found;
    const QString name = form.name.trimmed();
    if (name.isEmpty()) {
        found << fieldProblem(ModelField::Name, tr("Give it a name"));
    }
    for (const models::ModelEntry& entry : m_models) {
        if (!entry.retired && entry.form.id != form.id && entry.form.name == name) {
            found << fieldProblem(ModelField::Name, tr("There is a model of this name already"));
        }
    }
    if (form.kind == models::ModelKind::OpenAi) {
        if (form.urls.isEmpty()) {
            found << fieldProblem(ModelField::Urls, tr("Where is the server? Something like "
                                                       "http://127.0.0.1:8000/v1"));
        }
        for (const QString& url : form.urls) {
            const QString problem = urlProblem(url);
            if (!problem.isEmpty()) {
                found << fieldProblem(ModelField::Urls, problem);
                break;
            }
        }
        const bool variable = form.keySource == models::KeySource::Environment;
        const QString key = (variable ? form.keyVariable : form.keychainEntry).trimmed();
        if (form.keySource != models::KeySource::None && key.isEmpty()) {
            found << fieldProblem(ModelField::Key, variable
                                                       ? tr("Name the variable that holds the key")
                                                       : tr("Give the keychain's entry a name"));
        } else if (form.keySource != models::KeySource::None &&
                   backend::looksLikeKey(models::utf8(key))) {
            found << fieldProblem(ModelField::Key,
                                  tr("This looks like the key itself; a name goes here"));
        }
    }
    if (form.kind == models::ModelKind::LlamaServer && form.modelFile.trimmed().isEmpty()) {
        found << fieldProblem(ModelField::File, tr("Choose a GGUF file"));
    }
    if (form.kind == models::ModelKind::Vllm && form.modelId.trimmed().isEmpty()) {
        found << fieldProblem(ModelField::ModelId, tr("A folder or a hub id goes here"));
    }
    if (form.kind == models::ModelKind::Recorded && form.files.isEmpty()) {
        found << fieldProblem(ModelField::File, tr("Choose at least one file"));
    }
    if (found.isEmpty()) {
        const auto checked = backend::checkSettings(backendKind(form.kind), settingsOfForm(form));
        if (!checked) {
            found << fieldProblem(ModelField::Other, text(checked.error().text()));
        }
    }
    return found;
}

QStringList ModelService::warnings(const models::ModelForm& form) {
    QStringList out;
    for (const std::string& one :
         backend::settingsWarnings(backendKind(form.kind), settingsOfForm(form))) {
        out << text(one);
    }
    return out;
}

quint64 ModelService::requestPlan(const models::ModelForm& form) {
    const quint64 token = ++m_planToken;
    m_store->post([this, token, form] {
        const models::PlanText plan = planOfForm(form);
        QMetaObject::invokeMethod(
            this,
            [this, token, plan] {
                if (token == m_planToken) {
                    Q_EMIT planReady(token, plan);
                }
            },
            Qt::QueuedConnection);
    });
    return token;
}

void ModelService::save(const models::ModelForm& form, const QString& typedKey) {
    if (form.keySource != models::KeySource::Keychain || typedKey.isEmpty()) {
        store(form);
        return;
    }
    const QString entry = form.keychainEntry.trimmed();
    m_keychain->write(entry, typedKey,
                      [this, form, entry, typedKey](const Keychain::Answer& answer) {
                          if (answer.outcome != Keychain::Outcome::Done) {
                              Q_EMIT saveFailed(fieldProblem(models::ModelField::Key,
                                                             keychainProblem(entry, answer)));
                              return;
                          }
                          m_secrets->put(models::utf8(entry), models::utf8(typedKey));
                          store(form);
                      });
}

void ModelService::store(const models::ModelForm& form) {
    const auto workspace = m_workspace.workspace();
    if (!workspace) {
        return;
    }
    m_store->post([this, workspace, form] {
        model::Model model = modelOfForm(form);
        const auto written =
            workspace->write([&model](store::Writer& writer) -> base::Expected<void> {
                store::RunWriter runs(writer);
                if (model.id != 0) {
                    return runs.updateModel(model);
                }
                const auto id = runs.addModel(model);
                if (!id) {
                    return base::fail(id.error());
                }
                model.id = *id;
                return {};
            });
        std::optional<models::FieldProblem> problem;
        if (!written) {
            problem = fieldProblem(written.error().code == base::ErrorCode::Exists
                                       ? models::ModelField::Name
                                       : models::ModelField::Other,
                                   text(written.error().text()));
        }
        QMetaObject::invokeMethod(
            this,
            [this, problem, id = static_cast<qint64>(model.id), name = form.name.trimmed()] {
                if (problem) {
                    Q_EMIT saveFailed(*problem);
                    return;
                }
                refresh();
                Q_EMIT saved(id, name);
            },
            Qt::QueuedConnection);
    });
}

void ModelService::setRetired(qint64 id, bool retired) {
    const auto workspace = m_workspace.workspace();
    const models::ModelEntry* entry = model(id);
    if (!workspace || entry == nullptr) {
        return;
    }
    if (retired) {
        stopServing(id);
    }
    m_store->post([this, workspace, id, retired, name = entry->form.name] {
        const auto written = workspace->write([&](store::Writer& writer) {
            return store::RunWriter(writer).retireModel(id, retired);
        });
        std::optional<models::Trouble> problem;
        if (!written) {
            problem = trouble(written.error());
        }
        QMetaObject::invokeMethod(
            this,
            [this, problem, id, name, retired] {
                if (problem) {
                    Q_EMIT failed(*problem);
                    return;
                }
                refresh();
                Q_EMIT retiredChanged(id, name, retired);
            },
            Qt::QueuedConnection);
    });
}

void ModelService::prepareKeys(const QStringList& names,
                               std::function<void(const std::optional<models::Trouble>&)> done) {
    QStringList entries;
    for (const models::ModelEntry& entry : m_models) {
        if (names.contains(entry.form.name) &&
            entry.form.keySource == models::KeySource::Keychain &&
            !entries.contains(entry.form.keychainEntry)) {
            entries << entry.form.keychainEntry;
        }
    }
    needKeys(entries, std::move(done));
}

// One after the other: a locked keychain asks its user once.
void ModelService::needKeys(QStringList entries,
                            std::function<void(const std::optional<models::Trouble>&)> done) {
    while (!entries.isEmpty() && m_secrets->has(models::utf8(entries.first()))) {
        entries.removeFirst();
    }
    if (entries.isEmpty()) {
        done(std::nullopt);
        return;
    }
    const QString entry = entries.takeFirst();
    m_keychain->read(
        entry, [this, entry, entries, done = std::move(done)](const Keychain::Answer& answer) {
            if (answer.outcome != Keychain::Outcome::Done) {
                models::Trouble problem;
                problem.message = tr("The key of a model could not be read");
                problem.advice = keychainProblem(entry, answer);
                done(problem);
                return;
            }
            m_secrets->put(models::utf8(entry), models::utf8(answer.secret));
            for (models::ModelEntry& model : m_models) {
                if (model.form.keychainEntry == entry) {
                    model.key = models::KeyState::Present;
                }
            }
            Q_EMIT modelsChanged();
            needKeys(entries, done);
        });
}

} // namespace scrit::ui::bridge
