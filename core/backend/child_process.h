// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <sys/types.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace scrit::backend {

struct Command {
    std::string program; // a path, or a name looked up on PATH
    std::vector<std::string> arguments;
    std::vector<std::pair<std::string, std::string>> environment; // added to ours
    std::string workingFolder = {};                               // empty: ours
    // A small guard process stands between us and the program: when we die it kills the program
    // with all that it has started in its group, which the kernel alone would not.
    bool guarded = false;
};

// A running program whose stdout and stderr come through one pipe. It leads a process group of its
// own, and the kernel kills it when the *thread* that started it ends (PR_SET_PDEATHSIG), so no
// orphan is left when we crash; therefore start() belongs on a thread that outlives the child. The
// destructor kills the whole group and reaps the child. One thread uses an instance.
class ChildProcess {
public:
    // NotFound when the program is not there, Permission when it cannot be executed, Io otherwise;
    // failures of exec in the child are reported here, not as an exit code.
    [[nodiscard]] static base::Expected<ChildProcess> start(const Command& command);
    ChildProcess(ChildProcess&& other) noexcept;
    ChildProcess& operator=(ChildProcess&& other) noexcept;
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;
    ~ChildProcess();

    [[nodiscard]] pid_t pid() const { return m_pid; }
    // Non-blocking read end of the output pipe, for poll().
    [[nodiscard]] int outputFd() const { return m_output; }
    // What the child has written since the last call; empty when nothing. At most `limit` bytes.
    [[nodiscard]] std::string readOutput(std::size_t limit = std::size_t{1} << 20U);
    // How it ended, in words ("exit code 1", "signal 9"), once it has; reaps it.
    [[nodiscard]] std::optional<std::string> ended();
    // Sends a signal to the whole group.
    void signalGroup(int number) const;

private:
    ChildProcess() = default;
    void killAndReap() noexcept;

    pid_t m_pid = -1;
    int m_output = -1;
    std::optional<std::string> m_end;
};

// The full path of a program as execvp would find it; nothing when there is none.
[[nodiscard]] std::optional<std::string> findProgram(const std::string& name);

} // namespace scrit::backend
