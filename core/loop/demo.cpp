// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/loop/demo.h"

#include "core/base/resources.h"

#include <system_error>
#include <utility>

namespace scrit::loop {
namespace {

namespace fs = std::filesystem;
using base::Expected;

// A sample that ships with the program has no bad lines.
Expected<void> checked(const ImportSummary& summary) {
    if (summary.stopped) {
        return base::fail(*summary.stopped);
    }
    for (const FileSummary& file : summary.files) {
        if (file.error) {
            return base::fail(*file.error);
        }
    }
    if (!summary.badLines.empty()) {
        const format::BadLine& bad = summary.badLines.front();
        return base::fail(base::ErrorCode::Internal,
                          "the sample is damaged: " + bad.file + ":" + std::to_string(bad.line) +
                              ": " + bad.reason,
                          "install the program again");
    }
    if (summary.cancelled) {
        return base::fail(base::ErrorCode::Cancelled, "stopped",
                          "run scrit demo again to complete it");
    }
    return {};
}

} // namespace

Expected<DemoSummary> makeDemo(const fs::path& folder, const ProgressFunction& progress,
                               const base::CancelToken& cancel) {
    const Expected<fs::path> resources = base::resourceFolder();
    if (!resources) {
        return base::fail(resources.error());
    }
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) {
        return base::fail(
            base::systemError(error.value(), "cannot create the folder", folder.string()));
    }
    DemoSummary summary;
    summary.workspace = folder / "demo.scrit";
    summary.created = !fs::exists(summary.workspace, error);
    const Expected<std::shared_ptr<store::Workspace>> workspace =
        summary.created ? store::Workspace::create(summary.workspace)
                        : store::Workspace::open(summary.workspace);
    if (!workspace) {
        return base::fail(workspace.error());
    }
    ImportJobOptions options;
    options.format.as = "scrit";
    options.format.source = "sample";
    const fs::path samples = *resources / "samples";
    summary.problems =
        importFiles(**workspace, {samples / "problems.jsonl"}, options, progress, cancel);
    if (auto fine = checked(summary.problems); !fine) {
        return base::fail(fine.error());
    }
    summary.critiques =
        importCritiqueFiles(**workspace, {samples / "critiques.jsonl"}, options, progress, cancel);
    if (auto fine = checked(summary.critiques); !fine) {
        return base::fail(fine.error());
    }
    Expected<VerifySummary> verified = verifyWorkspace(**workspace, {}, progress, cancel);
    if (!verified) {
        return base::fail(verified.error());
    }
    summary.verify = std::move(*verified);
    const Expected<std::unique_ptr<store::Reader>> reader = (*workspace)->reader();
    if (!reader) {
        return base::fail(reader.error());
    }
    Expected<store::Status> status = (*reader)->status();
    if (!status) {
        return base::fail(status.error());
    }
    summary.status = std::move(*status);
    return summary;
}

} // namespace scrit::loop
