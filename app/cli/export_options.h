// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/session.h"
#include "core/base/error.h"
#include "core/loop/export_driver.h"

#include <string>
#include <vector>

// How a data set is curated: what `scrit export` and `scrit train` have in common.
namespace scrit::cli {

// As the command line says it.
struct CurationArguments {
    loop::ExportJobOptions options; // what needs no translation
    std::string balance;
    std::string order = "stored";
    std::string near;
    std::vector<std::string> decontaminate;
};

// --filter to --test-share, and --seed.
void addCurationOptions(CLI::App& command, Session& session, CurationArguments& arguments);
// Invalid for texts that cannot be read.
[[nodiscard]] base::Expected<loop::ExportJobOptions> curationOf(const CurationArguments& arguments);

} // namespace scrit::cli
