// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/slurm_trainer.h"

#include "core/backend/child_process.h"
#include "core/backend/slurm_script.h"
#include "core/base/atomic_file.h"
#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/train/command_template.h"
#include "core/train/job_state.h"
#include "core/train/progress_teller.h"
#include "core/train/slurm_job_script.h"

#include <nlohmann/json.hpp>
#include <poll.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <system_error>
#include <utility>

namespace scrit::train {
namespace {

namespace fs = std::filesystem;
using backend::SlurmJob;
using backend::SlurmState;
using base::ErrorCode;
using nlohmann::json;

constexpr std::string_view kSlurmName = "slurm";
constexpr std::int64_t kCancelMillis = 90'000;
constexpr std::int64_t kSilenceMillis = 600'000; // of a controller that is away
// A shared file system may show the last files of another machine late.
constexpr std::int64_t kLateFilesMillis = 30'000;
constexpr std::size_t kMostBytesAtOnce = std::size_t{4} << 20U;

// Follows a file that another machine writes.
class LogTail {
public:
    LogTail(fs::path file, std::uint64_t from) : m_file(std::move(file)), m_at(from) {}
    std::string more() {
        std::ifstream in(m_file, std::ios::binary);
        if (!in || !in.seekg(static_cast<std::streamoff>(m_at))) {
            return {};
        }
        std::string bytes(kMostBytesAtOnce, '\0');
        in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        bytes.resize(static_cast<std::size_t>(std::max<std::streamsize>(in.gcount(), 0)));
        m_at += bytes.size();
        return bytes;
    }

private:
    fs::path m_file;
    std::uint64_t m_at;
};

// One job of Slurm from here until its end, or until somebody cancels.
class Watch {
public:
    Watch(const SlurmTrainerOptions& options, const backend::SlurmClient& client,
          const CommandTemplate& form, const CommandPlan& plan, const Job& job,
          ProgressTeller& teller, std::string id, std::uint64_t logFrom)
        : m_options(options), m_client(client), m_plan(plan), m_job(job), m_teller(teller),
          m_id(std::move(id)), m_reader(form), m_tail(job.log(), logFrom) {}

    // Whether the job is at an end after run(), whatever run() gave.
    [[nodiscard]] bool isOver() const { return m_over; }

    // Ok when the script has ended with exit code 0.
    base::Expected<void> run(const base::CancelToken& cancel) {
        m_teller.now().externalJob = m_id;
        m_teller.now().stage = "queued";
        m_teller.tell(true);
        std::int64_t askedAt = 0;
        m_heardAt = base::steadyMillis();
        for (;;) {
            const std::int64_t now = base::steadyMillis();
            if (askedAt == 0 || now - askedAt >= m_options.pollMillis) {
                askedAt = now;
                const base::Expected<bool> ended = ask(cancel);
                if (!ended && ended.error().code != ErrorCode::Cancelled) {
                    return base::fail(ended.error());
                }
                if (ended && *ended) {
                    return ending();
                }
            }
            if (base::Expected<void> read = readLog(); !read) {
                return stopped(read.error());
            }
            if (cancel.isCancelled()) {
                return stopped(
                    {ErrorCode::Cancelled, "the training was stopped", "it can be resumed", false});
            }
            poll(nullptr, 0,
                 static_cast<int>(std::max<std::int64_t>(m_options.pollMillis / 10, 10)));
        }
    }

private:
    // True when the job is at its end, as far as Slurm knows.
    base::Expected<bool> ask(const base::CancelToken& cancel) {
        base::Expected<std::vector<SlurmJob>> jobs = m_client.jobs(m_id, cancel);
        const std::int64_t now = base::steadyMillis();
        if (!jobs) {
            if (!jobs.error().retryable || now - m_heardAt > kSilenceMillis) {
                return base::fail(std::move(jobs.error()));
            }
            say(jobs.error().message);
            return false;
        }
        m_heardAt = now;
        if (jobs->empty()) {
            m_last.reset(); // it ended so long ago that Slurm has forgotten it
            return true;
        }
        m_last = std::move(jobs->front());
        Progress& progress = m_teller.now();
        if (m_last->state == SlurmState::Pending) {
            progress.stage = "queued";
            say(pendingText(*m_last));
        } else if (m_last->state == SlurmState::Running) {
            const std::size_t stage = readStage(m_job.folder).value_or(0);
            progress.stage =
                stage < m_plan.steps.size() ? m_plan.steps[stage].stage : std::string("train");
            say("running" + (m_last->node.empty() ? "" : " on " + m_last->node));
        }
        return backend::isOver(m_last->state);
    }

    // A line about the job, when it is news.
    void say(const std::string& what) {
        if (what != m_said) {
            m_said = what;
            m_teller.now().lines.push_back("Slurm job " + m_id + ": " + what);
            m_teller.tell(true);
        }
    }

    base::Expected<void> readLog() {
        base::Expected<void> read = m_reader.feed(m_tail.more(), m_teller.now());
        m_teller.tell(false);
        return read;
    }

    // Cancels the job and waits until it is gone.
    base::Expected<void> stopped(base::Error why) {
        const base::Expected<void> gone = m_client.cancelAndWait(m_id, kCancelMillis);
        m_over = gone.has_value();
        (void)readLog();
        (void)m_reader.finish(m_teller.now());
        m_teller.tell(true);
        if (!gone) { // it goes on: a later start watches it again
            why.advice = gone.error().message + ", so it may go on: scancel " + m_id;
        }
        return base::fail(std::move(why));
    }

    base::Expected<void> ending() {
        m_over = true;
        const std::optional<ScriptEnd> end = awaitScriptEnd();
        base::Expected<void> read;
        for (std::string bytes = m_tail.more(); read && !bytes.empty(); bytes = m_tail.more()) {
            read = m_reader.feed(bytes, m_teller.now());
        }
        read = read ? m_reader.finish(m_teller.now()) : read;
        m_teller.tell(true);
        if (!read) {
            return read;
        }
        const bool completed =
            m_last ? m_last->state == SlurmState::Completed : end && end->code == 0;
        if (completed) {
            return {};
        }
        const std::string words = m_reader.lastWords();
        const std::string said = words.empty() ? " and said nothing" : ": " + words;
        const std::string log = "its log is " + base::makeVisibleUtf8(m_job.log().string());
        if (m_last) {
            const std::string advice = backend::endAdvice(*m_last);
            return base::fail(ErrorCode::Server, backend::endText(*m_last) + said,
                              advice.empty() ? log : advice);
        }
        if (end) {
            return base::fail(ErrorCode::Server,
                              "Slurm job " + m_id + " failed with exit code " +
                                  std::to_string(end->code) + said,
                              log);
        }
        return base::fail(ErrorCode::Server,
                          "Slurm does not know job " + m_id +
                              " any more, and it left no exit code" + said,
                          "start again: what it saved is used");
    }

    // What the script wrote at its end. Slurm may know of the end before the file can be seen here;
    // only of a job that was killed there is none.
    std::optional<ScriptEnd> awaitScriptEnd() const {
        const bool isCertain = m_last && (m_last->state == SlurmState::Completed ||
                                          m_last->state == SlurmState::Failed);
        const std::int64_t until =
            base::steadyMillis() +
            (isCertain && readScriptStart(m_job.folder) ? kLateFilesMillis : 0);
        for (;;) {
            const std::optional<ScriptEnd> end = readScriptEnd(m_job.folder);
            if ((end && end->job == m_id) || base::steadyMillis() >= until) {
                return end && end->job == m_id ? end : std::nullopt;
            }
            poll(nullptr, 0, 200);
        }
    }

    const SlurmTrainerOptions& m_options;
    const backend::SlurmClient& m_client;
    const CommandPlan& m_plan;
    const Job& m_job;
    ProgressTeller& m_teller;
    std::string m_id;
    LogReader m_reader;
    LogTail m_tail;
    std::optional<SlurmJob> m_last; // nothing: Slurm does not know it
    std::string m_said;
    std::int64_t m_heardAt = 0;
    bool m_over = false;
};

base::Expected<void> writeWhole(const fs::path& path, std::string_view text) {
    base::Expected<base::AtomicFile> file = base::AtomicFile::create(path);
    if (!file) {
        return base::fail(file.error());
    }
    base::Expected<void> written = file->write(text);
    return written ? file->commit() : written;
}

class SlurmTrainer final : public Trainer {
public:
    explicit SlurmTrainer(SlurmTrainerOptions options)
        : m_options(std::move(options)), m_client(m_options.client) {}

    [[nodiscard]] std::string_view name() const override { return kSlurmName; }

    [[nodiscard]] base::Expected<std::string> exportView(const Job& job) const override {
        const base::Expected<CommandTemplate> form = loadCommandTemplate(job.commandTemplate);
        return form ? base::Expected<std::string>(form->exportView) : base::fail(form.error());
    }

    [[nodiscard]] base::Expected<Parameters> defaults(const Job& job) const override {
        const base::Expected<CommandTemplate> form = loadCommandTemplate(job.commandTemplate);
        return form ? base::Expected<Parameters>(form->parameters) : base::fail(form.error());
    }

    // The template's programs are on the nodes, so only Slurm's own are looked for.
    [[nodiscard]] base::Expected<void> check(const Job& job) const override {
        const base::Expected<CommandTemplate> form = loadCommandTemplate(job.commandTemplate);
        if (!form) {
            return base::fail(form.error());
        }
        const auto settings = backend::slurmSettingsFromValues(job.values);
        if (!settings) {
            return base::fail(settings.error());
        }
        const base::Expected<CommandPlan> plan = planCommand(*form, job);
        if (!plan) {
            return base::fail(plan.error());
        }
        const std::string& folder = m_options.client.folder;
        if (!backend::findProgram(folder.empty() ? "sbatch" : folder + "/sbatch")) {
            return base::fail(ErrorCode::Unavailable,
                              "Slurm is not installed here: there is no sbatch",
                              "run this on a login node of the cluster, or use --trainer command");
        }
        return {};
    }

    [[nodiscard]] base::Expected<Trained> run(const Job& job, const ProgressFunction& progress,
                                              const base::CancelToken& cancel) override {
        try {
            return train(job, progress, cancel);
        } catch (const json::exception&) { // a value of job.json has another type
            return base::fail(ErrorCode::Corrupt,
                              base::makeVisibleUtf8((job.folder / "job.json").string()) +
                                  " cannot be read",
                              "remove the folder of this training and start it again");
        }
    }

private:
    base::Expected<Trained> train(const Job& given, const ProgressFunction& progress,
                                  const base::CancelToken& cancel) const {
        Job job = given; // the nodes know nothing of our working folder
        std::error_code error;
        job.folder = fs::absolute(job.folder, error).lexically_normal();
        job.data = fs::absolute(job.data, error).lexically_normal();
        base::Expected<void> ready = check(job);
        const base::Expected<CommandTemplate> form = loadCommandTemplate(job.commandTemplate);
        ready = ready ? makeFolder(job.output()) : ready;
        const auto data = trainFile(job.data);
        if (!ready || !form || !data) {
            return base::fail(!ready ? ready.error() : !form ? form.error() : data.error());
        }
        base::Expected<json> state = loadJobState(job.folder, kSlurmName);
        if (!state) {
            return base::fail(state.error());
        }
        if (!state->value("finished", false)) {
            ProgressTeller teller(progress);
            if (base::Expected<void> done = runJob(*form, job, *state, teller, cancel); !done) {
                return base::fail(std::move(done.error()));
            }
        }
        base::Expected<Trained> trained = trainedModel(*form, job);
        if (trained.has_value() != state->value("finished", false)) {
            // What ended without its output has not been done.
            (*state)["finished"] = trained.has_value();
            if (base::Expected<void> saved = saveJobState(job.folder, kSlurmName, *state);
                !saved && trained) {
                return base::fail(std::move(saved.error()));
            }
        }
        return trained;
    }

    // Watches the job that is there already, or a new one.
    base::Expected<void> runJob(const CommandTemplate& form, const Job& job, json& state,
                                ProgressTeller& teller, const base::CancelToken& cancel) const {
        base::Expected<std::string> id = knownJob(job, state, cancel);
        if (!id) {
            return base::fail(std::move(id.error()));
        }
        const base::Expected<CommandPlan> plan = planCommand(form, job);
        if (!plan) {
            return base::fail(plan.error());
        }
        if (cancel.isCancelled() && id->empty()) {
            return base::fail(ErrorCode::Cancelled, "the training was stopped",
                              "it can be resumed");
        }
        if (id->empty() && state.value("done", std::size_t{0}) >= plan->steps.size() &&
            trainedModel(form, job)) {
            return {}; // we ended before this was written down
        }
        if (id->empty()) {
            id = submit(*plan, job, state);
            if (!id) {
                return base::fail(std::move(id.error()));
            }
        }
        Watch watch(m_options, m_client, form, *plan, job, teller, *id,
                    state.value("log_from", std::uint64_t{0}));
        base::Expected<void> done = watch.run(cancel);
        if (watch.isOver()) {
            const std::size_t stage = readStage(job.folder).value_or(0);
            state["done"] = done ? plan->steps.size() : std::min(stage, plan->steps.size());
            state.erase("job_name");
            state.erase("job");
            if (base::Expected<void> saved = saveJobState(job.folder, kSlurmName, state);
                !saved && done) {
                return saved;
            }
        }
        return done;
    }

    // The id of the job that was submitted for this folder and whose end was not seen; empty when
    // there is none.
    base::Expected<std::string> knownJob(const Job& job, json& state,
                                         const base::CancelToken& cancel) const {
        if (std::string id = state.value("job", ""); backend::isSlurmJobId(id)) {
            return id;
        }
        const std::string jobName = state.value("job_name", "");
        if (jobName.empty()) {
            return std::string();
        }
        // We ended between submitting it and writing its id down. Its script may have begun, or
        // even ended.
        std::optional<std::string> found = readScriptStart(job.folder);
        if (!found) {
            const base::Expected<std::vector<std::string>> named =
                m_client.jobsNamed(jobName, cancel);
            if (!named) {
                return base::fail(named.error());
            }
            if (!named->empty()) {
                found = named->front();
            }
        }
        if (found) {
            state["job"] = *found;
            if (base::Expected<void> saved = saveJobState(job.folder, kSlurmName, state); !saved) {
                return base::fail(std::move(saved.error()));
            }
        }
        return found.value_or("");
    }

    base::Expected<std::string> submit(const CommandPlan& plan, const Job& job, json& state) const {
        const auto settings = backend::slurmSettingsFromValues(job.values);
        if (!settings) {
            return base::fail(settings.error());
        }
        std::size_t first = state.value("done", std::size_t{0});
        first = first < plan.steps.size() ? first : 0;
        clearScriptFiles(job.folder);
        const fs::path script = job.folder / "job.sh";
        base::Expected<void> written = writePlanFiles(plan);
        written = written ? writeWhole(script, trainingScript(plan, first, job.folder, *settings))
                          : written;
        std::error_code error;
        const std::uintmax_t logged = fs::file_size(job.log(), error);
        state["log_from"] = error ? 0 : logged;
        state["job_name"] = backend::uniqueSlurmName("scrit-" + job.name);
        state.erase("job");
        written = written ? saveJobState(job.folder, kSlurmName, state) : written;
        if (!written) {
            return base::fail(std::move(written.error()));
        }
        backend::SlurmSubmission submission;
        submission.script = script;
        submission.jobName = state["job_name"].get<std::string>();
        submission.log = job.log();
        submission.workingFolder = job.folder;
        base::Expected<std::string> id = m_client.submit(submission);
        if (!id) {
            if (!id.error().retryable) { // then it is not there, for certain
                state.erase("job_name");
                (void)saveJobState(job.folder, kSlurmName, state);
            }
            return id;
        }
        state["job"] = *id;
        if (base::Expected<void> saved = saveJobState(job.folder, kSlurmName, state); !saved) {
            return base::fail(std::move(saved.error()));
        }
        return id;
    }

    SlurmTrainerOptions m_options;
    backend::SlurmClient m_client;
};

} // namespace

std::unique_ptr<Trainer> makeSlurmTrainer(SlurmTrainerOptions options) {
    return std::make_unique<SlurmTrainer>(std::move(options));
}

} // namespace scrit::train
