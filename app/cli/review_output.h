// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/json_output.h"
#include "app/cli/session.h"
#include "core/review/adjudication.h"
#include "core/review/audit.h"
#include "core/review/judgement.h"
#include "core/review/plan.h"
#include "core/review/session.h"

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

// What the commands of `scrit review` share: options of a judgement, JSON and text. Steps count
// from 0, as in filters; -1 says that none is wrong.
namespace scrit::cli {

// Options that make a judgement.
struct JudgementOptions {
    bool agree = false;
    bool disagree = false;
    bool unsure = false;
    std::string valid;
    std::vector<std::string> steps; // "2:wrong"
    std::string firstError;
    std::string correction;
    std::string repairedAnswer;
    bool answerWrong = false;
    std::vector<std::string> tags;
    std::string comment;
    double seconds = 0;
};
void addJudgementOptions(CLI::App& command, Session& session, JudgementOptions& options);
// Invalid where the options contradict each other. `hidden`: verdicts are hidden, so that --unsure
// is about the critique.
[[nodiscard]] base::Expected<review::Judgement> judgementOf(const JudgementOptions& options,
                                                            bool hidden);
// The same from a line of JSON, with the keys of reviewJudgementJson().
[[nodiscard]] base::Expected<review::Judgement> judgementFrom(const Json& json);

[[nodiscard]] Json reviewJudgementJson(const review::Judgement& judgement);
[[nodiscard]] Json planJson(const review::Plan& plan);
[[nodiscard]] Json progressJson(const review::Progress& progress);
[[nodiscard]] Json reviewItemJson(const review::Item& item);
[[nodiscard]] Json revealJson(const review::Reveal& reveal);
// A record as a reviewer may see it: without what machines, labels and other reviewers say while
// that is hidden, and without labels before the item is judged.
[[nodiscard]] Json reviewRecordJson(const store::TraceRecord& record, const review::Item& item);
[[nodiscard]] Json auditJson(const review::AuditReport& report);
[[nodiscard]] Json agreementJson(const review::AgreementReport& report);
[[nodiscard]] Json goldJson(const std::vector<review::GoldScore>& scores);
[[nodiscard]] Json disputeJson(const review::Dispute& dispute);

// "disagree, first error 2, correction unusable", safe for a terminal.
[[nodiscard]] std::string judgementWords(const review::Judgement& judgement);
// The item with its texts, for a person; safe for a terminal.
[[nodiscard]] std::string reviewItemText(const store::TraceRecord& record, const review::Item& item,
                                         const review::Plan& plan,
                                         const review::Progress& progress);
// What may be said once an item is judged, a line each; safe for a terminal.
[[nodiscard]] std::string revealText(const review::Item& item, const review::Reveal& reveal);
[[nodiscard]] std::string progressWords(const review::Progress& progress);
// "83 % (74 to 90, n = 60)"
[[nodiscard]] std::string rateText(const eval::Rate& rate);

} // namespace scrit::cli
