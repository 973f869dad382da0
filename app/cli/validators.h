// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <CLI/CLI.hpp>

#include <cstdint>

// Checks of numbers on the command line, which say in plain words what an option takes. Unlike
// those of CLI11 they add nothing to the option's name in help and manual page.
namespace scrit::cli {

// "a whole number from LEAST on", "a whole number from LEAST to MOST".
[[nodiscard]] CLI::Validator wholeFrom(std::int64_t least);
[[nodiscard]] CLI::Validator wholeWithin(std::int64_t least, std::int64_t most);
// "a number from LEAST on", "a number from LEAST to MOST".
[[nodiscard]] CLI::Validator numberFrom(double least);
[[nodiscard]] CLI::Validator numberWithin(double least, double most);

} // namespace scrit::cli
