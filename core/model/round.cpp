// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/round.h"

#include "core/model/name_table.h"

namespace scrit::model {
namespace {

constexpr NameTable<JobState, 5> kJobStates{{{JobState::Planned, "planned"},
                                             {JobState::Running, "running"},
                                             {JobState::Stopped, "stopped"},
                                             {JobState::Done, "done"},
                                             {JobState::Failed, "failed"}}};

} // namespace

std::string_view name(JobState state) {
    return nameIn(kJobStates, state);
}
std::optional<JobState> jobStateFromName(std::string_view text) {
    return valueIn(kJobStates, text);
}

} // namespace scrit::model
