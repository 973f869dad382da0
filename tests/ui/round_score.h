// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/round_values.h"

#include <optional>

namespace scrit::test {

// A CC-Acc of 200 items with an interval of 3 points to each side.
inline ui::models::RoundScore score(double value, std::optional<ui::models::RoundDelta> toBase) {
    namespace models = ui::models;
    models::RoundScore made;
    made.kind = models::ScoreKind::CcAcc;
    made.protocol = QStringLiteral("cc/1");
    made.set = QStringLiteral("heldout");
    made.n = 200;
    made.value = value;
    made.low = value - 0.03;
    made.high = value + 0.03;
    made.evaluationId = 4;
    made.toBase = toBase;
    return made;
}

} // namespace scrit::test
