// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/session.h"

#include <CLI/CLI.hpp>

// The commands of `scrit review`, by file.
namespace scrit::cli {

void addReviewItems(CLI::App& group, Session& session);   // next, annotate, undo
void addReviewSharing(CLI::App& group, Session& session); // pack, merge, adjudicate

} // namespace scrit::cli
