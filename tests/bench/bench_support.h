// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

// What the engine's benchmarks share: the behaviour server as a process of its own, what a process
// has used, and figures in a line.
namespace scrit::bench {

// The behaviour server (tests/support), started with these arguments; ends with this object.
class ServerProcess {
public:
    // `program`: path of scrit-behaviour-server. Ends the program with a message on failure.
    ServerProcess(const std::string& program, const std::vector<std::string>& arguments);
    ~ServerProcess();
    ServerProcess(const ServerProcess&) = delete;
    ServerProcess& operator=(const ServerProcess&) = delete;

    [[nodiscard]] const std::string& url() const { return m_url; } // with /v1
    [[nodiscard]] int pid() const { return m_pid; }

private:
    int m_pid = -1;
    std::string m_url;
};

// Processor seconds that a process has used; 0 when it is gone.
[[nodiscard]] double processorSeconds(int pid);
// Its largest resident memory in MiB.
[[nodiscard]] double peakMemoryMiB(int pid);
// Forgets the largest resident memory of this process, so that the next phase has its own.
void forgetPeakMemory();
[[nodiscard]] double now(); // seconds of a steady clock
// The value below which `share` of the values lie; sorts.
[[nodiscard]] double percentile(std::vector<double>& values, double share);
// What a command printed; empty when it could not be run.
[[nodiscard]] std::string outputOf(const std::string& command);

} // namespace scrit::bench
