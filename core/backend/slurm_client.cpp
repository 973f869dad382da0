// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backend/slurm_client.h"

#include "core/backend/slurm_script.h"
#include "core/base/clock.h"
#include "core/base/text.h"

#include <poll.h>

#include <algorithm>
#include <cctype>
#include <csignal>
#include <cstdlib>
#include <system_error>
#include <utility>

namespace scrit::backend {
namespace {

constexpr int kTickMillis = 20;
constexpr std::size_t kMostOutput = std::size_t{16} << 20U;

bool isUnknownJob(std::string_view output) {
    return output.find("Invalid job id") != std::string_view::npos;
}

bool hasNoContact(std::string_view output) {
    return output.find("Unable to contact slurm controller") != std::string_view::npos ||
           output.find("Socket timed out") != std::string_view::npos ||
           output.find("Connection refused") != std::string_view::npos;
}

tl::unexpected<base::Error> noAnswer(const std::string& program, std::string what) {
    base::Error error{base::ErrorCode::Network, program + ": " + std::move(what),
                      "see with sinfo whether Slurm works; running jobs go on", true};
    return tl::unexpected(std::move(error));
}

// A configuration that is not there makes Slurm's programs try for a minute.
base::Expected<void> checkConfiguration() {
    const char* named = std::getenv("SLURM_CONF");
    std::error_code error;
    if (named != nullptr && *named != '\0' && !std::filesystem::exists(named, error)) {
        return base::fail(base::ErrorCode::Unavailable,
                          "SLURM_CONF names " + base::escapeForTerminal(named) +
                              ", which is not there",
                          "correct it, or unset it");
    }
    return {};
}

} // namespace

bool isSlurmJobId(std::string_view text) {
    const std::size_t underscore = text.find('_');
    const auto isNumber = [](std::string_view part) {
        return !part.empty() && part.size() <= 18 &&
               std::all_of(part.begin(), part.end(),
                           [](unsigned char c) { return std::isdigit(c) != 0; });
    };
    return isNumber(text.substr(0, underscore)) &&
           (underscore == std::string_view::npos || isNumber(text.substr(underscore + 1)));
}

base::Expected<SlurmClient::Result> SlurmClient::run(const std::string& program,
                                                     std::vector<std::string> arguments,
                                                     const base::CancelToken& cancel) const {
    if (base::Expected<void> configured = checkConfiguration(); !configured) {
        return base::fail(std::move(configured.error()));
    }
    Command command;
    command.program = m_options.folder.empty() ? program : m_options.folder + "/" + program;
    command.arguments = std::move(arguments);
    command.environment = {{"LC_ALL", "C"}};
    if (!findProgram(command.program)) {
        return base::fail(base::ErrorCode::Unavailable,
                          "Slurm is not installed here: there is no " + program,
                          "run this on a login node of the cluster");
    }
    base::Expected<ChildProcess> child = ChildProcess::start(command);
    if (!child) {
        return base::fail(std::move(child.error()));
    }
    Result result;
    const std::int64_t until = base::steadyMillis() + m_options.millis;
    std::optional<std::string> ended;
    while (!ended) {
        pollfd waiter{child->outputFd(), POLLIN, 0};
        poll(&waiter, 1, kTickMillis);
        if ((waiter.revents & POLLHUP) != 0) {
            poll(nullptr, 0, 1);
        }
        result.output += child->readOutput();
        ended = child->ended();
        if (cancel.isCancelled()) {
            return base::fail(base::ErrorCode::Cancelled, "interrupted");
        }
        if (!ended && base::steadyMillis() > until) {
            return noAnswer(program,
                            "no answer within " + std::to_string(m_options.millis / 1000) + " s");
        }
        if (result.output.size() > kMostOutput) {
            return base::fail(base::ErrorCode::Limit, program + " said more than 16 MiB");
        }
    }
    result.output += child->readOutput(kMostOutput);
    result.succeeded = *ended == "exit code 0";
    if (!result.succeeded && hasNoContact(result.output)) {
        return noAnswer(program,
                        "the controller cannot be reached: " + slurmComplaint(result.output));
    }
    return result;
}

base::Expected<std::string> SlurmClient::version() const {
    const base::Expected<Result> result = run("sbatch", {"--version"}, {});
    if (!result) {
        return base::fail(result.error());
    }
    const std::string_view text = base::trimmed(result->output);
    if (!result->succeeded || text.find(' ') == std::string_view::npos) {
        return base::fail(base::ErrorCode::Server, "sbatch: " + slurmComplaint(result->output));
    }
    return base::excerpt(base::escapeForTerminal(text.substr(text.rfind(' ') + 1)), 40);
}

base::Expected<std::string> SlurmClient::submit(const SlurmSubmission& submission) const {
    const base::Expected<std::string> log = slurmPath(submission.log.string());
    if (!log) {
        return base::fail(log.error());
    }
    const std::string pattern = submission.tasks > 0 ? "-%a" : "";
    std::vector<std::string> arguments{"--parsable",
                                       "--job-name=" + safeSlurmName(submission.jobName),
                                       "--output=" + *log + pattern,
                                       "--chdir=" + submission.workingFolder.string(),
                                       "--open-mode=append",
                                       submission.requeue ? "--requeue" : "--no-requeue"};
    if (submission.tasks > 0) {
        arguments.push_back("--array=0-" + std::to_string(submission.tasks - 1));
    }
    arguments.push_back(submission.script.string());
    const base::Expected<Result> result = run("sbatch", std::move(arguments), {});
    if (!result) {
        return base::fail(result.error());
    }
    const std::optional<std::string> id = parseSubmittedJob(result->output);
    if (!result->succeeded || !id) {
        const std::string complaint = slurmComplaint(result->output);
        return base::fail(base::ErrorCode::Server,
                          "Slurm refused the job: " +
                              (complaint.empty() ? std::string("it did not say why") : complaint),
                          "correct the settings for Slurm");
    }
    return *id;
}

base::Expected<std::vector<SlurmJob>> SlurmClient::jobs(const std::string& id,
                                                        const base::CancelToken& cancel) const {
    if (!isSlurmJobId(id)) {
        return base::fail(base::ErrorCode::Invalid, "this is no id of a Slurm job");
    }
    const base::Expected<Result> shown = run("scontrol", {"show", "job", id, "-o"}, cancel);
    if (!shown) {
        return base::fail(shown.error());
    }
    if (!shown->succeeded && isUnknownJob(shown->output)) {
        return std::vector<SlurmJob>();
    }
    if (std::vector<SlurmJob> jobs = parseScontrolJobs(shown->output); !jobs.empty()) {
        return jobs;
    }
    // squeue shows only what has not ended, so an empty list of it says that the job has.
    const base::Expected<Result> listed =
        run("squeue", {"-h", "-r", "-j", id, "-o", "%i|%T|%r"}, cancel);
    if (!listed) {
        return base::fail(listed.error());
    }
    if (!listed->succeeded && !isUnknownJob(listed->output)) {
        return base::fail(base::ErrorCode::Server,
                          "Slurm does not tell about job " + id + ": " +
                              slurmComplaint(shown->output + "\n" + listed->output));
    }
    return parseSqueueJobs(listed->output);
}

base::Expected<std::vector<std::string>>
SlurmClient::jobsNamed(const std::string& name, const base::CancelToken& cancel) const {
    const base::Expected<Result> result =
        run("squeue", {"-h", "--me", "--name=" + safeSlurmName(name), "-o", "%i|%T|%r"}, cancel);
    if (!result) {
        return base::fail(result.error());
    }
    if (!result->succeeded) {
        return base::fail(base::ErrorCode::Server, "squeue: " + slurmComplaint(result->output));
    }
    std::vector<std::string> ids;
    for (const SlurmJob& job : parseSqueueJobs(result->output)) {
        const std::string id = job.id.substr(0, job.id.find('_'));
        if (!isOver(job.state) && std::find(ids.begin(), ids.end(), id) == ids.end()) {
            ids.push_back(id);
        }
    }
    return ids;
}

base::Expected<void> SlurmClient::cancel(const std::string& id) const {
    if (!isSlurmJobId(id)) {
        return base::fail(base::ErrorCode::Invalid, "this is no id of a Slurm job");
    }
    const base::Expected<Result> result = run("scancel", {id}, {});
    if (!result) {
        return base::fail(result.error());
    }
    // What has ended already, or was never there, need not be cancelled.
    if (!result->succeeded && !isUnknownJob(result->output) &&
        result->output.find("already completing") == std::string::npos) {
        return base::fail(base::ErrorCode::Server, "scancel: " + slurmComplaint(result->output));
    }
    return {};
}

base::Expected<void> SlurmClient::cancelAndWait(const std::string& id, std::int64_t millis) const {
    const std::int64_t begun = base::steadyMillis();
    base::Expected<void> last = cancel(id);
    bool killed = false;
    while (true) {
        const base::Expected<std::vector<SlurmJob>> left = jobs(id, {});
        if (!left) {
            last = base::fail(left.error());
        } else if (std::all_of(left->begin(), left->end(),
                               [](const SlurmJob& job) { return isOver(job.state); })) {
            return {};
        } else if (!last) {
            last = cancel(id); // the controller was away before
        }
        const std::int64_t passed = base::steadyMillis() - begun;
        if (passed > millis) {
            return last ? base::fail(base::ErrorCode::Limit, "Slurm job " + id + " does not end",
                                     "look at it with scontrol show job " + id)
                        : last;
        }
        if (passed > millis / 2 && !std::exchange(killed, true)) {
            (void)run("scancel", {"--signal=KILL", "--full", id}, {});
        }
        poll(nullptr, 0, passed < 2000 ? 100 : 500);
    }
}

} // namespace scrit::backend
