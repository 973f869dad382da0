// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancellation.h"
#include "core/base/error.h"
#include "core/loop/import_driver.h"
#include "core/loop/verify.h"
#include "core/store/reader.h"

#include <filesystem>

namespace scrit::loop {

struct DemoSummary {
    std::filesystem::path workspace;
    bool created = false; // false: it was there, and only what was missing was added
    ImportSummary problems;
    ImportSummary critiques;
    VerifySummary verify;
    store::Status status;
};

// Makes (or completes) FOLDER/demo.scrit from the recorded sample in resources/samples and scores
// it. Running it again adds nothing. Errors: NotFound (resources), those of the workspace, a bad
// line in the sample (Internal).
[[nodiscard]] base::Expected<DemoSummary> makeDemo(const std::filesystem::path& folder,
                                                   const ProgressFunction& progress = {},
                                                   const base::CancelToken& cancel = {});

} // namespace scrit::loop
