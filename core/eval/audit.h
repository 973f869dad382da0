// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/eval/intervals.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

// How far a machine's yes or no can be trusted, measured against people on a sample. Pure
// functions, any thread.
namespace scrit::eval {

// One judged item. `positive` is what the machine said (self-validation let it pass), `truth` what
// people say (the critique is right).
struct AuditCase {
    std::int64_t id = 0;
    bool positive = false;
    bool truth = false;
    std::string stratum;
    double weight = 1; // items of the whole that it stands for; 0: none (it is left out of weighted
                       // estimates)
};

// Successes out of n with Wilson's interval.
struct Rate {
    std::int64_t successes = 0;
    std::int64_t n = 0;
    std::optional<double> value; // absent for n = 0
    Interval interval;
    std::int64_t more = 0; // further observations of this denominator for the wished half-width
    std::int64_t moreItems = 0; // items to judge for that, when they go on as so far; of a weighted
                                // estimate with its design effect
};
[[nodiscard]] Rate rate(std::int64_t successes, std::int64_t n, double halfWidth);

// The four cells, as ids so that each can be looked at.
struct Confusion {
    std::vector<std::int64_t> truePositive;
    std::vector<std::int64_t> falsePositive; // passed, but people do not accept it
    std::vector<std::int64_t> falseNegative; // held back, but people accept it
    std::vector<std::int64_t> trueNegative;
    [[nodiscard]] std::int64_t total() const;
};

struct AuditRow {
    std::string stratum; // empty: all together
    Confusion cells;
    Rate precision; // truePositive of all positive
    Rate recall;    // truePositive of all true
    Rate accuracy;  // both say the same
};

// An estimate for the whole from a stratified sample.
struct WeightedRate {
    std::optional<double> value;
    Interval interval;
    double effectiveN = 0; // observations of a simple sample that would be as precise
};

struct AuditFigures {
    AuditRow total;
    std::vector<AuditRow> strata; // by name
    // Absent when all weights are the same: the plain rates are the estimates then.
    std::optional<WeightedRate> precision;
    std::optional<WeightedRate> recall;
    std::optional<WeightedRate> accuracy;
};

// Items of the whole in one stratum, also of strata without any case.
struct StratumSize {
    std::string stratum;
    std::int64_t size = 0;
};

// Figures for cases in any order. `sizes` (of the strata that the sample was drawn from) make the
// weighted estimates; without them the weights of the cases do, and no correction for finite strata
// is made. A stratum without any case says nothing: the estimates are for the others. Combined
// ratio estimate with its linearised variance (Cochran 1977, Sampling Techniques, section 6.11);
// interval: Wilson's with the effective number of observations, so that it stays within [0, 1].
// `drawnFrom` names the stratum of the draw of each case where figures are asked by something else;
// empty: AuditCase::stratum.
[[nodiscard]] AuditFigures audit(std::span<const AuditCase> cases,
                                 std::span<const StratumSize> sizes, double halfWidth,
                                 std::span<const std::string> drawnFrom = {});

} // namespace scrit::eval
