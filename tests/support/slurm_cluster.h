// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace scrit::testing {

// A real Slurm of one node, "localhost", in a temporary folder of its own: munged, slurmctld and
// slurmd without systemd or a system-wide configuration. The program scrit-slurm-cluster
// starts them, watches this process through a pipe and takes everything down, jobs included, when
// the pipe is closed, so that nothing is left however a test ends. Ports and folder are chosen
// anew, so several can run at once. One thread.
class SlurmCluster {
public:
    // `program` is the path of scrit-slurm-cluster; `lines` are added to slurm.conf. Blocks until
    // the node takes jobs or something went wrong.
    explicit SlurmCluster(const std::string& program, const std::vector<std::string>& lines = {});
    // Blocks until all is gone.
    ~SlurmCluster();
    SlurmCluster(const SlurmCluster&) = delete;
    SlurmCluster& operator=(const SlurmCluster&) = delete;

    // The path of slurm.conf, to be set as SLURM_CONF; empty when there is no cluster.
    [[nodiscard]] const std::string& config() const { return m_config; }
    // Why there is none.
    [[nodiscard]] const std::string& problem() const { return m_problem; }
    // That is because Slurm or munge is not installed, or because the machine has no control
    // groups, without which slurmd ends: a reason to skip, not to fail.
    [[nodiscard]] bool isMissing() const { return m_missing; }
    // The process id of scrit-slurm-cluster.
    [[nodiscard]] pid_t keeper() const { return m_keeper; }

private:
    void readAnswer(int fd);

    std::string m_config;
    std::string m_problem;
    bool m_missing = false;
    pid_t m_keeper = -1;
    int m_lifeline = -1; // its stdin
};

} // namespace scrit::testing
