// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/backend/change_listeners.h"
#include "core/backend/model_handle.h"
#include "core/backend/open_model.h"
#include "core/backend/served_model.h"
#include "core/backend/slurm_client.h"
#include "core/backend/slurm_serving_folder.h"
#include "core/base/cancellation.h"
#include "core/net/http_client.h"

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

// Private to core/backend: what open_model.h gives for models that are served through Slurm.
namespace scrit::backend {

// The servers of one model on a cluster, shared by the handles of the model: a job array whose
// tasks are one server each. One thread, "scrit-slurm", submits the array (or takes over the one
// that an earlier process left in the folder), asks Slurm about it, looks into the folder, looks
// after the servers' health, and cancels the array at the end when no other process uses it.
class SlurmServing {
public:
    SlurmServing(std::shared_ptr<net::HttpClient> http, ModelKind kind, ModelSettings settings,
                 std::string identity, std::string name, const SlurmServingOptions& options);
    // Aborts what is in flight. Waits until Slurm has ended the job, or 30 s.
    ~SlurmServing();
    SlurmServing(const SlurmServing&) = delete;
    SlurmServing& operator=(const SlurmServing&) = delete;

    [[nodiscard]] const ModelSettings& settings() const { return m_settings; }
    [[nodiscard]] const std::string& identity() const { return m_identity; }
    [[nodiscard]] ServingSnapshot snapshot() const;
    [[nodiscard]] std::string apiKey() const;
    [[nodiscard]] std::vector<Endpoint> endpoints() const;
    [[nodiscard]] bool waitReady(int servers, std::int64_t millis) const;
    [[nodiscard]] bool drain(std::int64_t millis);
    void keepRunning(bool keep);
    [[nodiscard]] ChangeListeners& listeners() { return m_listeners; }

private:
    // Where the answer of a health check is left; shared with the request, which may outlive us.
    struct Health {
        std::mutex mutex; // guards the members
        bool isOver = false;
        bool isWell = false;
    };
    struct Task {
        int number = 0;
        ServingTask told; // what snapshot() gives
        bool everReady = false;
        int restart = -1;               // of the endpoint in use
        std::vector<std::string> hosts; // to be tried
        std::size_t host = 0;
        int port = 0;
        std::int64_t since = 0; // it runs, steady milliseconds; 0: it does not
        std::int64_t lookedAt = 0;
        int misses = 0;
        std::shared_ptr<Health> health; // a check in flight
        std::string beat;
        std::int64_t beatAt = 0;
    };

    void run();
    [[nodiscard]] base::Expected<void> begin();
    [[nodiscard]] base::Expected<bool> takeOver(ServingRecord record);
    [[nodiscard]] base::Expected<void> submit();
    void end();
    // One look at everything; true when something changed that endpoints() tells.
    [[nodiscard]] bool look(std::int64_t now);
    void publish();
    [[nodiscard]] ServedBackend& backendOf(const Task& task) const;
    [[nodiscard]] bool takeStates(const std::vector<SlurmJob>& jobs, std::int64_t now);
    [[nodiscard]] bool takeState(Task& task, const SlurmJob& job, std::int64_t now);
    [[nodiscard]] bool watchRunning(Task& task, std::int64_t now);
    void findEndpoint(Task& task);
    void startHealthCheck(Task& task, std::int64_t now);
    [[nodiscard]] bool takeHealth(Task& task, std::int64_t now);
    void offer(Task& task);
    void withdraw(Task& task, const std::string& why);
    void endTask(Task& task, std::string why);
    [[nodiscard]] std::string endingOf(const Task& task, const SlurmJob* job) const;
    void fail(const base::Error& error);
    [[nodiscard]] bool isStopping() const;
    void sleep(std::int64_t millis) const;

    const std::shared_ptr<net::HttpClient> m_http;
    const ModelKind m_kind;
    const ModelSettings m_settings;
    const std::string m_identity;
    const std::string m_name;
    const SlurmServingOptions m_options;
    const SlurmClient m_client;
    const base::CancelToken
        m_cancel; // set when stopping, so that Slurm's programs are not waited for
    std::vector<std::shared_ptr<ServedBackend>> m_backends; // one for each task; never changes

    // scrit-slurm only
    ServingFolder m_folder;
    std::vector<Task> m_tasks;
    std::vector<int> m_toCancel; // tasks
    std::string m_trouble;
    std::optional<FileLock> m_use;
    std::int64_t m_askedAt = 0;

    mutable std::mutex m_mutex; // guards the members below up to m_listeners
    mutable std::condition_variable m_changed;
    ServingSnapshot m_snapshot; // changed by scrit-slurm only
    std::string m_key;          // the same
    bool m_stopping = false;
    bool m_draining = false;
    std::optional<bool> m_keep; // nothing: as it was

    ChangeListeners m_listeners;
    std::thread m_thread; // last: it uses the members above
};

// A handle to a model that is served through Slurm.
class SlurmModel final : public PooledModel {
public:
    explicit SlurmModel(std::shared_ptr<SlurmServing> serving) : m_serving(std::move(serving)) {}
    ~SlurmModel() override { m_serving->listeners().listen(this, {}); }

    [[nodiscard]] std::vector<Endpoint> endpoints() const override {
        return m_serving->endpoints();
    }
    void onChange(std::function<void()> listener) override {
        m_serving->listeners().listen(this, std::move(listener));
    }
    [[nodiscard]] std::optional<base::Error> failure() const override;
    [[nodiscard]] Prices prices() const override { return m_serving->settings().prices; }
    [[nodiscard]] std::string identity() const override { return m_serving->identity(); }
    [[nodiscard]] std::optional<std::int64_t> contextTokens() const override;
    [[nodiscard]] ServingSnapshot serving() const override { return m_serving->snapshot(); }
    [[nodiscard]] std::string apiKey() const override { return m_serving->apiKey(); }
    [[nodiscard]] bool waitReady(int servers, std::int64_t millis) const override {
        return m_serving->waitReady(servers, millis);
    }
    [[nodiscard]] bool drain(std::int64_t millis) override { return m_serving->drain(millis); }
    void keepRunning(bool keep) override { m_serving->keepRunning(keep); }

private:
    std::shared_ptr<SlurmServing> m_serving;
};

} // namespace scrit::backend
