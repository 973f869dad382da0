// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/store/filter.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// The grammar of the filter language, without its vocabulary:
//   filter = and { "OR" and }    and = unary { unary }    unary = "-" unary | "(" filter ")" | term
//   term = [ name ":" ] ( word | "quoted text" )
// A bare AND or NOT is an error, because other languages have them as operators.
namespace scrit::store {

inline constexpr std::size_t kMaxFilterBytes = 16 * 1024;
inline constexpr int kMaxFilterDepth = 50;
inline constexpr int kMaxFilterTerms = 200;

struct FilterTerm {
    std::string name;  // lower case; empty for free text
    std::string value; // unquoted
    bool quoted = false;
    std::size_t begin = 0; // byte offsets into the filter
    std::size_t valueBegin = 0;
    std::size_t end = 0;
};

struct FilterNode {
    enum class Kind { And, Or, Not, Term };
    Kind kind = Kind::And;
    std::vector<FilterNode> children; // And: none is "everything"
    FilterTerm term;
};

[[nodiscard]] base::Expected<FilterNode> parseFilter(std::string_view filter);

// An Invalid error for a byte offset of the filter: "column N: what".
[[nodiscard]] base::Error filterError(std::string_view filter, std::size_t offset,
                                      std::string_view what, std::string advice = {});

} // namespace scrit::store
