// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/curate/split.h"

#include "core/base/hash.h"

namespace scrit::curate {

std::string_view splitOfProblem(std::string_view problemKey, SplitShares shares,
                                std::uint64_t seed) {
    // The top 53 bits as a number in [0, 1): every machine computes the same one.
    const double position = static_cast<double>(base::hash64(problemKey, seed) >> 11U) * 0x1.0p-53;
    if (position < shares.test) {
        return "test";
    }
    return position < shares.test + shares.validation ? "validation" : "train";
}

} // namespace scrit::curate
