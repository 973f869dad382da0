// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/text_window.h"

#include <algorithm>
#include <array>

namespace scrit::store {
namespace {

constexpr const char* kProblemIds = "SELECT (SELECT min(id) FROM problem_row), "
                                    "(SELECT max(id) FROM problem_row)";
constexpr const char* kSolutionIds = "SELECT (SELECT min(id) FROM solution_row), "
                                     "(SELECT max(id) FROM solution_row)";
constexpr const char* kCritiqueIds = "SELECT (SELECT min(id) FROM critique_row), "
                                     "(SELECT max(id) FROM critique_row)";
constexpr const char* kOfSolutions = "SELECT min(problem_id), max(problem_id) FROM solution_row "
                                     "WHERE id BETWEEN ? AND ?";
constexpr const char* kOfCritiques = "SELECT min(problem_id), max(problem_id), min(solution_id), "
                                     "max(solution_id) FROM critique_row WHERE id BETWEEN ? AND ?";

// Two columns of a row; the empty range when they are NULL.
IdRange rangeAt(const Query& query, int column) {
    return query.isNull(column) ? IdRange{0, -1}
                                : IdRange{query.integer(column), query.integer(column + 1)};
}

} // namespace

IdRange existingIds(Connection& connection, ListOf of, IdRange range) {
    Query query(connection.statement(of == ListOf::Problems    ? kProblemIds
                                     : of == ListOf::Solutions ? kSolutionIds
                                                               : kCritiqueIds));
    query.step();
    const IdRange all = rangeAt(query, 0);
    return {std::max(range.low, all.low), std::min(range.high, all.high)};
}

IdRange windowOf(IdRange range, std::int64_t width, bool descending) {
    // Unsigned, because the difference of two ids may not fit.
    const std::uint64_t span =
        static_cast<std::uint64_t>(range.high) - static_cast<std::uint64_t>(range.low);
    if (span < static_cast<std::uint64_t>(width)) {
        return range;
    }
    return descending ? IdRange{range.high - width + 1, range.high}
                      : IdRange{range.low, range.low + width - 1};
}

FilterSql withTextsOf(Connection& connection, ListOf of, IdRange window, FilterSql filter) {
    std::array<IdRange, 3> needed; // of problems, solutions, critiques
    needed.at(static_cast<std::size_t>(of)) = window;
    if (of != ListOf::Problems) {
        const bool critiques = of == ListOf::Critiques;
        Query query(connection.statement(critiques ? kOfCritiques : kOfSolutions));
        query.bind(window.low).bind(window.high).step();
        needed[0] = rangeAt(query, 0);
        if (critiques) {
            needed[1] = rangeAt(query, 2);
        }
    }
    for (const TextRange& range : filter.textRanges) {
        const IdRange ids = needed.at(static_cast<std::size_t>(range.text));
        filter.parameters.at(range.firstParameter) = ids.low;
        filter.parameters.at(range.firstParameter + 1) = ids.high;
    }
    return filter;
}

} // namespace scrit::store
