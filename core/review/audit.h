// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/eval/agreement.h"
#include "core/eval/audit.h"
#include "core/review/judgement.h"
#include "core/review/plan.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// What the judgements say together: how far self-validation can be trusted, how well reviewers
// agree, how they do on gold items. Everything is read from the annotations in force at the moment.
namespace scrit::review {

struct AuditQuery {
    std::optional<std::int64_t> planId; // absent: all judgements of the workspace
    std::vector<Stratum> by;            // rows of the result; empty: the strata of the plan
    std::string annotator;              // one reviewer alone; empty: all together
    double halfWidth = 0.05;            // wished, at 95 %
};

struct AuditStratum {
    std::string name;   // as in eval::AuditRow::stratum
    std::string filter; // finds the critiques of the stratum (of the workspace); empty where
                        // no filter can say it (no source, no student)
    std::int64_t population = 0; // critiques of the stratum in the plan's draw; 0: not known
};

// One judgement counts for a critique: an adjudicated one; else what its reviewers say, when most
// of them say the same; else the critique is left out as disputed.
struct AuditReport {
    eval::AuditFigures figures;       // positive: self-validation said yes; truth: people accept it
    std::vector<AuditStratum> strata; // beside figures.strata
    std::int64_t judged = 0;          // critiques with a judgement
    std::int64_t used = 0;            // that the figures are made of
    std::int64_t unsure = 0;          // left out: nobody says yes or no
    std::int64_t disputed = 0;        // left out: as many say yes as no
    std::int64_t unvalidated = 0;     // left out: self-validation said neither yes nor no
    bool weighted = false;            // figures have weighted estimates
};
[[nodiscard]] base::Expected<AuditReport> auditSelfValidation(store::Reader& reader,
                                                              const AuditQuery& query);

// What two or more reviewers were asked.
enum class Question { Validity, FirstError, Correction };
[[nodiscard]] std::string_view name(Question question); // validity, first-error, correction

struct AgreementRow {
    Question question = Question::Validity;
    std::vector<std::string> annotators; // who is compared
    eval::AgreementValue percent;
    eval::AgreementValue kappa; // of two annotators
    eval::AgreementValue alpha;
};
struct AgreementReport {
    std::vector<std::string> annotators; // by name, without adjudicators
    std::vector<AgreementRow> rows;      // for each question: all together, then each pair
    std::int64_t items = 0;              // critiques that two reviewers or more have judged
};
// `unsure` is a category of validity of its own. Bootstrap intervals with the seed.
[[nodiscard]] base::Expected<AgreementReport> reviewerAgreement(store::Reader& reader,
                                                                std::optional<std::int64_t> planId,
                                                                std::uint64_t seed = 0,
                                                                int resamples = 2000);

struct GoldScore {
    std::string annotator;
    eval::Rate right;                // of the gold items judged so that they can be compared
    std::vector<std::int64_t> wrong; // critiques
};
// By annotator; empty when the plan has no gold items.
[[nodiscard]] base::Expected<std::vector<GoldScore>> goldScores(store::Reader& reader,
                                                                const Plan& plan);

} // namespace scrit::review
