// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/review/adjudication.h"
#include "core/review/audit.h"
#include "core/review/pack.h"
#include "core/review/plan.h"
#include "core/review/session.h"
#include "ui/models/audit_values.h"
#include "ui/models/review_values.h"

// Review as the engine knows it ⇄ values for the screen. Pure functions, any thread.
namespace scrit::ui::bridge {

[[nodiscard]] review::Judgement storedJudgement(const models::Judgement& judgement);
// What the reviewer said; what the engine has made of it is left out.
[[nodiscard]] models::Judgement shownJudgement(const review::Judgement& judgement);
[[nodiscard]] models::ReviewItem reviewItem(const review::Item& item);
[[nodiscard]] models::ReviewProgress reviewProgress(const review::Progress& progress);
[[nodiscard]] models::HistoryEntry historyEntry(const review::Item& item,
                                                const review::Reveal& reveal, bool skipped);
[[nodiscard]] models::ReviewHistory reviewHistory(const std::vector<review::HistoryEntry>& entries);
[[nodiscard]] models::QueueInfo queueInfo(const review::Plan& plan, std::int64_t mine);
// Invalid where the quotas cannot be read.
[[nodiscard]] base::Expected<review::PlanRequest> planRequest(const models::QueueForm& form);
[[nodiscard]] models::QueuePreview queuePreview(const review::PlanPreview& preview);
[[nodiscard]] review::AuditQuery auditQuery(const models::AuditQuery& query);
[[nodiscard]] models::AuditReport auditReport(const review::AuditReport& report);
[[nodiscard]] models::AgreementReport agreementReport(const review::AgreementReport& report,
                                                      const std::vector<review::Dispute>& disputes);
[[nodiscard]] models::MergeResult mergeResult(const QString& file,
                                              const review::MergeSummary& summary);

} // namespace scrit::ui::bridge
