// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/backend/model_handle.h"
#include "core/base/cancellation.h"
#include "ui/bridge/keychain.h"
#include "ui/bridge/worker_thread.h"
#include "ui/models/model_values.h"
#include "ui/models/workspace_facts.h"

#include <QHash>
#include <QObject>
#include <QTimer>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace scrit::backend {
class ModelServers;
class ServedModel;
} // namespace scrit::backend
namespace scrit::net {
class HttpClient;
}
namespace scrit::store {
class Workspace;
}

namespace scrit::ui::bridge {

class Secrets;
class WorkspaceService;

// The models of the open workspace: list, edit, test, serve. Lives on the UI thread and owns three
// threads: "scrit-models" reads and writes the workspace and reads model files, "scrit-check" asks
// servers, starts and stops them, "scrit-gpu" asks nvidia-smi while somebody looks. Keys are read
// from the environment or the keychain when they are needed, held in memory, and handed to nobody
// but the HTTP client. The destructor stops every server that is left.
class ModelService : public QObject {
    Q_OBJECT
public:
    // `workspace` outlives the service.
    ModelService(WorkspaceService& workspace, std::unique_ptr<Keychain> keychain,
                 QObject* parent = nullptr);
    ~ModelService() override;

    // → modelsChanged()
    void refresh();
    [[nodiscard]] const models::ModelEntries& models() const { return m_models; }
    [[nodiscard]] const models::ModelEntry* model(qint64 id) const; // null: not there
    // The list was read at least once since the workspace was opened.
    [[nodiscard]] bool isLoaded() const { return m_loaded; }

    // What can be told of a form without asking anybody; no file is looked at. Microseconds.
    [[nodiscard]] QVector<models::FieldProblem> problems(const models::ModelForm& form) const;
    [[nodiscard]] static QStringList warnings(const models::ModelForm& form);
    // What a local server would do here → planReady() for the newest request.
    quint64 requestPlan(const models::ModelForm& form);
    // Stores a model → saved() or saveFailed(). A key that was typed goes to the keychain first and
    // nowhere else.
    void save(const models::ModelForm& form, const QString& typedKey);
    // → retiredChanged()
    void setRetired(qint64 id, bool retired);

    // Asks what the model's server is and how fast → checked(). One at a time.
    void check(qint64 id);
    void cancelCheck();
    [[nodiscard]] qint64 checking() const { return m_checking; } // 0: none
    // Starts a managed model's server and keeps it until stopServing() → serverChanged().
    void serve(qint64 id);
    void stopServing(qint64 id);
    [[nodiscard]] models::ServerStatus server(qint64 id) const;
    // Whose log serverChanged() carries; 0: nobody's.
    void setLogShown(qint64 id);
    // → gpusRead(), now and every two seconds.
    void setWatchingGpus(bool watching);

    // Reads the keys that these models need, by name, then calls `done` on the UI thread with what
    // is missing, if anything.
    void prepareKeys(const QStringList& names,
                     std::function<void(const std::optional<models::Trouble>&)> done);
    // For the run service; any thread.
    [[nodiscard]] std::shared_ptr<backend::ModelServers> servers() const { return m_servers; }
    // Opens models for the engine, on any thread, and shows the servers that come up. Must not be
    // used after the service is gone.
    [[nodiscard]] backend::OpenModel opener();
    void noticeServed(qint64 id, std::weak_ptr<backend::ServedModel> served);

Q_SIGNALS:
    void modelsChanged();
    void planReady(quint64 token, const scrit::ui::models::PlanText& plan);
    void saved(qint64 id, const QString& name);
    void saveFailed(const scrit::ui::models::FieldProblem& problem);
    void retiredChanged(qint64 id, const QString& name, bool retired);
    void failed(const scrit::ui::models::Trouble& trouble);
    void checkStarted(qint64 id);
    void checked(const scrit::ui::models::ModelCheck& check);
    void serverChanged(const scrit::ui::models::ServerStatus& status);
    void gpusRead(const scrit::ui::models::Gpus& gpus);

private:
    struct Server {
        std::shared_ptr<backend::ServedModel> kept; // by serve()
        std::weak_ptr<backend::ServedModel> seen;   // of a run or a test
        models::ServerStatus status;
        std::uint64_t logNext = 0; // number of the first line of the log that is not there yet
    };

    void store(const models::ModelForm& form);
    void workspaceClosed();
    void needKeys(QStringList entries,
                  std::function<void(const std::optional<models::Trouble>&)> done);
    void poll();
    void askGpus();
    void finishCheck(const models::ModelCheck& check);
    // Lets a handle go where stopping its server may block.
    void letGo(std::shared_ptr<backend::ServedModel> handle);

    WorkspaceService& m_workspace;
    std::unique_ptr<Keychain> m_keychain;
    std::shared_ptr<Secrets> m_secrets;
    std::shared_ptr<net::HttpClient> m_http;
    std::shared_ptr<backend::ModelServers> m_servers;
    models::ModelEntries m_models;
    bool m_loaded = false;
    int m_epoch = 0; // counts workspaces
    quint64 m_planToken = 0;
    qint64 m_checking = 0;
    base::CancelToken m_cancelCheck;
    QHash<qint64, Server> m_served;
    qint64 m_logShown = 0;
    QTimer m_poll;
    QTimer m_gpuTimer;
    bool m_gpuAsked = false;
    // Last, so that the threads end before what they use.
    std::unique_ptr<WorkerThread> m_store;
    std::unique_ptr<WorkerThread> m_ask;
    std::unique_ptr<WorkerThread> m_gpu; // made on first use
};

} // namespace scrit::ui::bridge
