// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/slurm_cluster.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace scrit::testing {

SlurmCluster::SlurmCluster(const std::string& program, const std::vector<std::string>& lines) {
    std::array<int, 2> lifeline{-1, -1};
    std::array<int, 2> answer{-1, -1};
    if (pipe2(lifeline.data(), O_CLOEXEC) != 0 || pipe2(answer.data(), O_CLOEXEC) != 0) {
        m_problem = "no pipe";
        return;
    }
    std::vector<std::string> words{program};
    words.insert(words.end(), lines.begin(), lines.end());
    std::vector<char*> argv;
    for (std::string& word : words) {
        argv.push_back(word.data());
    }
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, lifeline[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, answer[1], STDOUT_FILENO);
    const int error =
        posix_spawn(&m_keeper, program.c_str(), &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    ::close(lifeline[0]);
    ::close(answer[1]);
    m_lifeline = lifeline[1];
    if (error != 0) {
        m_keeper = -1;
        m_problem = "cannot start " + program;
    } else {
        readAnswer(answer[0]);
    }
    ::close(answer[0]);
}

SlurmCluster::~SlurmCluster() {
    ::close(m_lifeline);
    while (m_keeper > 0 && waitpid(m_keeper, nullptr, 0) < 0 && errno == EINTR) {
    }
}

// One line: "ready PATH", "missing REASON" or "failed REASON".
void SlurmCluster::readAnswer(int fd) {
    std::string line;
    char c = 0;
    while (read(fd, &c, 1) == 1 && c != '\n') {
        line += c;
    }
    const std::size_t space = line.find(' ');
    const std::string word = line.substr(0, space);
    const std::string rest = space == std::string::npos ? "" : line.substr(space + 1);
    if (word == "ready") {
        m_config = rest;
        return;
    }
    m_missing = word == "missing";
    m_problem = rest.empty() ? "the cluster did not start" : rest;
}

} // namespace scrit::testing
