// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/flags.h"

#include <array>

namespace scrit::model {
namespace {

struct Row {
    Flag flag;
    std::string_view name;
    std::string_view explanation;
};

constexpr std::array<Row, 9> kRows{{
    {Flag::RubberStamp, "rubber-stamp",
     "Approves every step of a solution that is known to be wrong."},
    {Flag::AllStepsFine, "all-steps-fine",
     "Approves every step, then calls the final answer wrong without naming a wrong step."},
    {Flag::VerdictStepMismatch, "verdict-step-mismatch",
     "The conclusion and the first error step contradict each other."},
    {Flag::StepsAfterError, "steps-after-error",
     "Goes on critiquing steps after the first error it found."},
    {Flag::CorrectionEdits, "correction-edits",
     "The correction changes steps before the first error."},
    {Flag::CorrectionUnrelated, "correction-unrelated",
     "The correction does not follow from the critique."},
    {Flag::Leak, "leak",
     "The text mentions the reference solution, which the critic must not see."},
    {Flag::RunOn, "run-on", "Other text follows the end of the critique."},
    {Flag::Unreadable, "unreadable", "Neither a conclusion nor a first error step could be read."},
}};

} // namespace

std::string_view name(Flag flag) {
    for (const Row& row : kRows) {
        if (row.flag == flag) {
            return row.name;
        }
    }
    return {};
}

std::string_view explanation(Flag flag) {
    for (const Row& row : kRows) {
        if (row.flag == flag) {
            return row.explanation;
        }
    }
    return {};
}

std::optional<Flag> flagFromName(std::string_view text) {
    for (const Row& row : kRows) {
        if (row.name == text) {
            return row.flag;
        }
    }
    return std::nullopt;
}

const std::vector<Flag>& allFlags() {
    static const std::vector<Flag> all = [] {
        std::vector<Flag> flags;
        flags.reserve(std::size(kRows));
        for (const Row& row : kRows) {
            flags.push_back(row.flag);
        }
        return flags;
    }();
    return all;
}

std::vector<Flag> flagsIn(Flags flags) {
    std::vector<Flag> present;
    for (const Flag flag : allFlags()) {
        if (flags.has(flag)) {
            present.push_back(flag);
        }
    }
    return present;
}

} // namespace scrit::model
