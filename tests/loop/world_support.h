// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/workspace.h"
#include "tests/support/behaviour.h"
#include "tests/support/behaviour_server.h"

#include <QString>

#include <cstdint>
#include <map>
#include <string>

// Workspaces of the behaviour server's small world, and what a run over them must come to.
namespace scrit::test {

// Problems 0 … count − 1 of the world; with solutions each has two right and two wrong ones by four
// students, scored.
void addWorldProblems(store::Workspace& workspace, int count, bool withSolutions);

struct WorldModel {
    std::string name;
    std::string url;
    int inFlight = 16;
    bool stream = true;
    std::string keyVariable;
    std::int64_t firstByteMillis = 20'000;
    std::int64_t stallMillis = 20'000;
};
void addWorldModel(store::Workspace& workspace, const WorldModel& world);

// The numbers of `scrit status --json` after a contrastive run over addWorldProblems(count, true):
// what the critic and the validator of this behaviour must have said, and nothing of the engine's.
// Keys as in the JSON; those of objects inside it have a dot: "validation_2x2.rejected_match".
[[nodiscard]] std::map<std::string, std::int64_t> knownFunnel(int count,
                                                              const testing::Behaviour& behaviour);

// That reached the server so far.
[[nodiscard]] int requestsOf(const testing::BehaviourServer& server);

inline QString text(const char* latin) {
    return QString::fromLatin1(latin);
}

} // namespace scrit::test
