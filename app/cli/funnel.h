// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/reader.h"

namespace scrit::cli {

// Prints the stages from problems to annotations as tables.
void printFunnel(const store::Status& status);

} // namespace scrit::cli
