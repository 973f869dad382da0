// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What Slurm says about jobs, as values. Pure functions, any thread. The texts come from programs
// of many versions and are never trusted: what cannot be read is left out.
namespace scrit::backend {

enum class SlurmState {
    Pending, // also: being configured, requeued, held
    Running, // also: suspended, resizing
    Ending,  // completing
    Completed,
    Failed,
    TimedOut,
    OutOfMemory,
    NodeFailed,
    Cancelled,
    Preempted,
    Other, // a word that a newer Slurm may use
};
// True for states that a job does not leave by itself.
[[nodiscard]] bool isOver(SlurmState state);
// The state for one of Slurm's words, long form ("NODE_FAIL", "CANCELLED+").
[[nodiscard]] SlurmState slurmStateFromWord(std::string_view word);

// One job, or one task of a job array.
struct SlurmJob {
    std::string id;          // "12"; of a task "12_3"
    std::optional<int> task; // its number in the array
    SlurmState state = SlurmState::Other;
    std::string word;            // Slurm's own word for the state
    std::string reason;          // why it waits or ended, Slurm's word; empty: none
    std::optional<int> exitCode; // of its script
    int signal = 0;              // that ended it
    std::optional<int> restarts; // how often it was requeued
    std::string node;            // the first of its nodes; empty: none yet
};

// The jobs in the output of `scontrol show job ID -o`. A record that stands for several tasks
// ("ArrayTaskId=0-3,7%2") gives one job for each, at most 10,000.
[[nodiscard]] std::vector<SlurmJob> parseScontrolJobs(std::string_view output);
// The same for `squeue -h -o '%i|%T|%r'`, which knows less.
[[nodiscard]] std::vector<SlurmJob> parseSqueueJobs(std::string_view output);
// The id in the output of `sbatch --parsable`, which may hold warnings too: "12" or "12;cluster".
[[nodiscard]] std::optional<std::string> parseSubmittedJob(std::string_view output);
// The lines in which a Slurm program says what went wrong, without "sbatch: error: ", as one line.
[[nodiscard]] std::string slurmComplaint(std::string_view output);

// "waiting: Resources (no nodes are free)": a pending job for people.
[[nodiscard]] std::string pendingText(const SlurmJob& job);
// "Slurm job 12 ran out of memory (OUT_OF_MEMORY)": how a job ended, for people; one sentence each.
[[nodiscard]] std::string endText(const SlurmJob& job);
// What one can do about such an end; may be empty.
[[nodiscard]] std::string endAdvice(const SlurmJob& job);

} // namespace scrit::backend
