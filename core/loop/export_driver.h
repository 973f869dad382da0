// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancellation.h"
#include "core/base/error.h"
#include "core/format/dataset_writer.h"
#include "core/loop/progress.h"
#include "core/store/workspace.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

// A filter over critiques → a dataset folder.
namespace scrit::loop {

// How many critiques that call their solution correct stand against how many that call it
// incorrect.
struct Balance {
    std::uint32_t correct = 1;
    std::uint32_t incorrect = 1;
};
// "1:1", "2:1", "0:1"; Invalid for anything else.
[[nodiscard]] base::Expected<Balance> parseBalance(std::string_view text);

struct ExportJobOptions {
    std::string view = "openai-chat";
    std::filesystem::path folder;
    std::string filter;
    std::optional<Balance> balance;
    std::uint64_t seed = 0;
    bool keepLeaks = false; // keep critiques whose target mentions the reference solution
    bool replace = false;   // an earlier export in the folder may be replaced
    double testShare = 0;   // of the problems, by hash; 0: everything goes to "train"
    std::string title;
    std::string softwareVersion;
};

struct ExportSummary {
    std::uint64_t selected = 0; // critiques that the filter gave
    std::uint64_t unparsed = 0; // dropped: the conclusion or the first error step could not be read
    std::uint64_t leaks = 0;    // dropped: the target mentions the reference solution
    std::uint64_t unbalanced = 0; // dropped to reach the balance
    format::DatasetSummary dataset;
};

// Writes the dataset in constant memory (16 bytes a candidate when it is balanced), records it in
// the workspace and leaves either a whole folder or none. Drops leaks, and unparsed critiques where
// the view has no row for them ("jsonl-full" has one for every critique). The same workspace,
// options and seed give the same bytes. A workspace that is open read-only does not record the
// export. Errors: Invalid (view, filter), Exists (folder not empty), Cancelled, those of the
// workspace and of the file system.
[[nodiscard]] base::Expected<ExportSummary> exportDataset(store::Workspace& workspace,
                                                          const ExportJobOptions& options,
                                                          const ProgressFunction& progress = {},
                                                          const base::CancelToken& cancel = {});

} // namespace scrit::loop
