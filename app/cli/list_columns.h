// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/json_output.h"
#include "core/store/reader.h"

#include <string>
#include <string_view>
#include <vector>

namespace scrit::cli {

// One column of `scrit list`: its name is the option value, the table's title and the JSON key.
struct ListColumn {
    std::string_view name;
    std::string_view description;
    bool right = false;         // numbers
    bool ofSolutions = false;   // makes sense for lists of solutions (and critiques)
    bool ofCritiques = false;   // makes sense for lists of critiques only
    bool shownByDefault = true; // in tables
    Json (*value)(const store::TraceRow&) = nullptr;
    // Set: taken from the whole record instead, which is dearer, so that only those who ask for the
    // column get it.
    Json (*recordValue)(const store::TraceRecord&) = nullptr;
};

// All columns that a kind of list has, in order.
[[nodiscard]] std::vector<const ListColumn*> columnsOf(store::ListOf of);
// A value as a table cell: null is "-", a list is joined by commas; safe for a terminal.
[[nodiscard]] std::string cellText(const Json& value);

} // namespace scrit::cli
