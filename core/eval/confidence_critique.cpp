// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/eval/confidence_critique.h"

namespace scrit::eval {

ConfidenceCritiqueScore scoreConfidenceCritique(std::span<const QuestionCounts> questions) {
    double sumRight = 0;     // Σ P_a
    double sumKept = 0;      // Σ P_a P_b = Σ share of samples right before and after
    double sumCorrected = 0; // Σ (1 − P_a) P_c
    ConfidenceCritiqueScore score;
    for (const QuestionCounts& question : questions) {
        const std::int64_t samples = question.rightBefore + question.wrongBefore;
        if (samples == 0) {
            continue;
        }
        const double n = static_cast<double>(samples);
        sumRight += static_cast<double>(question.rightBefore) / n;
        sumKept += static_cast<double>(question.rightAfterRight) / n;
        sumCorrected += static_cast<double>(question.rightAfterWrong) / n;
        score.questions += 1;
    }
    if (score.questions == 0) {
        return score;
    }
    const double count = static_cast<double>(score.questions);
    const double sumWrong = count - sumRight;
    const double acc1 = sumRight / count;
    const double acc2 = (sumKept + sumCorrected) / count;
    score.acc1 = acc1;
    score.acc2 = acc2;
    if (sumRight > 0) {
        score.confidence = sumKept / sumRight;
    }
    if (sumWrong > 0) {
        score.critique = sumCorrected / sumWrong;
    }
    if (sumRight > 0 && sumWrong > 0) {
        score.relative = (acc2 - acc1 * acc1) / (2 * acc1 * (1 - acc1));
    }
    return score;
}

} // namespace scrit::eval
