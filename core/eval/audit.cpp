// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/eval/audit.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace scrit::eval {
namespace {

// Wilson's interval for a share p of n observations, n being no whole number.
Interval wilsonOf(double p, double n) {
    const double z = kZ95;
    const double z2 = z * z;
    const double centre = (p + z2 / (2 * n)) / (1 + z2 / n);
    const double half = z / (1 + z2 / n) * std::sqrt(p * (1 - p) / n + z2 / (4 * n * n));
    return {std::max(0.0, centre - half), std::min(1.0, centre + half)};
}

void count(Confusion& cells, const AuditCase& one) {
    std::vector<std::int64_t>& cell = one.positive
                                          ? (one.truth ? cells.truePositive : cells.falsePositive)
                                          : (one.truth ? cells.falseNegative : cells.trueNegative);
    cell.push_back(one.id);
}

std::int64_t sizeOf(const std::vector<std::int64_t>& ids) {
    return static_cast<std::int64_t>(ids.size());
}

// Further items, of which the share `of` (of `all`) belongs to the denominator.
std::int64_t itemsFor(std::int64_t more, std::int64_t of, std::int64_t all) {
    if (more == 0 || of == 0) {
        return more;
    }
    return static_cast<std::int64_t>(
        std::ceil(static_cast<double>(more) * static_cast<double>(all) / static_cast<double>(of)));
}

void finish(AuditRow& row, double halfWidth) {
    const std::int64_t tp = sizeOf(row.cells.truePositive);
    const std::int64_t fp = sizeOf(row.cells.falsePositive);
    const std::int64_t fn = sizeOf(row.cells.falseNegative);
    const std::int64_t tn = sizeOf(row.cells.trueNegative);
    row.precision = rate(tp, tp + fp, halfWidth);
    row.recall = rate(tp, tp + fn, halfWidth);
    row.accuracy = rate(tp + tn, tp + fp + fn + tn, halfWidth);
    for (Rate* one : {&row.precision, &row.recall, &row.accuracy}) {
        one->moreItems = itemsFor(one->more, one->n, row.cells.total());
    }
}

// One case as a ratio estimator sees it: a member of the denominator or not, a hit or not.
struct Contribution {
    double hit = 0;
    double member = 0;
};
using ContributionOf = Contribution (*)(const AuditCase&);

// Cases of one stratum of the draw.
struct Draw {
    std::vector<const AuditCase*> cases;
    double size = 0;   // of the stratum; 0: not known
    double weight = 0; // items of the whole that each case stands for
};
using Draws = std::map<std::string, Draw>;

Draws drawsOf(std::span<const AuditCase> cases, std::span<const StratumSize> sizes,
              std::span<const std::string> drawnFrom) {
    Draws draws;
    for (std::size_t i = 0; i < cases.size(); ++i) {
        if (cases[i].weight > 0) {
            draws[drawnFrom.empty() ? cases[i].stratum : drawnFrom[i]].cases.push_back(&cases[i]);
        }
    }
    for (const StratumSize& size : sizes) {
        if (const auto found = draws.find(size.stratum); found != draws.end()) {
            found->second.size = static_cast<double>(size.size);
        }
    }
    for (auto& entry : draws) {
        Draw& draw = entry.second;
        double weights = 0;
        for (const AuditCase* one : draw.cases) {
            weights += one->weight;
        }
        const auto n = static_cast<double>(draw.cases.size());
        draw.weight = (draw.size > 0 ? draw.size : weights) / n;
    }
    return draws;
}

bool weighted(const Draws& draws) {
    return std::any_of(draws.begin(), draws.end(), [&](const auto& entry) {
        return std::abs(entry.second.weight - draws.begin()->second.weight) >
               1e-9 * draws.begin()->second.weight;
    });
}

// R = Σ w·hit / Σ w·member with the linearised variance of a combined ratio under stratified
// sampling: Σ over strata of N² (1 - f) s² / n, s² being the variance of hit - R·member.
std::optional<WeightedRate> ratio(const Draws& draws, ContributionOf contributionOf) {
    double hits = 0;
    double members = 0;
    double weights2 = 0; // of members, for Kish's effective number
    for (const auto& entry : draws) {
        const Draw& draw = entry.second;
        for (const AuditCase* one : draw.cases) {
            const Contribution part = contributionOf(*one);
            hits += draw.weight * part.hit;
            members += draw.weight * part.member;
            weights2 += draw.weight * draw.weight * part.member;
        }
    }
    if (members <= 0) {
        return std::nullopt;
    }
    const double value = hits / members;
    double variance = 0;
    for (const auto& entry : draws) {
        const Draw& draw = entry.second;
        const auto n = static_cast<double>(draw.cases.size());
        if (n < 2) {
            continue;
        }
        double mean = 0;
        for (const AuditCase* one : draw.cases) {
            const Contribution part = contributionOf(*one);
            mean += (part.hit - value * part.member) / n;
        }
        double squares = 0;
        for (const AuditCase* one : draw.cases) {
            const Contribution part = contributionOf(*one);
            const double residual = part.hit - value * part.member - mean;
            squares += residual * residual;
        }
        const double unseen = draw.size > 0 ? std::max(0.0, 1 - n / draw.size) : 1;
        const double whole = draw.weight * n;
        variance += whole * whole * unseen * squares / (n - 1) / n;
    }
    variance /= members * members;
    WeightedRate result;
    result.value = value;
    const double kish = members * members / weights2;
    result.effectiveN =
        variance > 1e-12 && value > 0 && value < 1 ? value * (1 - value) / variance : kish;
    result.interval = wilsonOf(value, result.effectiveN);
    return result;
}

// Items to judge for the wished width when the design stays as it is.
void planWeighted(Rate& plain, const std::optional<WeightedRate>& estimate, std::int64_t all,
                  double halfWidth) {
    if (!estimate || !estimate->value || plain.n == 0) {
        return;
    }
    // As if effectiveN simple observations had been made.
    const auto n = static_cast<std::int64_t>(std::max(1.0, std::round(estimate->effectiveN)));
    const auto successes =
        static_cast<std::int64_t>(std::round(*estimate->value * static_cast<double>(n)));
    const std::int64_t simple = moreForHalfWidth(successes, n, halfWidth);
    const double effect = static_cast<double>(plain.n) / static_cast<double>(n);
    plain.more = static_cast<std::int64_t>(std::ceil(static_cast<double>(simple) * effect));
    plain.moreItems = itemsFor(plain.more, plain.n, all);
}

} // namespace

std::int64_t Confusion::total() const {
    return sizeOf(truePositive) + sizeOf(falsePositive) + sizeOf(falseNegative) +
           sizeOf(trueNegative);
}

Rate rate(std::int64_t successes, std::int64_t n, double halfWidth) {
    Rate result;
    result.successes = successes;
    result.n = n;
    if (n > 0) {
        result.value = static_cast<double>(successes) / static_cast<double>(n);
    }
    result.interval = wilson(successes, n);
    result.more = moreForHalfWidth(successes, n, halfWidth);
    result.moreItems = result.more;
    return result;
}

AuditFigures audit(std::span<const AuditCase> cases, std::span<const StratumSize> sizes,
                   double halfWidth, std::span<const std::string> drawnFrom) {
    AuditFigures figures;
    std::map<std::string, AuditRow> strata;
    for (const AuditCase& one : cases) {
        count(figures.total.cells, one);
        AuditRow& row = strata[one.stratum];
        row.stratum = one.stratum;
        count(row.cells, one);
    }
    finish(figures.total, halfWidth);
    for (auto& entry : strata) {
        finish(entry.second, halfWidth);
        figures.strata.push_back(std::move(entry.second));
    }
    const Draws draws = drawsOf(cases, sizes, drawnFrom);
    if (!weighted(draws)) {
        return figures;
    }
    figures.precision = ratio(draws, [](const AuditCase& one) {
        return Contribution{one.positive && one.truth ? 1.0 : 0.0, one.positive ? 1.0 : 0.0};
    });
    figures.recall = ratio(draws, [](const AuditCase& one) {
        return Contribution{one.positive && one.truth ? 1.0 : 0.0, one.truth ? 1.0 : 0.0};
    });
    figures.accuracy = ratio(draws, [](const AuditCase& one) {
        return Contribution{one.positive == one.truth ? 1.0 : 0.0, 1.0};
    });
    const std::int64_t all = figures.total.cells.total();
    planWeighted(figures.total.precision, figures.precision, all, halfWidth);
    planWeighted(figures.total.recall, figures.recall, all, halfWidth);
    planWeighted(figures.total.accuracy, figures.accuracy, all, halfWidth);
    return figures;
}

} // namespace scrit::eval
