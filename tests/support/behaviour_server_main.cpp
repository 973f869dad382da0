// SPDX-License-Identifier: GPL-3.0-or-later
// The behaviour server as a program:
//   scrit-behaviour-server [--port N] [--seed N] [--latency-ms N] [--pieces N] [--interval-ms N]
//     [--fixed] [--share NAME=X]… [--fault NAME=X]… [--poison NAME=X]… [--fault-at N=NAME]…
//     [--with-parent]
// NAME of --share is a kind of critique or one of student-right, student-unboxed, accept-right,
// accept-wrong, validator-malformed, injector-malformed; a first --share of a critique kind clears
// the default shares of critiques. Prints one line with its URL, serves until SIGTERM; with
// --with-parent also until the program that started it ends.
#include "tests/support/behaviour_server.h"

#include <sys/prctl.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

using namespace scrit::testing;

namespace {

bool setShare(BehaviourShares& shares, const std::string& name, double value) {
    static bool cleared = false;
    if (const auto kind = critiqueKindFromName(name)) {
        if (!std::exchange(cleared, true)) {
            std::fill(std::begin(shares.critique), std::end(shares.critique), 0.0);
        }
        shares.critique[static_cast<int>(*kind)] = value;
        return true;
    }
    const std::vector<std::pair<std::string, double*>> others{
        {"student-right", &shares.studentRight},
        {"student-unboxed", &shares.studentUnboxed},
        {"accept-right", &shares.acceptRight},
        {"accept-wrong", &shares.acceptWrong},
        {"validator-malformed", &shares.validatorMalformed},
        {"injector-malformed", &shares.injectorMalformed}};
    const auto found =
        std::ranges::find_if(others, [&](const auto& other) { return other.first == name; });
    if (found == std::end(others)) {
        return false;
    }
    *found->second = value;
    return true;
}

bool take(BehaviourOptions& options, const std::string& option, const std::string& value) {
    const std::size_t equals = value.find('=');
    const std::string left = value.substr(0, equals);
    const std::string right = equals == std::string::npos ? "" : value.substr(equals + 1);
    const int number = std::atoi(value.c_str());
    if (option == "--port") {
        options.port = number;
    } else if (option == "--seed") {
        options.seed = std::strtoull(value.c_str(), nullptr, 10);
    } else if (option == "--latency-ms") {
        options.latencyMillis = number;
    } else if (option == "--pieces") {
        options.pieces = number;
    } else if (option == "--interval-ms") {
        options.intervalMillis = number;
    } else if (option == "--share") {
        return setShare(options.shares, left, std::atof(right.c_str()));
    } else if (option == "--fault" || option == "--poison") {
        const auto fault = faultFromName(left);
        if (fault) {
            auto& shares = option == "--fault" ? options.faults.share : options.faults.poison;
            shares[*fault] = std::atof(right.c_str());
        }
        return fault.has_value();
    } else if (option == "--fault-at") {
        const auto fault = faultFromName(right);
        if (fault) {
            options.faults.at[std::atoi(left.c_str())] = *fault;
        }
        return fault.has_value();
    } else {
        return false;
    }
    return true;
}

} // namespace

int main(int argc, char** argv) {
    BehaviourOptions options;
    for (int i = 1; i < argc; ++i) {
        const std::string option = argv[i];
        if (option == "--fixed") {
            options.fixed = true;
        } else if (option == "--with-parent") {
            prctl(PR_SET_PDEATHSIG, SIGTERM);
        } else if (i + 1 >= argc || !take(options, option, argv[++i])) {
            std::fprintf(stderr, "behaviour-server: cannot read %s\n", argv[i]);
            return 2;
        }
    }
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr); // before the server's thread inherits the mask
    const BehaviourServer server(options);
    if (server.port() == 0) {
        std::fprintf(stderr, "behaviour-server: the port is taken\n");
        return 1;
    }
    std::printf("behaviour-server: %s\n", server.url().c_str());
    std::fflush(stdout);
    int signal = 0;
    sigwait(&signals, &signal);
    return 0;
}
