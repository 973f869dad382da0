// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/connection.h"
#include "core/store/reader.h"
#include "core/store/record_reader.h"

#include <string>
#include <utility>

namespace scrit::store {
namespace {

using base::ErrorCode;
using base::Expected;
using base::fail;

// The set of a name; the newest where several have it.
constexpr const char* kFrozenSet = "SELECT id FROM frozen_set WHERE name = ? ORDER BY id DESC";
constexpr const char* kFrozenNames = "SELECT DISTINCT name FROM frozen_set ORDER BY name LIMIT 20";
constexpr const char* kFrozenProblems =
    "SELECT DISTINCT CASE m.subject_kind WHEN 0 THEN m.subject_id "
    "WHEN 1 THEN (SELECT s.problem_id FROM solution s WHERE s.id = m.subject_id) "
    "ELSE (SELECT r.problem_id FROM critique_row r WHERE r.id = m.subject_id) END AS problem "
    "FROM frozen_set_member m WHERE m.set_id = ? AND problem IS NOT NULL ORDER BY problem";

} // namespace

Expected<void> Reader::forEachRecordOf(ListOf of, const std::vector<std::int64_t>& ids,
                                       const std::function<Expected<bool>(TraceRecord&&)>& record) {
    return streaming(*m_connection, "cannot read", [&]() -> Expected<void> {
        RecordReader records(*m_connection, RecordReader::Use::Stream);
        for (const std::int64_t id : ids) {
            auto found = records.read(of, id, {false, false, false});
            if (!found) {
                return fail(std::move(found.error()));
            }
            const Expected<bool> more = record(std::move(*found));
            if (!more) {
                return fail(more.error());
            }
            if (!*more) {
                break;
            }
        }
        return {};
    });
}

Expected<std::vector<std::int64_t>> Reader::frozenProblems(std::string_view name) {
    return reading(
        *m_connection, "cannot read the frozen set", [&]() -> Expected<std::vector<std::int64_t>> {
            const std::string wanted(name);
            std::int64_t set = 0;
            {
                Query query(m_connection->statement(kFrozenSet));
                if (!query.bind(wanted).step()) {
                    std::string names;
                    Query known(m_connection->statement(kFrozenNames));
                    while (known.step()) {
                        names += (names.empty() ? "" : ", ") + known.text(0);
                    }
                    return fail(ErrorCode::NotFound, "there is no frozen set \"" + wanted + "\"",
                                names.empty() ? "the workspace has none" : "there are " + names);
                }
                set = query.integer(0);
            }
            std::vector<std::int64_t> ids;
            Query query(m_connection->statement(kFrozenProblems));
            query.bind(set);
            while (query.step()) {
                ids.push_back(query.integer(0));
            }
            return ids;
        });
}

} // namespace scrit::store
