// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/lineage.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// What annotations of one subject say together: the one place where it is decided. Pure functions
// that do not depend on the order in which annotations came in; any thread.
namespace scrit::store {

// Names of annotators that decide disagreements of others begin so; what they say wins.
inline constexpr std::string_view kAdjudicatorPrefix = "adjudicated:";

// For each annotation whether it is in force: it says something (kinds "undo" and "withdrawn" do
// not), and nothing of the same annotator stands that supersedes it. An undo takes back what it
// supersedes, as if that had never been there; every other annotation replaces it, also after it
// was replaced itself. What an undo that stands supersedes does not stand. Circles are not in
// force.
[[nodiscard]] std::vector<bool> annotationsInForce(std::span<const model::Annotation> annotations);

// Whether `a` counts more than `b`: an adjudicator's more than others', then the newer one.
[[nodiscard]] bool outranks(const model::Annotation& a, const model::Annotation& b);

// The answer of a problem as repaired, out of its annotations; absent when none is in force.
[[nodiscard]] std::optional<std::string>
repairedAnswer(std::span<const model::Annotation> annotations);

} // namespace scrit::store
