// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/math/equivalence.h"

#include <QtTest>

#include <optional>
#include <string>
#include <vector>

namespace scrit::test {

inline constexpr auto kSame = math::Equality::Equal;
inline constexpr auto kOther = math::Equality::Different;
inline constexpr auto kOpen = math::Equality::Undecided;

struct AnswerCase {
    const char* gold;
    const char* pred;
    math::Equality equality;
    std::optional<math::Rule> rule = std::nullopt;
};

// Each case has its verdict, and the same one the other way round unless its rule or the settings
// say otherwise.
inline void runCases(const std::vector<AnswerCase>& cases,
                     const math::EquivalenceSettings& settings = {}) {
    for (const AnswerCase& c : cases) {
        const math::Verdict verdict = math::equivalent(c.gold, c.pred, settings);
        const std::string message = std::string(c.gold) + " | " + c.pred + ": " +
                                    std::string(name(verdict.equality)) + " by " +
                                    std::string(name(verdict.rule)) + " (" + verdict.goldCanonical +
                                    " | " + verdict.predCanonical + ")";
        QVERIFY2(verdict.equality == c.equality, message.c_str());
        if (c.rule) {
            QVERIFY2(verdict.rule == *c.rule, message.c_str());
        }
        if (verdict.rule != math::Rule::Rounded && settings.setAgainstRelation) {
            const math::Verdict back = math::equivalent(c.pred, c.gold, settings);
            QVERIFY2(back.equality == verdict.equality, ("not symmetric: " + message).c_str());
        }
    }
}

} // namespace scrit::test
