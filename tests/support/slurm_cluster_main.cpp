// SPDX-License-Identifier: GPL-3.0-or-later
// A single-node Slurm for tests, and for trying things out by hand:
//   scrit-slurm-cluster [LINE OF slurm.conf]…
// prints "ready /path/of/slurm.conf", "missing REASON" or "failed REASON", and keeps the cluster
// until its standard input is closed or SIGTERM comes. Everything that it started and everything
// that those started is gone afterwards: it adopts whatever they leave behind (a slurmstepd leaves
// its slurmd on purpose) and ends that too.
#include "core/backend/child_process.h"
#include "core/base/clock.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <poll.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <random>
#include <sstream>
#include <string>
#include <vector>

namespace fs = std::filesystem;
using scrit::backend::ChildProcess;
using scrit::backend::Command;

namespace {

constexpr int kCpus = 8; // more than there may be: test jobs mostly sleep

// Debian keeps the daemons where users' PATH does not look.
std::string programPath(const std::string& name) {
    for (const std::string& folder : {std::string(), std::string("/usr/sbin/")}) {
        if (const auto found = scrit::backend::findProgram(folder + name)) {
            return *found;
        }
    }
    return {};
}

int freePort() {
    const int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    socklen_t size = sizeof address;
    int port = 0;
    if (bind(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
        getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size) == 0) {
        port = ntohs(address.sin_port);
    }
    close(probe);
    return port;
}

std::string shortHostName() {
    char name[256] = {};
    gethostname(name, sizeof name - 1);
    const std::string whole = name;
    return whole.substr(0, whole.find('.'));
}

std::vector<pid_t> childrenOf(pid_t parent) {
    std::vector<pid_t> children;
    for (const fs::directory_entry& entry : fs::directory_iterator("/proc")) {
        const pid_t pid = std::atoi(entry.path().filename().c_str());
        std::ifstream file(entry.path() / "stat");
        std::string stat;
        if (pid > 0 && std::getline(file, stat)) {
            std::istringstream rest(stat.substr(std::min(stat.rfind(')') + 1, stat.size())));
            std::string state;
            pid_t owner = 0;
            if (rest >> state >> owner && owner == parent) {
                children.push_back(pid);
            }
        }
    }
    return children;
}

// Where a daemon says why it ended.
std::string lastLines(const fs::path& log) {
    std::ifstream file(log);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    return text.substr(text.size() - std::min<std::size_t>(text.size(), 500));
}

class Cluster {
public:
    explicit Cluster(std::vector<std::string> lines) : m_lines(std::move(lines)) {}
    ~Cluster() { takeDown(); }
    Cluster(const Cluster&) = delete;
    Cluster& operator=(const Cluster&) = delete;

    // Empty, or why it did not start.
    std::string start() {
        std::string problem;
        for (int attempt = 0; attempt < 3; ++attempt) { // somebody may take a port that was free
            problem = startOnce();
            if (problem.empty()) {
                return problem;
            }
            takeDown();
        }
        return problem;
    }

    [[nodiscard]] std::string config() const { return (m_folder / "slurm.conf").string(); }

    // Until `stop` can be read.
    void watch(int stop) {
        while (true) {
            drain();
            pollfd waiting[2] = {{STDIN_FILENO, POLLIN, 0}, {stop, POLLIN, 0}};
            poll(waiting, 2, 500);
            char byte = 0;
            if (waiting[1].revents != 0 ||
                (waiting[0].revents != 0 && read(STDIN_FILENO, &byte, 1) <= 0)) {
                return;
            }
        }
    }

private:
    void writeConfig() {
        const passwd* user = getpwuid(geteuid());
        const std::string name = user != nullptr ? user->pw_name : "root";
        const std::string folder = m_folder.string();
        std::ofstream out(config());
        out << "ClusterName=scrit\n"
            << "SlurmctldHost=" << shortHostName() << "(127.0.0.1)\n"
            << "SlurmctldPort=" << freePort() << "\nSlurmdPort=" << freePort() << '\n'
            << "AuthType=auth/munge\nCredType=cred/munge\n"
            << "AuthInfo=socket=" << folder << "/munge.socket,cred_expire=5\n" // requeue soon
            << "SlurmUser=" << name << "\nSlurmdUser=" << name << '\n'
            << "StateSaveLocation=" << folder << "/state\nSlurmdSpoolDir=" << folder << "/spool\n"
            << "SlurmctldPidFile=" << folder << "/slurmctld.pid\n"
            << "SlurmdPidFile=" << folder << "/slurmd.pid\n"
            << "SlurmctldLogFile=" << folder << "/slurmctld.log\n"
            << "SlurmdLogFile=" << folder << "/slurmd.log\n"
            << "ProctrackType=proctrack/linuxproc\nTaskPlugin=task/none\n"
            << "JobAcctGatherType=jobacct_gather/none\n"
            << "AccountingStorageType=accounting_storage/none\nJobCompType=jobcomp/none\n"
            << "MpiDefault=none\nSelectType=select/cons_tres\nSelectTypeParameters=CR_CPU\n"
            << "SlurmdParameters=config_overrides\nReturnToService=2\nKillWait=2\n"
            << "SchedulerParameters=batch_sched_delay=1,sched_min_interval=0\n"
            << "NodeName=localhost NodeHostname=" << shortHostName()
            << " NodeAddr=127.0.0.1 CPUs=" << kCpus << " RealMemory=1000 State=UNKNOWN\n"
            << "PartitionName=main Nodes=localhost Default=YES MaxTime=INFINITE State=UP\n";
        for (const std::string& line : m_lines) {
            out << line << '\n';
        }
    }

    void writeMungeKey() {
        std::random_device device;
        std::string key;
        for (int i = 0; i < 128; ++i) {
            key += static_cast<char>(device() % 256);
        }
        std::ofstream(m_folder / "munge.key", std::ios::binary) << key;
        fs::permissions(m_folder / "munge.key", fs::perms::owner_read | fs::perms::owner_write);
    }

    std::string startDaemon(const std::string& name, std::vector<std::string> arguments) {
        Command command;
        command.program = programPath(name);
        command.arguments = std::move(arguments);
        auto child = ChildProcess::start(command);
        if (!child) {
            return child.error().text();
        }
        m_daemons.push_back(std::move(*child));
        return {};
    }

    std::string startOnce() {
        std::string pattern = (fs::temp_directory_path() / "scrit-slurm-XXXXXX").string();
        if (mkdtemp(pattern.data()) == nullptr) {
            return "no temporary folder";
        }
        m_folder = pattern;
        fs::create_directory(m_folder / "state");
        fs::create_directory(m_folder / "spool");
        writeConfig();
        writeMungeKey();
        setenv("SLURM_CONF", config().c_str(), 1);
        const std::string folder = m_folder.string();
        std::string problem = startDaemon(
            "munged",
            {"--foreground", "--force", "--num-threads=2", "--key-file=" + folder + "/munge.key",
             "--socket=" + folder + "/munge.socket", "--pid-file=" + folder + "/munge.pid",
             "--log-file=" + folder + "/munge.log", "--seed-file=" + folder + "/munge.seed"});
        if (problem.empty() && !waitFor([&] { return fs::exists(m_folder / "munge.socket"); })) {
            problem = "munged did not open its socket";
        }
        if (problem.empty()) {
            problem = startDaemon("slurmctld", {"-D", "-f", config()});
        }
        if (problem.empty()) {
            problem = startDaemon("slurmd", {"-D", "-N", "localhost", "-f", config()});
        }
        if (problem.empty() && !waitFor([&] {
                return outputOf("sinfo", {"-h", "-o", "%T"}) == "idle\n";
            })) {
            problem = "the node did not become idle: " + lastLines(m_folder / "slurmd.log") +
                      m_output.substr(0, 2000);
        }
        return problem;
    }

    // False when a daemon ends or 20 s have passed.
    template<typename Condition>
    bool waitFor(Condition condition) {
        const std::int64_t until = scrit::base::steadyMillis() + 20'000;
        while (scrit::base::steadyMillis() < until) {
            drain();
            if (condition()) {
                return true;
            }
            for (ChildProcess& daemon : m_daemons) {
                if (daemon.ended()) {
                    return false;
                }
            }
            usleep(50'000);
        }
        return false;
    }

    std::string outputOf(const std::string& program, std::vector<std::string> arguments) {
        Command command;
        command.program = program;
        command.arguments = std::move(arguments);
        auto child = ChildProcess::start(command);
        std::string output;
        const std::int64_t until = scrit::base::steadyMillis() + 5000;
        while (child && !child->ended() && scrit::base::steadyMillis() < until) {
            usleep(5000);
        }
        if (child) {
            output = child->readOutput();
        }
        return output;
    }

    // Takes what the daemons write, and the ends of processes that were left to us.
    void drain() {
        for (ChildProcess& daemon : m_daemons) {
            m_output += daemon.readOutput();
        }
        if (m_output.size() > 100'000) {
            m_output.erase(0, 50'000);
        }
        siginfo_t ended{};
        while (waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid > 0) {
            for (const ChildProcess& daemon : m_daemons) {
                if (daemon.pid() == ended.si_pid) {
                    return; // reaped by its owner
                }
            }
            waitpid(ended.si_pid, nullptr, WNOHANG);
            ended.si_pid = 0;
        }
    }

    void takeDown() {
        if (m_folder.empty()) {
            return;
        }
        if (m_daemons.size() == 3) {
            outputOf("scancel", {"--me"});
            const std::int64_t until = scrit::base::steadyMillis() + 3000;
            while (!outputOf("squeue", {"-h"}).empty() && scrit::base::steadyMillis() < until) {
                usleep(50'000);
            }
        }
        while (!m_daemons.empty()) { // the last that was started first
            ChildProcess& daemon = m_daemons.back();
            kill(daemon.pid(), SIGTERM);
            const std::int64_t until = scrit::base::steadyMillis() + 3000;
            while (!daemon.ended() && scrit::base::steadyMillis() < until) {
                (void)daemon.readOutput();
                usleep(10'000);
            }
            m_daemons.pop_back(); // kills it if it is still there
        }
        // What they left behind was given to us.
        for (std::vector<pid_t> left = childrenOf(getpid()); !left.empty();
             left = childrenOf(getpid())) {
            for (const pid_t pid : left) {
                kill(pid, SIGKILL);
                waitpid(pid, nullptr, 0);
            }
        }
        std::error_code ignored;
        fs::remove_all(m_folder, ignored);
        m_folder.clear();
        m_output.clear();
    }

    std::vector<std::string> m_lines;
    fs::path m_folder; // empty: nothing was started
    std::vector<ChildProcess> m_daemons;
    std::string m_output;
};

} // namespace

int main(int argc, char** argv) {
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    sigprocmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    const int stop = signalfd(-1, &signals, SFD_CLOEXEC);
    for (const char* program : {"munged", "slurmctld", "slurmd", "sbatch", "scancel", "scontrol"}) {
        if (programPath(program).empty()) {
            std::printf("missing %s is not installed (packages slurm-wlm and munge)\n", program);
            return 1;
        }
    }
    Cluster cluster(std::vector<std::string>(argv + 1, argv + argc));
    std::string problem = cluster.start();
    if (!problem.empty()) {
        for (char& c : problem) {
            c = c == '\n' ? ' ' : c;
        }
        // slurmd wants the file systems of control groups, which a plain container or chroot lacks,
        // although nothing here uses them.
        const bool noGroups = problem.find("initialize cgroup plugin") != std::string::npos;
        std::printf("%s %s\n", noGroups ? "missing" : "failed", problem.c_str());
        return 1;
    }
    std::printf("ready %s\n", cluster.config().c_str());
    std::fflush(stdout);
    cluster.watch(stop);
    return 0;
}
