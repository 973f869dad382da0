// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/reader.h"

#include "core/store/codec.h"
#include "core/store/connection.h"
#include "core/store/qualifiers.h"
#include "core/store/record_reader.h"
#include "core/store/row_reader.h"
#include "core/store/solution_name.h"
#include "core/store/text_matches.h"
#include "core/store/text_window.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>

namespace scrit::store {
namespace {

using base::ErrorCode;
using base::Expected;
using base::fail;
using Ids = std::vector<std::int64_t>;

// Ids looked at first, and next, for a page of a list with free text: a word that is in every tenth
// text fills a page of 256 rows from the first, and one in every hundredth from the second.
constexpr std::int64_t kFirstWindow = 4096;
constexpr std::int64_t kSecondWindow = 32768;
// Rows of a stream that are read together: few at first, because whoever asked may want no more,
// then twice as many each time.
constexpr std::size_t kFirstRows = 16;
constexpr std::size_t kMostRows = 512;

std::string fromWhere(ListOf of, const FilterSql& filter) {
    return " FROM " + std::string(rowTable(of)) + " r WHERE " + filter.where;
}

// The column that a list can be sorted by besides the id; null where the rows have none.
const char* sortColumn(const ListQuery& query) {
    const bool critiques = query.of == ListOf::Critiques;
    switch (query.sort) {
    case SortKey::Id:
        return nullptr;
    case SortKey::Source:
        return query.of == ListOf::Items ? nullptr : "r.source_term";
    case SortKey::FirstErrorStep:
        return critiques ? "r.first_error" : nullptr;
    case SortKey::Tokens:
        return critiques ? "r.tokens" : nullptr;
    case SortKey::Round:
        return critiques ? "r.round" : nullptr;
    }
    return nullptr;
}

struct SortedId {
    bool unknown = false; // after everything that is known
    std::int64_t key = 0;
    std::int64_t id = 0;
    // NOLINTNEXTLINE(modernize-use-nullptr): takes the zero of the comparison for a pointer
    friend auto operator<=>(const SortedId&, const SortedId&) = default;
};

// Sources are sorted by name: their term's place in the alphabet replaces the term.
void rankTerms(Connection& connection, std::vector<SortedId>& rows) {
    std::unordered_map<std::int64_t, std::int64_t> rank;
    for (const SortedId& row : rows) {
        rank.emplace(row.key, 0);
    }
    std::vector<std::pair<std::string, std::int64_t>> names;
    names.reserve(rank.size());
    for (const auto& entry : rank) {
        names.emplace_back(connection.termText(entry.first), entry.first);
    }
    std::sort(names.begin(), names.end());
    for (std::size_t place = 0; place < names.size(); ++place) {
        rank[names[place].second] = static_cast<std::int64_t>(place);
    }
    for (SortedId& row : rows) {
        row.key = rank[row.key];
    }
}

Ids sortedIds(Connection& connection, const ListQuery& query, const FilterSql& filter,
              const char* column) {
    const std::string sql = "SELECT r.id, " + std::string(column) + fromWhere(query.of, filter);
    SQLite::Statement statement(connection.database(), sql);
    bindParameters(statement, filter);
    std::vector<SortedId> rows;
    while (statement.executeStep()) {
        rows.push_back({statement.isColumnNull(1), statement.getColumn(1).getInt64(),
                        statement.getColumn(0).getInt64()});
    }
    if (query.sort == SortKey::Source) {
        rankTerms(connection, rows);
    }
    std::sort(rows.begin(), rows.end());
    if (query.descending) {
        std::reverse(rows.begin(), rows.end());
    }
    Ids ids;
    ids.reserve(rows.size());
    for (const SortedId& row : rows) {
        ids.push_back(row.id);
    }
    return ids;
}

std::string idSql(const ListQuery& query, const FilterSql& filter) {
    return "SELECT r.id" + fromWhere(query.of, filter) + " ORDER BY r.id" +
           (query.descending ? " DESC" : "");
}

Ids allIds(Connection& connection, const ListQuery& query, const FilterSql& filter) {
    if (const char* column = sortColumn(query); column != nullptr) {
        return sortedIds(connection, query, filter, column);
    }
    if (const auto matches = TextMatches::find(connection, query.of, filter)) {
        return matches->ids(query.descending);
    }
    SQLite::Statement statement(connection.database(), idSql(query, filter));
    bindParameters(statement, filter);
    Ids ids;
    while (statement.executeStep()) {
        ids.push_back(statement.getColumn(0).getInt64());
    }
    return ids;
}

// The first ids of a list in order of id that match within a range.
Ids idsWithin(Connection& connection, const ListQuery& query, FilterSql filter, IdRange range,
              std::size_t limit) {
    // A bound that holds nothing back would mislead SQLite's choice of an index.
    if (range.low != IdRange{}.low) {
        filter.where += " AND r.id >= ?";
        filter.parameters.emplace_back(range.low);
    }
    if (range.high != IdRange{}.high) {
        filter.where += " AND r.id <= ?";
        filter.parameters.emplace_back(range.high);
    }
    filter.parameters.emplace_back(static_cast<std::int64_t>(limit));
    SQLite::Statement statement(connection.database(), idSql(query, filter) + " LIMIT ?");
    bindParameters(statement, filter);
    Ids ids;
    while (statement.executeStep()) {
        ids.push_back(statement.getColumn(0).getInt64());
    }
    return ids;
}

// The same for a filter with free text: among few ids, then among more, then among the rest.
Ids idsByWindows(Connection& connection, const ListQuery& query, const FilterSql& filter,
                 IdRange range, std::size_t limit) {
    Ids ids;
    IdRange rest = existingIds(connection, query.of, range);
    for (const std::int64_t width : {kFirstWindow, kSecondWindow}) {
        if (rest.empty() || ids.size() == limit) {
            return ids;
        }
        const IdRange window = windowOf(rest, width, query.descending);
        const Ids more =
            idsWithin(connection, query, withTextsOf(connection, query.of, window, filter), window,
                      limit - ids.size());
        ids.insert(ids.end(), more.begin(), more.end());
        if (window.low == rest.low && window.high == rest.high) {
            return ids;
        }
        (query.descending ? rest.high : rest.low) =
            query.descending ? window.low - 1 : window.high + 1;
    }
    if (ids.size() < limit) {
        const Ids more = idsWithin(connection, query, filter, rest, limit - ids.size());
        ids.insert(ids.end(), more.begin(), more.end());
    }
    return ids;
}

// The ids of one page, by keyset where the list is in order of id.
Ids pageIds(Connection& connection, const ListQuery& query, const FilterSql& filter,
            std::optional<std::int64_t> after, int limit) {
    if (sortColumn(query) == nullptr) {
        IdRange range;
        if (after && *after == (query.descending ? range.low : range.high)) {
            return {};
        }
        if (after) {
            (query.descending ? range.high : range.low) = *after + (query.descending ? -1 : 1);
        }
        const auto size = static_cast<std::size_t>(limit);
        return filter.textRanges.empty() ? idsWithin(connection, query, filter, range, size)
                                         : idsByWindows(connection, query, filter, range, size);
    }
    Ids ids = allIds(connection, query, filter);
    auto begin = ids.begin();
    if (after) {
        begin = std::find(ids.begin(), ids.end(), *after);
        begin = begin == ids.end() ? begin : begin + 1;
    }
    const auto size = std::min<std::ptrdiff_t>(limit, ids.end() - begin);
    return Ids(begin, begin + size);
}

// Calls `use` with each id of a query until it returns false or an error. In order of id nothing is
// kept: the statement itself is the place in the list, and its snapshot holds for all that `use`
// reads.
Expected<void> forEachId(Connection& connection, const ListQuery& query, const FilterSql& filter,
                         const std::function<Expected<bool>(std::int64_t)>& use) {
    if (sortColumn(query) != nullptr) {
        for (const std::int64_t id : allIds(connection, query, filter)) {
            const Expected<bool> more = use(id);
            if (!more) {
                return fail(more.error());
            }
            if (!*more) {
                return {};
            }
        }
        return {};
    }
    SQLite::Statement statement(connection.database(), idSql(query, filter));
    bindParameters(statement, filter);
    while (statement.executeStep()) {
        const Expected<bool> more = use(statement.getColumn(0).getInt64());
        if (!more) {
            return fail(more.error());
        }
        if (!*more) {
            return {};
        }
    }
    return {};
}

// The same with rows, which are read many at once.
Expected<void> forEachRowOf(Connection& connection, const ListQuery& query, const FilterSql& filter,
                            const std::function<Expected<bool>(const TraceRow&)>& use) {
    Ids ids;
    std::size_t atOnce = kFirstRows;
    bool wanted = true;
    const auto give = [&]() -> Expected<bool> {
        for (const TraceRow& row : rowsByIds(connection, query.of, ids)) {
            Expected<bool> more = use(row);
            if (!more || !*more) {
                wanted = false;
                return more;
            }
        }
        ids.clear();
        atOnce = std::min(2 * atOnce, kMostRows);
        return true;
    };
    Expected<void> listed =
        forEachId(connection, query, filter, [&](std::int64_t id) -> Expected<bool> {
            ids.push_back(id);
            return ids.size() < atOnce ? Expected<bool>(true) : give();
        });
    if (!listed || !wanted) {
        return listed;
    }
    const Expected<bool> last = give();
    return last ? Expected<void>{} : fail(last.error());
}

} // namespace

Reader::Reader(std::unique_ptr<Connection> connection) : m_connection(std::move(connection)) {}
Reader::~Reader() = default;

void Reader::interrupt() {
    m_connection->interrupt();
}

Expected<std::vector<TraceRow>> Reader::page(const ListQuery& query,
                                             std::optional<std::int64_t> after, int limit) {
    auto filter = compileFilter(query.filter, query.of);
    if (!filter) {
        return fail(std::move(filter.error()));
    }
    if (limit <= 0) {
        return std::vector<TraceRow>{};
    }
    return reading(*m_connection, "cannot list", [&]() -> Expected<std::vector<TraceRow>> {
        return rowsByIds(*m_connection, query.of,
                         pageIds(*m_connection, query, *filter, after, limit));
    });
}

Expected<std::int64_t> Reader::count(const ListQuery& query) {
    auto filter = compileFilter(query.filter, query.of);
    if (!filter) {
        return fail(std::move(filter.error()));
    }
    return reading(*m_connection, "cannot count", [&]() -> Expected<std::int64_t> {
        if (const auto matches = TextMatches::find(*m_connection, query.of, *filter)) {
            return matches->count();
        }
        SQLite::Statement statement(m_connection->database(),
                                    "SELECT count(*)" + fromWhere(query.of, *filter));
        bindParameters(statement, *filter);
        statement.executeStep();
        return statement.getColumn(0).getInt64();
    });
}

Expected<Ids> Reader::ids(const ListQuery& query) {
    auto filter = compileFilter(query.filter, query.of);
    if (!filter) {
        return fail(std::move(filter.error()));
    }
    return reading(*m_connection, "cannot list",
                   [&]() -> Expected<Ids> { return allIds(*m_connection, query, *filter); });
}

Expected<std::vector<TraceRow>> Reader::rows(ListOf of, const Ids& ids) {
    return reading(*m_connection, "cannot list", [&]() -> Expected<std::vector<TraceRow>> {
        return rowsByIds(*m_connection, of, ids);
    });
}

Expected<void> Reader::forEachRow(const ListQuery& query,
                                  const std::function<Expected<bool>(const TraceRow&)>& row) {
    auto filter = compileFilter(query.filter, query.of);
    if (!filter) {
        return fail(std::move(filter.error()));
    }
    return streaming(*m_connection, "cannot list", [&]() -> Expected<void> {
        return forEachRowOf(*m_connection, query, *filter, row);
    });
}

Expected<void> Reader::forEachRecord(const ListQuery& query,
                                     const std::function<Expected<bool>(TraceRecord&&)>& record) {
    auto filter = compileFilter(query.filter, query.of);
    if (!filter) {
        return fail(std::move(filter.error()));
    }
    return streaming(*m_connection, "cannot read", [&]() -> Expected<void> {
        RecordReader records(*m_connection, RecordReader::Use::Stream);
        return forEachId(*m_connection, query, *filter, [&](std::int64_t id) -> Expected<bool> {
            auto found = records.read(query.of, id, {false, false, false});
            return found ? record(std::move(*found))
                         : Expected<bool>(fail(std::move(found.error())));
        });
    });
}

Expected<TraceRecord> Reader::record(ListOf of, std::int64_t id) {
    return reading(*m_connection, "cannot read", [&] {
        return RecordReader(*m_connection, RecordReader::Use::Single).read(of, id, {});
    });
}

Expected<Reader::AnswerCounts> Reader::uniqueAnswers(const base::CancelToken& cancel) {
    // One text for ever: statements are known by its address.
    static const std::string kSql =
        "SELECT r.id, " + uniqueAnswersSql("r.id") + " FROM problem_row r ORDER BY r.id";
    return reading(*m_connection, "cannot count answers", [&]() -> Expected<AnswerCounts> {
        Query query(m_connection->statement(kSql.c_str()));
        AnswerCounts counts;
        while (query.step()) {
            if (cancel.isCancelled()) {
                return fail(ErrorCode::Cancelled, "stopped while answers were counted");
            }
            if (const int count = query.small(1); count > 0) {
                counts.emplace(query.integer(0), count);
            }
        }
        return counts;
    });
}

Expected<Reader::AnswerCounts> Reader::uniqueAnswersOf(std::span<const std::int64_t> problems) {
    static const std::string kSql =
        "SELECT j.value, " + uniqueAnswersSql("j.value") + " FROM json_each(?) j";
    const std::string list = idsToJson(problems);
    return reading(*m_connection, "cannot count answers", [&]() -> Expected<AnswerCounts> {
        Query query(m_connection->statement(kSql.c_str()));
        query.bind(list);
        AnswerCounts counts;
        while (query.step()) {
            counts.emplace(query.integer(0), query.small(1));
        }
        return counts;
    });
}

Expected<std::optional<std::int64_t>> Reader::findSolution(std::string_view reference) {
    return reading(*m_connection, "cannot look for a solution",
                   [&]() -> Expected<std::optional<std::int64_t>> {
                       const std::string key = packKey(reference);
                       Query byKey(
                           m_connection->statement("SELECT id FROM solution WHERE key = ?"));
                       if (byKey.bindBlob(key).step()) {
                           return std::optional(byKey.integer(0));
                       }
                       return solutionNamed(*m_connection, std::string(reference));
                   });
}

} // namespace scrit::store
