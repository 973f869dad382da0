// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/eval/confidence_critique.h"

#include "core/eval/resampling.h"

#include <algorithm>
#include <array>
#include <map>
#include <vector>

namespace scrit::eval {
namespace {

// What all scores are made of.
struct Sums {
    std::int64_t questions = 0;
    double right = 0;     // Σ P_a
    double kept = 0;      // Σ P_a P_b = Σ share of samples right before and after
    double corrected = 0; // Σ (1 − P_a) P_c

    void add(const QuestionCounts& question, std::int64_t times) {
        const std::int64_t samples = question.rightBefore + question.wrongBefore;
        if (samples == 0) {
            return;
        }
        const double share = static_cast<double>(times) / static_cast<double>(samples);
        questions += times;
        right += static_cast<double>(question.rightBefore) * share;
        kept += static_cast<double>(question.rightAfterRight) * share;
        corrected += static_cast<double>(question.rightAfterWrong) * share;
    }
    [[nodiscard]] ConfidenceCritiqueScore score() const {
        ConfidenceCritiqueScore score;
        score.questions = questions;
        if (questions == 0) {
            return score;
        }
        const auto count = static_cast<double>(questions);
        const double wrong = count - right;
        const double acc1 = right / count;
        const double acc2 = (kept + corrected) / count;
        score.acc1 = acc1;
        score.acc2 = acc2;
        if (right > 0) {
            score.confidence = kept / right;
        }
        if (wrong > 0) {
            score.critique = corrected / wrong;
        }
        if (right > 0 && wrong > 0) {
            score.relative = (acc2 - acc1 * acc1) / (2 * acc1 * (1 - acc1));
        }
        return score;
    }
};

// The questions that a score is about.
std::int64_t questionsOf(std::span<const QuestionCounts> questions,
                         std::optional<double> ConfidenceCritiqueScore::*part) {
    return std::count_if(questions.begin(), questions.end(), [&](const QuestionCounts& question) {
        const bool right = question.rightBefore > 0;
        const bool wrong = question.wrongBefore > 0;
        return part == &ConfidenceCritiqueScore::confidence ? right
               : part == &ConfidenceCritiqueScore::critique ? wrong
                                                            : right || wrong;
    });
}

std::optional<Interval> certainty(double score, std::int64_t questions) {
    return score == 0 || score == 1 ? std::optional(wilson(score == 0 ? 0 : questions, questions))
                                    : std::nullopt;
}

} // namespace

ConfidenceCritiqueScore scoreConfidenceCritique(std::span<const QuestionCounts> questions) {
    Sums sums;
    for (const QuestionCounts& question : questions) {
        sums.add(question, 1);
    }
    return sums.score();
}

ConfidenceCritiqueScore scoreConfidenceCritique(std::span<const QuestionCounts> kinds,
                                                std::span<const std::int64_t> counts) {
    Sums sums;
    for (std::size_t i = 0; i < kinds.size(); ++i) {
        sums.add(kinds[i], counts[i]);
    }
    return sums.score();
}

std::array<std::optional<Interval>, 5>
confidenceCritiqueIntervals(std::span<const QuestionCounts> questions, std::uint64_t seed) {
    std::map<std::array<std::int64_t, 4>, std::int64_t> counts; // questions of equal counts
    for (const QuestionCounts& q : questions) {
        if (q.rightBefore + q.wrongBefore > 0) {
            counts[{q.rightBefore, q.wrongBefore, q.rightAfterRight, q.rightAfterWrong}] += 1;
        }
    }
    std::vector<QuestionCounts> kinds;
    std::vector<std::int64_t> cells;
    for (const auto& [kind, count] : counts) {
        kinds.push_back({kind[0], kind[1], kind[2], kind[3]});
        cells.push_back(count);
    }
    const auto found = bootstrapCells(
        cells, kConfidenceCritiqueParts.size(),
        [&](std::span<const std::int64_t> drawn, std::span<std::optional<double>> values) {
            const ConfidenceCritiqueScore score = scoreConfidenceCritique(kinds, drawn);
            for (std::size_t i = 0; i < values.size(); ++i) {
                values[i] = score.*(kConfidenceCritiqueParts[i].second);
            }
        },
        seed);
    const ConfidenceCritiqueScore score = scoreConfidenceCritique(questions);
    std::array<std::optional<Interval>, 5> intervals;
    for (std::size_t i = 0; i < intervals.size(); ++i) {
        const auto part = kConfidenceCritiqueParts[i].second;
        intervals[i] = found[i];
        if (found[i] && found[i]->low == found[i]->high) {
            intervals[i] = part == &ConfidenceCritiqueScore::relative
                               ? std::nullopt
                               : certainty(*(score.*part), questionsOf(questions, part));
        }
    }
    return intervals;
}

} // namespace scrit::eval
