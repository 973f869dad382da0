// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/text_matches.h"

#include "core/store/filter_parser.h"
#include "core/store/row_reader.h"
#include "core/store/text_window.h"

#include <algorithm>

namespace scrit::store {
namespace {

constexpr std::uint64_t kMostBytes = std::uint64_t{64} << 20U;

} // namespace

std::optional<TextMatches> TextMatches::find(Connection& connection, ListOf of,
                                             const FilterSql& filter) {
    static_assert(kMaxFilterTerms < 256); // a byte counts the texts
    const IdRange all = filter.onlyTexts.empty() ? IdRange{0, -1} : existingIds(connection, of, {});
    if (all.empty()) {
        return std::nullopt;
    }
    // Unsigned, because the difference of two ids may not fit.
    const auto placeOf = [&](std::int64_t id) {
        return static_cast<std::uint64_t>(id) - static_cast<std::uint64_t>(all.low);
    };
    if (placeOf(all.high) >= kMostBytes) {
        return std::nullopt;
    }
    TextMatches matches;
    matches.m_first = all.low;
    matches.m_have.resize(placeOf(all.high) + 1);
    for (const TextIds& text : filter.onlyTexts) {
        SQLite::Statement statement(connection.database(), text.select);
        bindParameters(statement, filter, text.firstParameter, text.parameters);
        matches.m_count = 0;
        while (statement.executeStep()) {
            const std::uint64_t place = placeOf(statement.getColumn(0).getInt64());
            // Once for each text, and only where those before had the id, too.
            if (place < matches.m_have.size() && matches.m_have[place] == matches.m_texts) {
                ++matches.m_have[place];
                ++matches.m_count;
            }
        }
        ++matches.m_texts;
    }
    return matches;
}

std::vector<std::int64_t> TextMatches::ids(bool descending) const {
    std::vector<std::int64_t> ids;
    ids.reserve(static_cast<std::size_t>(m_count));
    for (std::size_t place = 0; place < m_have.size(); ++place) {
        if (m_have[place] == m_texts) {
            ids.push_back(m_first + static_cast<std::int64_t>(place));
        }
    }
    if (descending) {
        std::reverse(ids.begin(), ids.end());
    }
    return ids;
}

} // namespace scrit::store
