// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

// The filter language: GitHub-style qualifiers, one grammar for Studio, the command line and
// exports.
//   source:gsm8k mode:contrastive round:>=2 first-error:2..4 -flag:leak (critic:a OR critic:b)
//   "free text"
// Juxtaposition is AND and binds tighter than OR; "-" negates a term or a group; "quoted values"
// may hold spaces; numbers take 5, >5, >=5, <5, <=5, 2..4, *..4, 2..*. Pure functions, any thread.
namespace scrit::store {

// What a list has one row of.
enum class ListOf { Problems, Solutions, Critiques, Items };

// Where a compiled filter asks a full-text index: two parameters, of which this is the first, bound
// the rows of that index. They bound nothing until somebody who looks at some rows alone sets them.
struct TextRange {
    ListOf text = ListOf::Critiques; // whose texts
    std::size_t firstParameter = 0;  // in FilterSql::parameters
};

// A free text: the select of the ids that have it, some of them several times.
struct TextIds {
    std::string select;
    std::size_t firstParameter = 0; // in FilterSql::parameters
    std::size_t parameters = 0;
};

// A compiled filter: an SQL condition on the row r with bound parameters, never with values in the
// text.
struct FilterSql {
    std::string where; // "1" when the filter is empty
    std::vector<std::variant<std::int64_t, double, std::string>> parameters;
    std::vector<TextRange> textRanges; // not empty: uses full text
    std::vector<TextIds> onlyTexts;    // not empty: a row matches when each of these has it
};

// Compiles a filter. On a syntax error, an unknown qualifier or one that makes no sense for this
// kind of row: ErrorCode::Invalid, with "column N" (1-based, in characters) at the start of the
// message and a suggestion as advice.
[[nodiscard]] base::Expected<FilterSql> compileFilter(std::string_view filter, ListOf of);

// One qualifier, for --help, completion and tooltips.
struct QualifierInfo {
    std::string name;
    std::string description;
    std::string example;
    std::vector<std::string>
        values; // the fixed vocabulary, empty when open (then see Reader::values)
    bool forProblems = false;
    bool forSolutions = false;
    bool forCritiques = false;
    bool forItems = false;
};
[[nodiscard]] const std::vector<QualifierInfo>& qualifiers();

// A range of the filter text with its role, for syntax colouring and completion.
struct FilterToken {
    enum class Kind { Qualifier, Value, FreeText, Operator, Error };
    Kind kind = Kind::FreeText;
    std::size_t begin = 0; // bytes
    std::size_t end = 0;
};
[[nodiscard]] std::vector<FilterToken> tokenizeFilter(std::string_view filter);

} // namespace scrit::store
