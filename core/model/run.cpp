// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/run.h"

#include "core/model/name_table.h"

namespace scrit::model {
namespace {

constexpr NameTable<RunState, 6> kRunStates{{{RunState::Planned, "planned"},
                                             {RunState::Running, "running"},
                                             {RunState::Paused, "paused"},
                                             {RunState::Stopped, "stopped"},
                                             {RunState::Done, "done"},
                                             {RunState::Failed, "failed"}}};
constexpr NameTable<ItemState, 5> kItemStates{{{ItemState::Planned, "planned"},
                                               {ItemState::Running, "running"},
                                               {ItemState::Done, "done"},
                                               {ItemState::Failed, "failed"},
                                               {ItemState::Skipped, "skipped"}}};

} // namespace

std::string_view name(RunState state) {
    return nameIn(kRunStates, state);
}
std::string_view name(ItemState state) {
    return nameIn(kItemStates, state);
}
std::optional<RunState> runStateFromName(std::string_view text) {
    return valueIn(kRunStates, text);
}
std::optional<ItemState> itemStateFromName(std::string_view text) {
    return valueIn(kItemStates, text);
}

} // namespace scrit::model
