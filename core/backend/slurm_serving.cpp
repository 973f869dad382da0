// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backend/slurm_serving.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/text.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <utility>

namespace scrit::backend {
namespace {

constexpr std::int64_t kStaleBeatMillis = 30'000;
constexpr int kMissesBeforeAway = 3;
constexpr int kUsualWindow = 64;

int wantedTasks(const ModelSettings& settings) {
    return settings.slurm && settings.slurm->nodes > 0 ? settings.slurm->nodes : 1;
}

std::string servedName(const ModelSettings& settings) {
    return settings.modelId.empty() ? std::filesystem::path(settings.modelFile).stem().string()
                                    : settings.modelId;
}

} // namespace

SlurmServing::SlurmServing(std::shared_ptr<net::HttpClient> http, ModelKind kind,
                           ModelSettings settings, std::string identity, std::string name,
                           const SlurmServingOptions& options)
    : m_http(std::move(http)), m_kind(kind), m_settings(std::move(settings)),
      m_identity(std::move(identity)), m_name(std::move(name)), m_options(options),
      m_client(options.client), m_folder({}) {
    m_tasks.resize(static_cast<std::size_t>(wantedTasks(m_settings)));
    m_snapshot.tasks.resize(m_tasks.size());
    for (std::size_t i = 0; i < m_tasks.size(); ++i) {
        m_tasks[i].number = static_cast<int>(i);
        m_tasks[i].told.state = "not submitted yet";
        m_backends.push_back(std::make_shared<ServedBackend>());
    }
    m_thread = std::thread([this] { run(); });
    pthread_setname_np(m_thread.native_handle(), "scrit-slurm");
}

SlurmServing::~SlurmServing() {
    for (const auto& backend : m_backends) {
        backend->abortAll();
    }
    {
        const std::lock_guard lock(m_mutex);
        m_stopping = true;
    }
    m_cancel.cancel();
    m_changed.notify_all();
    m_thread.join();
}

ServingSnapshot SlurmServing::snapshot() const {
    const std::lock_guard lock(m_mutex);
    return m_snapshot;
}

ServedBackend& SlurmServing::backendOf(const Task& task) const {
    return *m_backends[static_cast<std::size_t>(task.number)];
}

std::string SlurmServing::apiKey() const {
    const std::lock_guard lock(m_mutex);
    return m_key;
}

std::vector<Endpoint> SlurmServing::endpoints() const {
    const std::lock_guard lock(m_mutex);
    std::vector<Endpoint> endpoints;
    for (std::size_t i = 0; i < m_backends.size(); ++i) {
        const ServingTask& task = m_snapshot.tasks[i];
        if (task.over) {
            continue;
        }
        Endpoint endpoint;
        endpoint.label = "Slurm task " + std::to_string(i) +
                         (task.url.empty() ? "" : " (" + hostOf(task.url) + ")");
        endpoint.backend = m_backends[i];
        endpoint.requestsPerMinute = m_settings.requestsPerMinute;
        endpoint.tokensPerMinute = m_settings.tokensPerMinute;
        endpoint.ready = task.ready && !m_draining;
        // Twice the slots: one request waits at the server while another is worked on.
        endpoint.largestWindow = m_settings.largestWindow > 0 ? m_settings.largestWindow
                                 : m_settings.slots > 0       ? m_settings.slots * 2
                                                              : kUsualWindow;
        endpoints.push_back(std::move(endpoint));
    }
    return endpoints;
}

bool SlurmServing::waitReady(int servers, std::int64_t millis) const {
    std::unique_lock lock(m_mutex);
    const auto enough = [this, servers] {
        const std::vector<ServingTask>& tasks = m_snapshot.tasks;
        return std::count_if(tasks.begin(), tasks.end(), [](const ServingTask& task) {
                   return task.ready;
               }) >= std::min<std::ptrdiff_t>(servers, std::ssize(tasks));
    };
    m_changed.wait_for(lock, std::chrono::milliseconds(millis), [&] {
        return enough() || m_snapshot.state == ServingState::Failed || m_stopping;
    });
    return enough();
}

bool SlurmServing::drain(std::int64_t millis) {
    {
        const std::lock_guard lock(m_mutex);
        m_draining = true;
        for (const auto& backend : m_backends) {
            backend->setTarget(nullptr, "the servers are being stopped");
        }
    }
    m_listeners.tell();
    const std::int64_t until = base::steadyMillis() + millis;
    const auto isIdle = [this] {
        return std::all_of(m_backends.begin(), m_backends.end(),
                           [](const auto& backend) { return backend->openCount() == 0; });
    };
    while (!isIdle() && base::steadyMillis() < until) {
        sleep(20);
    }
    return isIdle();
}

void SlurmServing::keepRunning(bool keep) {
    const std::lock_guard lock(m_mutex);
    m_keep = keep;
}

bool SlurmServing::isStopping() const {
    const std::lock_guard lock(m_mutex);
    return m_stopping;
}

void SlurmServing::sleep(std::int64_t millis) const {
    std::unique_lock lock(m_mutex);
    m_changed.wait_for(lock, std::chrono::milliseconds(millis), [this] { return m_stopping; });
}

void SlurmServing::fail(const base::Error& error) {
    for (Task& task : m_tasks) {
        endTask(task, error.message);
    }
    {
        const std::lock_guard lock(m_mutex);
        m_snapshot.state = ServingState::Failed;
        m_snapshot.message = error.message;
        m_snapshot.advice = error.advice;
    }
    publish();
}

void SlurmServing::run() {
    base::Expected<void> begun = begin();
    if (!begun && !isStopping()) {
        fail(begun.error());
        m_listeners.tell();
    }
    while (begun && !isStopping()) {
        const bool isNews = look(base::steadyMillis());
        publish();
        if (isNews) {
            m_listeners.tell();
        }
        if (snapshot().state == ServingState::Failed) {
            break;
        }
        sleep(m_options.tickMillis);
    }
    while (!isStopping()) {
        sleep(std::int64_t{1} << 40U);
    }
    end();
    {
        const std::lock_guard lock(m_mutex);
        if (m_snapshot.state != ServingState::Failed) {
            m_snapshot.state = ServingState::Stopped;
        }
    }
    m_changed.notify_all();
}

// The array is there and we are one of its users.
base::Expected<void> SlurmServing::begin() {
    const base::Expected<std::filesystem::path> path = servingFolder(m_kind, m_settings);
    if (!path) {
        return base::fail(path.error());
    }
    m_folder = ServingFolder(*path);
    {
        const std::lock_guard lock(m_mutex);
        m_snapshot.folder = path->string();
    }
    if (base::Expected<void> made = m_folder.make(); !made) {
        return made;
    }
    const base::Expected<FileLock> lock =
        FileLock::take(*path / "lock", FileLock::Mode::Exclusive, kLockMillis);
    if (!lock) {
        return base::fail(lock.error());
    }
    const base::Expected<bool> taken = takeOver(m_folder.record());
    if (!taken) {
        return base::fail(taken.error());
    }
    if (!*taken) {
        if (base::Expected<void> submitted = submit(); !submitted) {
            return submitted;
        }
    }
    base::Expected<FileLock> use =
        FileLock::take(*path / "users", FileLock::Mode::Shared, kLockMillis);
    if (!use) {
        return base::fail(std::move(use.error()));
    }
    m_use = std::move(*use);
    return {};
}

// True when there is a job of an earlier or another process that can be used.
base::Expected<bool> SlurmServing::takeOver(ServingRecord record) {
    if (record.jobName.empty()) {
        return false;
    }
    if (record.job.empty()) { // that process ended while it submitted
        const auto named = m_client.jobsNamed(record.jobName, m_cancel);
        if (!named) {
            return base::fail(named.error());
        }
        if (named->empty()) {
            return false;
        }
        record.job = named->front();
    }
    const auto jobs = m_client.jobs(record.job, m_cancel);
    if (!jobs) {
        return base::fail(jobs.error());
    }
    const bool lives = std::any_of(jobs->begin(), jobs->end(),
                                   [](const SlurmJob& job) { return !isOver(job.state); });
    const std::string key = m_folder.key();
    if (!lives) {
        return false;
    }
    if (key.empty() || record.tasks != std::ssize(m_tasks)) {
        const auto gone = m_client.cancelAndWait(record.job, kCancelMillis);
        return gone ? base::Expected<bool>(false) : base::fail(gone.error());
    }
    if (base::Expected<void> written = m_folder.write(record); !written) {
        return base::fail(std::move(written.error()));
    }
    const std::lock_guard lock(m_mutex);
    m_key = key;
    m_snapshot.job = record.job;
    m_snapshot.wasThere = true;
    return true;
}

base::Expected<void> SlurmServing::submit() {
    m_folder.clear();
    m_folder.clearLogs();
    base::Expected<std::string> key = m_folder.makeKey();
    if (!key) {
        return base::fail(std::move(key.error()));
    }
    ServingRecord record;
    record.jobName = uniqueSlurmName("scrit-" + m_name);
    record.tasks = static_cast<int>(m_tasks.size());
    base::Expected<void> written =
        m_folder.writeScript(servingScript(m_kind, m_settings, m_folder.path()));
    written = written ? m_folder.write(record) : written;
    if (!written) {
        return written;
    }
    SlurmSubmission submission;
    submission.script = m_folder.path() / "serve.sh";
    submission.jobName = record.jobName;
    submission.log = m_folder.path() / "log";
    submission.workingFolder = m_folder.path();
    submission.tasks = record.tasks;
    submission.requeue = true;
    base::Expected<std::string> id = m_client.submit(submission);
    if (!id) {
        if (!id.error().retryable) { // then there is no job, for certain
            m_folder.clear();
        }
        return base::fail(std::move(id.error()));
    }
    record.job = *id;
    written = m_folder.write(record);
    const std::lock_guard lock(m_mutex);
    m_key = *key;
    m_snapshot.job = *id;
    return written;
}

// The last user cancels the job.
void SlurmServing::end() {
    if (!m_use) {
        return;
    }
    const base::Expected<FileLock> lock =
        FileLock::take(m_folder.path() / "lock", FileLock::Mode::Exclusive, kLockMillis);
    ServingRecord record = m_folder.record();
    {
        const std::lock_guard guard(m_mutex);
        if (record.job != m_snapshot.job) {
            return; // somebody has stopped it already, and it may be served anew
        }
        if (m_keep && *m_keep != record.keep) {
            record.keep = *m_keep;
            (void)m_folder.write(record);
        }
    }
    m_use.reset();
    const base::Expected<FileLock> alone =
        FileLock::take(m_folder.path() / "users", FileLock::Mode::Exclusive, 0);
    if (!lock || !alone || record.keep) {
        return;
    }
    const base::Expected<void> gone = m_client.cancelAndWait(record.job, kCancelMillis);
    if (!gone) { // its record stays, so that it can be found again
        base::log::warn(gone.error().text() + "; it may go on: scancel " + record.job);
        return;
    }
    m_folder.clear();
}

bool SlurmServing::look(std::int64_t now) {
    bool isNews = false;
    if (m_askedAt == 0 || now - m_askedAt >= m_options.pollMillis) {
        m_askedAt = now;
        const base::Expected<std::vector<SlurmJob>> jobs = m_client.jobs(m_snapshot.job, m_cancel);
        m_trouble = jobs ? "" : jobs.error().message; // the servers go on without the controller
        isNews = jobs && takeStates(*jobs, now);
    }
    for (Task& task : m_tasks) {
        isNews = watchRunning(task, now) || isNews;
    }
    for (const int task : std::exchange(m_toCancel, {})) {
        (void)m_client.cancel(m_snapshot.job + "_" + std::to_string(task));
    }
    return isNews;
}

bool SlurmServing::takeStates(const std::vector<SlurmJob>& jobs, std::int64_t now) {
    bool isNews = false;
    for (Task& task : m_tasks) {
        if (task.told.over) {
            continue;
        }
        const auto job = std::find_if(jobs.begin(), jobs.end(),
                                      [&](const SlurmJob& one) { return one.task == task.number; });
        if (job != jobs.end()) {
            isNews = takeState(task, *job, now) || isNews;
        } else { // Slurm has forgotten it: it ended a while ago
            endTask(task, endingOf(task, nullptr));
            isNews = true;
        }
    }
    return isNews;
}

bool SlurmServing::takeState(Task& task, const SlurmJob& job, std::int64_t now) {
    task.told.node = job.node;
    if (isOver(job.state)) {
        endTask(task, endingOf(task, &job));
        return true;
    }
    const bool runs = job.state == SlurmState::Running;
    const bool isAnother = job.restarts && task.restart >= 0 && *job.restarts != task.restart;
    if (runs && !isAnother) {
        task.since = task.since == 0 ? now : task.since;
        task.told.state = task.told.ready ? "ready" : "starting";
        return false;
    }
    const bool wasReady = task.told.ready;
    withdraw(task, job.state == SlurmState::Pending ? pendingText(job) : "it is being ended");
    task.told.state = job.state == SlurmState::Pending ? pendingText(job) : "ending";
    task.since = runs ? now : 0;
    task.restart = -1;
    task.port = 0;
    task.everReady = false;
    return wasReady;
}

// What the folder and the server itself say of a task that runs.
bool SlurmServing::watchRunning(Task& task, std::int64_t now) {
    if (task.told.over || task.since == 0) {
        return false;
    }
    if (std::string beat = m_folder.beat(task.number); beat != task.beat) {
        task.beat = std::move(beat);
        task.beatAt = now;
    }
    findEndpoint(task);
    const bool isNews = takeHealth(task, now);
    const std::int64_t pause = task.told.ready ? m_options.pollMillis : m_options.tickMillis;
    if (task.port != 0 && !task.health && now - task.lookedAt >= pause) {
        startHealthCheck(task, now);
    }
    if (!task.told.ready && !task.everReady && now - task.since > m_options.startMillis) {
        const bool lives = task.port != 0 && now - task.beatAt < kStaleBeatMillis;
        const std::string words = m_folder.lastWords(task.number, m_key);
        endTask(task,
                "its server was not ready after " + std::to_string(m_options.startMillis / 1000) +
                    " s" +
                    (lives ? " (it runs on " + task.told.node + "; can this machine reach port " +
                                 std::to_string(task.port) + " there?)"
                           : "") +
                    (words.empty() ? "" : ": " + words));
        m_toCancel.push_back(task.number);
        return true;
    }
    return isNews;
}

void SlurmServing::findEndpoint(Task& task) {
    const std::optional<ServingEndpoint> found = m_folder.endpoint(task.number);
    if (!found || found->job != m_snapshot.job ||
        (found->port == task.port && found->restart == task.restart)) {
        return;
    }
    task.restart = found->restart;
    task.port = found->port;
    task.hosts = found->hosts;
    task.host = 0;
    task.misses = 0;
    task.health.reset();
    task.lookedAt = 0;
}

void SlurmServing::startHealthCheck(Task& task, std::int64_t now) {
    task.lookedAt = now;
    task.health = std::make_shared<Health>();
    net::HttpRequest request;
    request.url = "http://" + task.hosts[task.host] + ":" + std::to_string(task.port) + "/health";
    request.deadlines = {2000, 5000, 5000, 10'000};
    m_http->send(std::move(request),
                 [health = task.health](base::Expected<net::HttpResponse>&& response) {
                     const std::lock_guard lock(health->mutex);
                     health->isOver = true;
                     health->isWell = response && response->status == 200;
                 });
}

bool SlurmServing::takeHealth(Task& task, std::int64_t now) {
    if (!task.health) {
        return false;
    }
    bool isWell = false;
    {
        const std::lock_guard lock(task.health->mutex);
        if (!task.health->isOver) {
            return false;
        }
        isWell = task.health->isWell;
    }
    task.health.reset();
    if (isWell) {
        task.misses = 0;
        if (task.told.ready) {
            return false;
        }
        offer(task);
        return true;
    }
    if (!task.told.ready) { // perhaps it is known here by its other name
        task.host = (task.host + 1) % task.hosts.size();
        return false;
    }
    task.lookedAt = now - m_options.pollMillis + m_options.tickMillis; // look again soon
    if (++task.misses < kMissesBeforeAway) {
        return false;
    }
    withdraw(task, "its server does not answer");
    task.told.state = "does not answer";
    return true;
}

void SlurmServing::offer(Task& task) {
    OpenAiSettings open;
    open.url = "http://" + task.hosts[task.host] + ":" + std::to_string(task.port) + "/v1";
    open.apiKey = m_key;
    open.dialect = {servedName(m_settings), m_settings.stream,
                    m_settings.loraFiles.empty() ? m_settings.extraBody
                                                 : bodyWithoutCache(m_settings.extraBody)};
    open.deadlines = m_settings.deadlines;
    task.told.url = open.url;
    task.told.ready = true;
    task.told.state = "ready";
    task.everReady = true;
    const std::lock_guard lock(m_mutex);
    if (!m_draining) {
        backendOf(task).setTarget(std::make_shared<OpenAiBackend>(m_http, std::move(open)), {});
    }
}

void SlurmServing::withdraw(Task& task, const std::string& why) {
    task.told.ready = false;
    task.told.url.clear();
    backendOf(task).setTarget(nullptr, "Slurm task " + std::to_string(task.number) + ": " + why);
}

void SlurmServing::endTask(Task& task, std::string why) {
    withdraw(task, why);
    task.told.over = true;
    task.health.reset();
    task.told.state = std::move(why);
}

std::string SlurmServing::endingOf(const Task& task, const SlurmJob* job) const {
    const std::optional<ServingExit> exit = m_folder.exit(task.number);
    std::string how;
    if (job != nullptr) {
        how = endText(*job);
    } else if (exit && exit->job == m_snapshot.job) {
        how = "it ended with exit code " + std::to_string(exit->code);
    } else {
        how = "it has ended, and Slurm has forgotten why";
    }
    // A log of one who was stopped on purpose says nothing about why.
    const bool isBad = job == nullptr || job->state != SlurmState::Cancelled;
    const std::string words = isBad ? m_folder.lastWords(task.number, m_key) : std::string();
    return how + (words.empty() ? "" : ": " + words);
}

// Makes known what was found.
void SlurmServing::publish() {
    const auto count = [this](auto&& predicate) {
        return std::count_if(m_tasks.begin(), m_tasks.end(), predicate);
    };
    const auto ready = count([](const Task& task) { return task.told.ready; });
    const auto first = std::find_if(m_tasks.begin(), m_tasks.end(),
                                    [](const Task& task) { return !task.told.over; });
    {
        const std::lock_guard lock(m_mutex);
        m_snapshot.trouble = m_trouble;
        for (std::size_t i = 0; i < m_tasks.size(); ++i) {
            m_snapshot.tasks[i] = m_tasks[i].told;
        }
        if (m_snapshot.state == ServingState::Failed) {
            // It says why already.
        } else if (first == m_tasks.end()) {
            m_snapshot.state = ServingState::Failed;
            m_snapshot.message = "no server runs on Slurm: " + m_tasks.front().told.state;
            m_snapshot.advice = "the log is " + m_folder.log(0).string();
        } else if (ready > 0) {
            m_snapshot.state = ServingState::Serving;
            m_snapshot.message = std::to_string(ready) + " of " + std::to_string(m_tasks.size()) +
                                 (m_tasks.size() == 1 ? " server is ready" : " servers are ready");
        } else {
            const bool runs = count([](const Task& task) { return task.since != 0; }) > 0;
            m_snapshot.state = runs ? ServingState::Starting : ServingState::Waiting;
            m_snapshot.message = first->told.state;
        }
    }
    m_changed.notify_all();
}

std::optional<base::Error> SlurmModel::failure() const {
    const ServingSnapshot snapshot = m_serving->snapshot();
    if (snapshot.state != ServingState::Failed) {
        return std::nullopt;
    }
    return base::Error{base::ErrorCode::Unavailable, snapshot.message, snapshot.advice, false};
}

std::optional<std::int64_t> SlurmModel::contextTokens() const {
    const std::int64_t tokens = m_serving->settings().contextTokens;
    return tokens > 0 ? std::optional(tokens) : std::nullopt;
}

} // namespace scrit::backend
