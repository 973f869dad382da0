// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/filter.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

// The vocabulary of the filter language: one table from which the compiler, help texts, completion
// and Reader::values() are fed.
namespace scrit::store {

struct Qualifier {
    enum class Form {
        Term,     // a short text by its row of `term`
        Level,    // the same, and where the text is a number ("3", "Level 3") that number
        Text,     // a short text in a column
        Tag,      // a tag in force
        Person,   // somebody who has annotated the row
        Plan,     // a review plan that the row is in
        Frozen,   // a frozen set that the row is in
        Run,      // the number of a run that made the row, or of an item's run
        Scored,   // the number of an evaluation that scored the row
        Exported, // the number of an export that wrote the row
        Choice,   // one of the fixed values
        Step,     // a step number: ranges begin at 0
        Amount,   // a number of which 0 means "not known"
        Number,   // a number
        Flags     // a bit of a mask
    };
    QualifierInfo info;
    Form form = Form::Term;
    // The column (or expression) of the row r in each kind of list; empty: makes no sense there.
    std::string problems;
    std::string solutions;
    std::string critiques;
    std::string items;
    // For a list of problems: a select of further ones that ends with the column of the term.
    std::string moreProblems;
    // Fixed values with their condition; $ stands for the column. Also the words a number may be.
    std::vector<std::pair<std::string, std::string>> choices;

    [[nodiscard]] const std::string& column(ListOf of) const;
};

[[nodiscard]] const std::vector<Qualifier>& qualifierTable();
[[nodiscard]] const Qualifier* findQualifier(std::string_view name);

// A scalar select: how many different final answers the students gave to a problem (an expression
// of its id). Those that match the reference answer are one, the others are compared as
// model::bareAnswer() has them; solutions without an answer, reference solutions and ones with an
// injected bug do not count.
[[nodiscard]] std::string uniqueAnswersSql(const std::string& problem);

// The table that a list has its rows from, and what its rows are called.
[[nodiscard]] std::string_view rowTable(ListOf of);
[[nodiscard]] std::string_view rowName(ListOf of);

} // namespace scrit::store
