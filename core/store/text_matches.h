// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/connection.h"
#include "core/store/filter.h"

#include <cstdint>
#include <optional>
#include <vector>

// Private to core/store. What a filter of nothing but free texts matches: SQLite would put each id
// into a set, often twice or three times; a byte for each id of the list is several times faster.
namespace scrit::store {

class TextMatches {
public:
    // Nothing where the filter asks for more than free texts, or where ids are so far apart that
    // the bytes would be many. Throws SQLite::Exception.
    [[nodiscard]] static std::optional<TextMatches> find(Connection& connection, ListOf of,
                                                         const FilterSql& filter);

    [[nodiscard]] std::int64_t count() const { return m_count; }
    // In order of id.
    [[nodiscard]] std::vector<std::int64_t> ids(bool descending) const;

private:
    std::int64_t m_first = 0;         // id of the first byte
    std::vector<std::uint8_t> m_have; // how many of the texts each id has
    std::uint8_t m_texts = 0;
    std::int64_t m_count = 0; // ids that have all
};

} // namespace scrit::store
