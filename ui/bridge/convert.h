// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/loop/import_driver.h"
#include "core/loop/progress.h"
#include "core/loop/verify.h"
#include "core/store/reader.h"
#include "ui/models/trace_record.h"
#include "ui/models/trace_row.h"
#include "ui/models/workspace_facts.h"

#include <QDateTime>

#include <filesystem>

// Engine values → values for the screen. Pure functions; they run on the bridge's threads, so that
// the UI thread never converts or compares long texts.
namespace scrit::ui::bridge {

[[nodiscard]] QString text(std::string_view utf8);
// 0 is no time.
[[nodiscard]] QDateTime timeOf(std::int64_t unixMillis);
[[nodiscard]] std::filesystem::path pathOf(const QString& path);
[[nodiscard]] store::ListOf listOf(models::ListKind kind);
[[nodiscard]] store::ListQuery storeQuery(const models::ListQuery& query);
[[nodiscard]] models::TraceRow traceRow(const store::TraceRow& row);
[[nodiscard]] models::TraceRows traceRows(const std::vector<store::TraceRow>& rows);
// Also segments the critique, finds leaks and arithmetic marks, and compares the correction with
// the candidate.
[[nodiscard]] models::TraceRecordPtr traceRecord(models::ListKind kind, qint64 id,
                                                 store::TraceRecord&& record);
[[nodiscard]] models::WorkspaceFacts facts(const store::Status& status);
[[nodiscard]] models::JobState jobState(const QString& title, const loop::JobProgress& progress);
// Adds what one driver call did to a result.
void addSummary(models::ImportResult& result, const loop::ImportSummary& summary);
[[nodiscard]] models::VerifyResult verifyResult(const loop::VerifySummary& summary);
[[nodiscard]] models::Trouble trouble(const base::Error& error, const QString& path = {});

} // namespace scrit::ui::bridge
