// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backend/slurm_job.h"

#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <utility>

namespace scrit::backend {
namespace {

constexpr int kMostTasks = 10'000;

std::optional<int> number(std::string_view text) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() && value >= 0
               ? std::optional(value)
               : std::nullopt;
}

bool isDigits(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(),
                                        [](unsigned char c) { return std::isdigit(c) != 0; });
}

// The pieces of a text between separators; calls use(piece).
template<typename Use>
void forEachPiece(std::string_view text, char separator, Use&& use) {
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(separator), text.size());
        use(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

// "0-3,7,10-20:5%2": the tasks of an array; empty when it cannot be read.
std::vector<int> tasksIn(std::string_view text) {
    std::vector<int> tasks;
    bool isGood = true;
    forEachPiece(text.substr(0, text.find('%')), ',', [&](std::string_view piece) {
        const std::size_t colon = piece.find(':');
        const std::size_t dash = piece.find('-');
        const auto first = number(piece.substr(0, std::min(dash, colon)));
        const auto last = dash == std::string_view::npos
                              ? first
                              : number(piece.substr(dash + 1, colon - dash - 1));
        const auto step =
            colon == std::string_view::npos ? std::optional(1) : number(piece.substr(colon + 1));
        if (!first || !last || !step || *step < 1) {
            isGood = false;
            return;
        }
        for (std::int64_t task = *first;
             task <= *last && static_cast<int>(tasks.size()) < kMostTasks; task += *step) {
            tasks.push_back(static_cast<int>(task));
        }
    });
    return isGood ? tasks : std::vector<int>();
}

// One job, or one for each task that it stands for.
void addJobs(std::vector<SlurmJob>& jobs, SlurmJob job, const std::string& arrayId,
             std::string_view tasks) {
    const std::vector<int> numbers = tasksIn(tasks);
    if (arrayId.empty() || numbers.empty()) {
        jobs.push_back(std::move(job));
        return;
    }
    for (const int task : numbers) {
        job.task = task;
        job.id = arrayId + "_" + std::to_string(task);
        jobs.push_back(job);
    }
}

// The value of the first "KEY=" in a record; values end at white space.
std::string_view valueOf(std::string_view record, std::string_view key) {
    for (std::size_t at = record.find(key); at != std::string_view::npos;
         at = record.find(key, at + 1)) {
        if ((at == 0 || base::isSpace(record[at - 1])) &&
            record.substr(at + key.size()).starts_with('=')) {
            const std::string_view rest = record.substr(at + key.size() + 1);
            return rest.substr(0, rest.find_first_of(" \t\r\n"));
        }
    }
    return {};
}

std::string reasonIn(std::string_view text) {
    const bool isNone = text == "None" || text == "(null)" || text == "N/A";
    return isNone ? std::string() : base::excerpt(base::escapeForTerminal(text), 120);
}

void readScontrolRecord(std::string_view record, std::vector<SlurmJob>& jobs) {
    SlurmJob job;
    job.id = valueOf(record, "JobId");
    job.word = base::excerpt(base::escapeForTerminal(valueOf(record, "JobState")), 40);
    if (!isDigits(job.id) || job.word.empty()) {
        return;
    }
    job.state = slurmStateFromWord(job.word);
    job.reason = reasonIn(valueOf(record, "Reason"));
    const std::string_view exit = valueOf(record, "ExitCode");
    const std::size_t colon = exit.find(':');
    if (colon != std::string_view::npos) {
        job.exitCode = number(exit.substr(0, colon));
        job.signal = number(exit.substr(colon + 1)).value_or(0);
    }
    job.restarts = number(valueOf(record, "Restarts"));
    job.node = reasonIn(valueOf(record, "BatchHost"));
    const std::string array(valueOf(record, "ArrayJobId"));
    addJobs(jobs, std::move(job), isDigits(array) ? array : "", valueOf(record, "ArrayTaskId"));
}

struct Explained {
    std::string_view word;
    std::string_view meaning;
};

constexpr std::array kReasons{
    Explained{"Resources", "no nodes are free"},
    Explained{"Priority", "other jobs come first"},
    Explained{"Dependency", "another job has to end first"},
    Explained{"DependencyNeverSatisfied", "it will never start: what it waits for has failed"},
    Explained{"BeginTime", "it may not begin yet"},
    Explained{"JobHeldUser", "it is held: scontrol release"},
    Explained{"JobHeldAdmin", "an administrator holds it"},
    Explained{"PartitionDown", "its partition is down"},
    Explained{"PartitionInactive", "its partition takes no jobs"},
    Explained{"PartitionNodeLimit", "its partition does not have so many nodes"},
    Explained{"PartitionTimeLimit", "its time is longer than the partition allows"},
    Explained{"PartitionConfig", "it asks for more than the partition has: it may never start"},
    Explained{"BadConstraints", "no node is as it asks for: it will never start"},
    Explained{"NodeDown", "its node is down"},
    Explained{"Licenses", "it waits for licences"},
    Explained{"launch_failed_requeued_held", "it could not be started and is held"},
};

} // namespace

bool isOver(SlurmState state) {
    return state != SlurmState::Pending && state != SlurmState::Running &&
           state != SlurmState::Ending && state != SlurmState::Other;
}

SlurmState slurmStateFromWord(std::string_view word) {
    constexpr std::array<std::pair<std::string_view, SlurmState>, 27> kWords{{
        {"PENDING", SlurmState::Pending},
        {"CONFIGURING", SlurmState::Pending},
        {"REQUEUED", SlurmState::Pending},
        {"REQUEUE_HOLD", SlurmState::Pending},
        {"REQUEUE_FED", SlurmState::Pending},
        {"SPECIAL_EXIT", SlurmState::Pending},
        {"RESV_DEL_HOLD", SlurmState::Pending},
        {"POWER_UP_NODE", SlurmState::Pending},
        {"RUNNING", SlurmState::Running},
        {"SUSPENDED", SlurmState::Running},
        {"STOPPED", SlurmState::Running},
        {"RESIZING", SlurmState::Running},
        {"COMPLETING", SlurmState::Ending},
        {"SIGNALING", SlurmState::Ending},
        {"STAGE_OUT", SlurmState::Ending},
        {"COMPLETED", SlurmState::Completed},
        {"FAILED", SlurmState::Failed},
        {"LAUNCH_FAILED", SlurmState::Failed},
        {"TIMEOUT", SlurmState::TimedOut},
        {"DEADLINE", SlurmState::TimedOut},
        {"OUT_OF_MEMORY", SlurmState::OutOfMemory},
        {"NODE_FAIL", SlurmState::NodeFailed},
        {"BOOT_FAIL", SlurmState::NodeFailed},
        {"RECONFIG_FAIL", SlurmState::NodeFailed},
        {"CANCELLED", SlurmState::Cancelled},
        {"REVOKED", SlurmState::Cancelled},
        {"PREEMPTED", SlurmState::Preempted},
    }};
    word = word.substr(0, word.find_first_of("+, ")); // "CANCELLED+", "CANCELLED by 1000"
    const auto* const found = std::find_if(kWords.begin(), kWords.end(),
                                           [&](const auto& entry) { return entry.first == word; });
    return found != kWords.end() ? found->second : SlurmState::Other;
}

std::vector<SlurmJob> parseScontrolJobs(std::string_view output) {
    std::vector<SlurmJob> jobs;
    forEachPiece(output, '\n', [&](std::string_view line) {
        if (base::trimmed(line).starts_with("JobId=") &&
            static_cast<int>(jobs.size()) < kMostTasks) {
            readScontrolRecord(base::trimmed(line), jobs);
        }
    });
    return jobs;
}

std::vector<SlurmJob> parseSqueueJobs(std::string_view output) {
    std::vector<SlurmJob> jobs;
    forEachPiece(output, '\n', [&](std::string_view line) {
        line = base::trimmed(line);
        const std::size_t first = line.find('|');
        const std::size_t second =
            first == std::string_view::npos ? first : line.find('|', first + 1);
        if (second == std::string_view::npos || static_cast<int>(jobs.size()) >= kMostTasks) {
            return;
        }
        const std::string_view id = line.substr(0, first);
        const std::size_t underscore = id.find('_');
        const std::string_view leading = id.substr(0, underscore);
        SlurmJob job;
        job.id = leading;
        job.word =
            base::excerpt(base::escapeForTerminal(line.substr(first + 1, second - first - 1)), 40);
        job.reason = reasonIn(line.substr(second + 1));
        job.state = slurmStateFromWord(job.word);
        if (!isDigits(leading) || job.word.empty()) {
            return;
        }
        if (underscore == std::string_view::npos) {
            jobs.push_back(std::move(job));
            return;
        }
        std::string_view tasks = id.substr(underscore + 1);
        if (tasks.starts_with('[') && tasks.ends_with(']')) {
            tasks = tasks.substr(1, tasks.size() - 2);
        }
        addJobs(jobs, std::move(job), std::string(leading), tasks);
    });
    return jobs;
}

std::optional<std::string> parseSubmittedJob(std::string_view output) {
    std::optional<std::string> id;
    forEachPiece(output, '\n', [&](std::string_view line) {
        line = base::trimmed(line);
        const std::string_view first = line.substr(0, line.find(';'));
        const std::string_view cluster = line.substr(first.size());
        const bool isPlain = cluster.find_first_of(" \t") == std::string_view::npos;
        if (isDigits(first) && first.size() <= 18 && first != "0" && isPlain) {
            id = first;
        }
    });
    return id;
}

std::string slurmComplaint(std::string_view output) {
    std::string all;
    forEachPiece(output, '\n', [&](std::string_view line) {
        line = base::trimmed(line);
        for (const std::string_view mark : {"error: ", "fatal: "}) {
            const std::size_t at = line.find(mark);
            if (at < 30) { // not npos
                line.remove_prefix(at + mark.size());
            }
        }
        // Each refusal is said twice, the second time in general words.
        constexpr std::string_view kGeneral = "Batch job submission failed: ";
        if (line.starts_with(kGeneral)) {
            line.remove_prefix(kGeneral.size());
        }
        if (!line.empty() && all.find(line) == std::string::npos) {
            all += (all.empty() ? "" : "; ") + std::string(line);
        }
    });
    return base::excerpt(base::escapeForTerminal(all), 400);
}

std::string pendingText(const SlurmJob& job) {
    if (job.reason.empty()) {
        return "waiting for Slurm to start it";
    }
    const std::string_view word =
        std::string_view(job.reason).substr(0, job.reason.find_first_of(", "));
    const auto* const known = std::find_if(kReasons.begin(), kReasons.end(),
                                           [&](const Explained& one) { return one.word == word; });
    const std::string said = "waiting: " + job.reason;
    return known != kReasons.end() ? said + " (" + std::string(known->meaning) + ")" : said;
}

std::string endText(const SlurmJob& job) {
    const std::string who = "Slurm job " + job.id;
    const std::string said = " (" + job.word + ")";
    switch (job.state) {
    case SlurmState::Completed:
        return who + " has completed";
    case SlurmState::Failed:
        if (job.signal != 0 && job.exitCode.value_or(0) == 0) {
            // Slurm's way of saying that it could not start the script: 0:53, a folder that is not
            // there.
            return who +
                   (job.signal == 53 ? " could not be started: a file or folder is missing"
                                     : " was ended by signal " + std::to_string(job.signal)) +
                   said;
        }
        return who + " failed" +
               (job.exitCode ? " with exit code " + std::to_string(*job.exitCode) : "") + said;
    case SlurmState::TimedOut:
        return who + " reached its time limit" + said;
    case SlurmState::OutOfMemory:
        return who + " ran out of memory" + said;
    case SlurmState::NodeFailed:
        return who + " lost its node" + (job.node.empty() ? "" : " " + job.node) + said;
    case SlurmState::Cancelled:
        return who + " was cancelled" + said;
    case SlurmState::Preempted:
        return who + " had to make room for another job" + said;
    case SlurmState::Pending:
    case SlurmState::Running:
    case SlurmState::Ending:
    case SlurmState::Other:
        break;
    }
    return who + " is " + job.word;
}

std::string endAdvice(const SlurmJob& job) {
    switch (job.state) {
    case SlurmState::TimedOut:
        return "give it more time (slurm.time); what it saved is used when you start again";
    case SlurmState::OutOfMemory:
        return "give it more memory (slurm.memory) or a smaller batch";
    case SlurmState::NodeFailed:
    case SlurmState::Preempted:
        return "start again: what it saved is used";
    default:
        return {};
    }
}

} // namespace scrit::backend
