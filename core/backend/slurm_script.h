// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

// What a batch job asks Slurm for, and the safe way to write batch scripts. Pure functions, any
// thread.
namespace scrit::backend {

// Empty texts and zeros are left to the cluster's defaults.
struct SlurmSettings {
    int nodes = 0; // serving: servers, each with a node's share of its own; training: nodes
    std::string partition;
    std::string account;
    std::string gres;               // "gpu:1", on each node
    std::string timeLimit;          // "2-00:00:00", as sbatch takes it
    std::string memory;             // "64G", of a node
    int cpus = 0;                   // of a node
    std::vector<std::string> lines; // more for sbatch: "--qos=high"
    std::vector<std::string> setup; // shell lines before the program: "module load cuda/12.4"
    std::string folder;             // of jobs; on every node under this path. Empty: the usual one
    friend bool operator==(const SlurmSettings&, const SlurmSettings&) = default;
};

// Reads a JSON object with keys nodes, partition, account, gres, time, memory, cpus, lines, setup,
// folder. Invalid for others (with the nearest), wrong types and what checkSlurmSettings() refuses.
[[nodiscard]] base::Expected<SlurmSettings> slurmSettingsFromJson(std::string_view json);
// The same object; defaults are left out.
[[nodiscard]] std::string slurmSettingsJson(const SlurmSettings& settings);
// From texts by the same names, each with "slurm." before it; other names are not looked at.
// Several lines are separated by \n.
[[nodiscard]] base::Expected<SlurmSettings>
slurmSettingsFromValues(const std::map<std::string, std::string>& values);
// Invalid: white space or control characters in what is one word for sbatch, a line that does not
// begin with "-" or that sets what the program sets itself, negative numbers.
[[nodiscard]] base::Expected<void> checkSlurmSettings(const SlurmSettings& settings);

// "#SBATCH --partition=gpu" and so on, one line each. `nodes` is put down as given: 0 not at all.
[[nodiscard]] std::string sbatchLines(const SlurmSettings& settings, int nodes);
// A word that a POSIX shell takes as it is: in single quotes.
[[nodiscard]] std::string shellQuoted(std::string_view text);
// Letters, digits, "-", "_" and "." of a text, at most 60, for job names and folders.
[[nodiscard]] std::string safeSlurmName(std::string_view text);
// "name-1f0c…": a job name that no other job has, so that a job can be found again by its name.
[[nodiscard]] std::string uniqueSlurmName(std::string_view text);
// A path in which sbatch replaces nothing ("%" is doubled). Invalid for paths that Slurm cannot
// take: a backslash or a control character.
[[nodiscard]] base::Expected<std::string> slurmPath(const std::string& path);

// Shell functions for batch scripts: put FILE TEXT writes a file whole or not at all.
inline constexpr std::string_view kScriptFunctions =
    "put() { printf '%s\\n' \"$2\" >\"$1.part.$$\" && mv -f \"$1.part.$$\" \"$1\"; }\n";

} // namespace scrit::backend
