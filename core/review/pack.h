// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancellation.h"
#include "core/base/error.h"
#include "core/review/plan.h"
#include "core/review/rescorer.h"
#include "core/store/workspace.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

// Several reviewers without a server: a plan's items go out as a file, judgements come back as one.
// A pack is JSON Lines (README.md of this folder has the format), compressed with zstd when its
// name ends with ".zst".
namespace scrit::review {

struct PackOptions {
    // Items: problems, solutions, critiques and the plan, for somebody who has not got them.
    // Answers: the judgements made on the plan.
    enum class Content { Items, Answers };
    Content content = Content::Items;
    std::optional<bool> blind; // items without what machines say; absent: as the plan is
    std::string annotator;     // answers of one person; empty: of all
};
struct PackSummary {
    std::int64_t items = 0;
    std::int64_t answers = 0; // judgements, skips and undos
    std::uint64_t bytes = 0;
};
// Writes the whole file or none (temporary name, fsync, rename). Gold answers never go out. Errors:
// those of file and workspace, Cancelled.
[[nodiscard]] base::Expected<PackSummary> writePack(store::Reader& reader, const Plan& plan,
                                                    const std::filesystem::path& path,
                                                    const PackOptions& options,
                                                    const base::CancelToken& cancel = {});

struct MergeOptions {
    // Store the pack's problems, solutions, critiques and plan when they are not there; otherwise
    // items that are not there are counted as unknown.
    bool addItems = false;
};
// Counted in lines of the pack's answers (and items).
struct MergeSummary {
    std::string plan;       // its name here; empty when it is not here
    std::int64_t items = 0; // in the pack
    std::int64_t itemsAdded = 0;
    std::int64_t itemsExisting = 0;
    std::int64_t itemsUnknown = 0;
    std::int64_t answers = 0; // in the pack
    std::int64_t added = 0;
    std::int64_t existing = 0;
    std::int64_t unknown = 0;          // about critiques that are not here
    std::int64_t rescored = 0;         // verdicts added because answers of problems changed
    std::vector<std::string> problems; // lines that could not be read, at most 100
    std::int64_t bad = 0;              // such lines in all
};
// Brings items or answers in, in one transaction: all of it or nothing. Doing it again adds
// nothing, and the order of several merges does not matter: each answer has an identity of its own,
// and is matched to its critique by content key. Errors: Parse (no pack, or of a newer version),
// those of file and workspace, Cancelled.
[[nodiscard]] base::Expected<MergeSummary> mergePack(store::Workspace& workspace,
                                                     const std::filesystem::path& path,
                                                     const MergeOptions& options = {},
                                                     const Rescorer& rescorer = {},
                                                     const base::CancelToken& cancel = {});

} // namespace scrit::review
