// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/review_reader.h"

#include "core/store/annotations.h"
#include "core/store/codec.h"
#include "core/store/connection.h"
#include "core/store/filter.h"
#include "core/store/qualifiers.h"
#include "core/store/query_rows.h"
#include "core/store/review_sql.h"
#include "core/store/row_reader.h"

#include <algorithm>

namespace scrit::store {
namespace {

using base::Expected;
using base::fail;

// Keys are looked up one by one for fewer critiques than this, else read from the index on the key.
constexpr std::size_t kFewKeys = 20'000;

constexpr const char* kPlans = SCRIT_PLANS "ORDER BY id DESC";
constexpr const char* kPlan = SCRIT_PLANS "WHERE id = ?";
constexpr const char* kAnnotator = "SELECT id FROM annotator WHERE name = ?";
constexpr const char* kReviewItems = SCRIT_ITEMS "AND i.position >= ? ORDER BY i.position LIMIT ?";
constexpr const char* kPositionOf = "SELECT position FROM review_item WHERE plan_id = ? "
                                    "AND subject_kind = 2 AND subject_id = ?";
constexpr const char* kOpenAfter =
    "SELECT i.position FROM review_item i WHERE i.plan_id = ?1 AND i.position > ?2 AND NOT EXISTS "
    "(SELECT 1 FROM review_mark m WHERE m.plan_id = ?1 AND m.annotator_id = ?3 "
    "AND m.position = i.position) ORDER BY i.position LIMIT ?4";
constexpr const char* kSkippedAfter =
    "SELECT position FROM review_mark WHERE plan_id = ? AND annotator_id = ? AND position > ? "
    "AND state = 'skipped' ORDER BY position LIMIT 1";
#define SCRIT_MARKS                                                                                \
    "SELECT m.position, m.state, m.entry_id, e.uid, e.created_at, m.gold FROM review_mark m "      \
    "CROSS JOIN review_entry e ON e.id = m.entry_id WHERE m.plan_id = ? AND m.annotator_id = ? "
constexpr const char* kMark = SCRIT_MARKS "AND m.position = ?";
constexpr const char* kMarks = SCRIT_MARKS "AND m.position >= ? ORDER BY m.position LIMIT ?";
#define SCRIT_PROGRESS                                                                             \
    "SELECT n.name, p.position, p.done, p.skipped, p.gold_seen, p.gold_right "                     \
    "FROM review_progress p JOIN annotator n ON n.id = p.annotator_id WHERE p.plan_id = ? "
constexpr const char* kProgress = SCRIT_PROGRESS "AND p.annotator_id = ?";
constexpr const char* kProgressOfAll = SCRIT_PROGRESS "AND p.done + p.skipped > 0 ORDER BY n.name";
constexpr const char* kDone = "SELECT done FROM review_plan WHERE id = ?";
#define SCRIT_ENTRIES                                                                              \
    "SELECT e.id, e.uid, e.plan_id, e.position, n.name, e.kind, e.undoes_uid, e.created_at "       \
    "FROM review_entry e CROSS JOIN annotator n ON n.id = e.annotator_id "
constexpr const char* kLastStanding =
    SCRIT_ENTRIES "WHERE e.plan_id = ? AND e.annotator_id = ? AND e.standing = 1 "
                  "ORDER BY e.created_at DESC, e.id DESC LIMIT 1";
constexpr const char* kHistory =
    SCRIT_ENTRIES "CROSS JOIN review_mark m ON m.plan_id = e.plan_id "
                  "AND m.annotator_id = e.annotator_id AND m.position = e.position "
                  "AND m.entry_id = e.id "
                  "WHERE e.plan_id = ? AND e.annotator_id = ? AND e.standing = 1 "
                  "ORDER BY e.created_at DESC, e.id DESC LIMIT ?";
constexpr const char* kEntries =
    SCRIT_ENTRIES "WHERE e.plan_id = ?1 AND (?2 = '' OR n.name = ?2) ORDER BY e.id";
constexpr const char* kAnnotated =
    "SELECT " SCRIT_ANNOTATION_COLUMNS "FROM annotation a CROSS JOIN annotator n "
    "ON n.id = a.annotator_id WHERE a.subject_kind = 2 AND a.subject_id > ? "
    "ORDER BY a.subject_id, a.id";
constexpr const char* kAnnotatedOfPlan =
    "SELECT " SCRIT_ANNOTATION_COLUMNS "FROM review_item i CROSS JOIN annotation a "
    "ON a.subject_kind = 2 AND a.subject_id = i.subject_id CROSS JOIN annotator n "
    "ON n.id = a.annotator_id WHERE i.subject_kind = 2 AND i.subject_id > ? AND i.plan_id = ? "
    "ORDER BY i.subject_id, a.id";
#define SCRIT_FACTS                                                                                \
    "SELECT r.id, r.solution_id, r.problem_id, r.source_term, r.student_term, r.critic_term, "     \
    "r.mode, r.round, r.conclusion, r.first_error, r.validated, r.answer, r.flags, r.label_step "  \
    "FROM critique_row r WHERE "
constexpr const char* kFacts = SCRIT_FACTS "r.id = ?";
constexpr const char* kSteps = "SELECT steps FROM solution WHERE id = ?";
constexpr const char* kKey = "SELECT key FROM critique WHERE id = ?";
// (The index on the key holds all that is asked for.)
constexpr const char* kAllKeys =
    "SELECT id, key FROM critique INDEXED BY sqlite_autoindex_critique_1";

ReviewMark markFrom(const Query& row) {
    ReviewMark mark;
    mark.position = row.integer(0);
    mark.state = row.text(1) == "done" ? ReviewMarkState::Done : ReviewMarkState::Skipped;
    mark.entryId = row.integer(2);
    mark.entryUid = row.text(3);
    mark.entryAt = row.integer(4);
    mark.gold = row.maybeSmall(5);
    return mark;
}

ReviewProgressRow progressFrom(const Query& row) {
    return {row.text(0),    row.integer(1), row.integer(2),
            row.integer(3), row.integer(4), row.integer(5)};
}

ReviewEntry entryFrom(const Query& row) {
    ReviewEntry entry;
    entry.id = row.integer(0);
    entry.uid = row.text(1);
    entry.planId = row.integer(2);
    entry.position = row.integer(3);
    entry.annotator = row.text(4);
    entry.kind = row.text(5);
    entry.undoesUid = row.isNull(6) ? std::string() : row.text(6);
    entry.createdAt = row.integer(7);
    return entry;
}

CritiqueFacts factsFrom(Connection& connection, const Query& row) {
    CritiqueFacts facts;
    facts.critiqueId = row.integer(0);
    facts.solutionId = row.integer(1);
    facts.problemId = row.integer(2);
    facts.source = connection.termText(row.integer(3));
    facts.student = connection.termText(row.integer(4));
    facts.critic = connection.termText(row.integer(5));
    facts.mode =
        enumValue<model::CritiqueMode>(row.small(6), 4).value_or(model::CritiqueMode::Recorded);
    facts.round = row.small(7);
    facts.conclusion = enumValue<model::Conclusion>(row.maybeSmall(8), 2);
    facts.firstError = row.maybeSmall(9);
    facts.validated = enumValue<model::Outcome>(row.maybeSmall(10), 3);
    facts.answerMatch = enumValue<model::Outcome>(row.maybeSmall(11), 3);
    facts.flags = model::Flags(static_cast<std::uint32_t>(row.integer(12)));
    facts.labelStep = row.maybeSmall(13);
    return facts;
}

std::int64_t limitOrAll(std::int64_t limit) {
    return limit > 0 ? limit : -1; // SQLite: no limit
}

} // namespace

ReviewReader::ReviewReader(Reader& reader) : m_reader(reader) {}

Expected<std::vector<ReviewPlanRow>> ReviewReader::plans() {
    return allRows(m_reader.connection(), "cannot list review plans", kPlans, planFrom);
}

Expected<std::optional<ReviewPlanRow>> ReviewReader::plan(std::int64_t planId) {
    return firstRow(m_reader.connection(), "cannot read a review plan", kPlan, planFrom, planId);
}

Expected<std::optional<ReviewPlanRow>> ReviewReader::planByUid(const std::string& uid) {
    using Found = Expected<std::optional<ReviewPlanRow>>;
    Connection& connection = m_reader.connection();
    return reading(connection, "cannot read a review plan",
                   [&]() -> Found { return store::planByUid(connection, uid); });
}

Expected<std::int64_t> ReviewReader::annotatorId(const std::string& name) {
    Connection& connection = m_reader.connection();
    return reading(connection, "cannot look up an annotator", [&]() -> Expected<std::int64_t> {
        Query query(connection.statement(kAnnotator));
        return query.bind(name).step() ? query.integer(0) : 0;
    });
}

Expected<std::optional<ReviewItemRow>> ReviewReader::item(std::int64_t planId,
                                                          std::int64_t position) {
    using Found = Expected<std::optional<ReviewItemRow>>;
    Connection& connection = m_reader.connection();
    return reading(connection, "cannot read a review item",
                   [&]() -> Found { return reviewItem(connection, planId, position); });
}

Expected<std::vector<ReviewItemRow>> ReviewReader::items(std::int64_t planId, std::int64_t from,
                                                         std::int64_t limit) {
    return allRows(m_reader.connection(), "cannot list review items", kReviewItems, itemFrom,
                   planId, from, limitOrAll(limit));
}

Expected<std::optional<std::int64_t>> ReviewReader::positionOf(std::int64_t planId,
                                                               std::int64_t critiqueId) {
    return firstRow(m_reader.connection(), "cannot find a review item", kPositionOf, firstInteger,
                    planId, critiqueId);
}

Expected<std::vector<std::int64_t>> ReviewReader::openAfter(std::int64_t planId,
                                                            std::int64_t annotator,
                                                            std::int64_t after, int limit) {
    return allRows(m_reader.connection(), "cannot find an open review item", kOpenAfter,
                   firstInteger, planId, after, annotator, limit);
}

Expected<std::optional<std::int64_t>>
ReviewReader::skippedAfter(std::int64_t planId, std::int64_t annotator, std::int64_t after) {
    return firstRow(m_reader.connection(), "cannot find a skipped review item", kSkippedAfter,
                    firstInteger, planId, annotator, after);
}

Expected<std::optional<ReviewMark>> ReviewReader::mark(std::int64_t planId, std::int64_t annotator,
                                                       std::int64_t position) {
    return firstRow(m_reader.connection(), "cannot read a review mark", kMark, markFrom, planId,
                    annotator, position);
}

Expected<std::vector<ReviewMark>> ReviewReader::marks(std::int64_t planId, std::int64_t annotator,
                                                      std::int64_t from, std::int64_t limit) {
    return allRows(m_reader.connection(), "cannot read review marks", kMarks, markFrom, planId,
                   annotator, from, limitOrAll(limit));
}

Expected<ReviewProgressRow> ReviewReader::progress(std::int64_t planId, std::int64_t annotator) {
    Connection& connection = m_reader.connection();
    return reading(connection, "cannot read progress", [&]() -> Expected<ReviewProgressRow> {
        Query query(connection.statement(kProgress));
        query.bind(planId).bind(annotator);
        return query.step() ? progressFrom(query) : ReviewProgressRow{};
    });
}

Expected<std::vector<ReviewProgressRow>> ReviewReader::progressOfAll(std::int64_t planId) {
    return allRows(m_reader.connection(), "cannot read progress", kProgressOfAll, progressFrom,
                   planId);
}

Expected<std::int64_t> ReviewReader::doneByAnyone(std::int64_t planId) {
    Connection& connection = m_reader.connection();
    return reading(connection, "cannot read progress", [&]() -> Expected<std::int64_t> {
        Query query(connection.statement(kDone));
        return query.bind(planId).step() ? query.integer(0) : 0;
    });
}

Expected<std::optional<ReviewEntry>> ReviewReader::lastStanding(std::int64_t planId,
                                                                std::int64_t annotator) {
    return firstRow(m_reader.connection(), "cannot read the history", kLastStanding, entryFrom,
                    planId, annotator);
}

Expected<std::vector<ReviewEntry>> ReviewReader::history(std::int64_t planId,
                                                         std::int64_t annotator, int limit) {
    return allRows(m_reader.connection(), "cannot read the history", kHistory, entryFrom, planId,
                   annotator, limitOrAll(limit));
}

Expected<void>
ReviewReader::forEachEntry(std::int64_t planId, const std::string& annotator,
                           const std::function<Expected<bool>(const ReviewEntry&)>& use) {
    Connection& connection = m_reader.connection();
    return streaming(connection, "cannot read the entries of a review", [&]() -> Expected<void> {
        SQLite::Statement statement(connection.database(), kEntries);
        Query query(statement);
        query.bind(planId).bind(annotator);
        while (query.step()) {
            const Expected<bool> more = use(entryFrom(query));
            if (!more || !*more) {
                return more ? Expected<void>{} : fail(more.error());
            }
        }
        return {};
    });
}

Expected<std::vector<model::Annotation>> ReviewReader::annotations(model::SubjectKind subject,
                                                                   std::int64_t subjectId) {
    using Found = Expected<std::vector<model::Annotation>>;
    Connection& connection = m_reader.connection();
    return reading(connection, "cannot read annotations",
                   [&]() -> Found { return annotationsOf(connection, subject, subjectId); });
}

Expected<std::vector<model::Annotation>>
ReviewReader::annotationsOfEntry(const std::string& entryUid) {
    using Found = Expected<std::vector<model::Annotation>>;
    Connection& connection = m_reader.connection();
    return reading(connection, "cannot read annotations",
                   [&]() -> Found { return store::annotationsOfEntry(connection, entryUid); });
}

Expected<void> ReviewReader::forEachAnnotated(
    std::optional<std::int64_t> planId, std::int64_t after,
    const std::function<Expected<bool>(std::int64_t, const std::vector<model::Annotation>&)>& use) {
    Connection& connection = m_reader.connection();
    return streaming(connection, "cannot read annotations", [&]() -> Expected<void> {
        SQLite::Statement statement(connection.database(), planId ? kAnnotatedOfPlan : kAnnotated);
        Query query(statement);
        query.bind(after);
        if (planId) {
            query.bind(*planId);
        }
        std::vector<model::Annotation> group;
        bool more = true;
        while (more) {
            more = query.step();
            std::optional<model::Annotation> next;
            if (more) {
                next = annotationFrom(query);
            }
            if (!group.empty() && (!next || next->subjectId != group.front().subjectId)) {
                const Expected<bool> goOn = use(group.front().subjectId, group);
                if (!goOn || !*goOn) {
                    return goOn ? Expected<void>{} : fail(goOn.error());
                }
                group.clear();
            }
            if (next) {
                group.push_back(std::move(*next));
            }
        }
        return {};
    });
}

Expected<std::optional<CritiqueFacts>> ReviewReader::facts(std::int64_t critiqueId) {
    using Found = Expected<std::optional<CritiqueFacts>>;
    Connection& connection = m_reader.connection();
    return reading(connection, "cannot read a critique", [&]() -> Found {
        std::optional<CritiqueFacts> facts;
        Query query(connection.statement(kFacts));
        if (query.bind(critiqueId).step()) {
            facts = factsFrom(connection, query);
        }
        return facts;
    });
}

Expected<void>
ReviewReader::forEachFacts(const std::string& filter,
                           const std::function<Expected<bool>(CritiqueFacts&&)>& use) {
    const Expected<FilterSql> compiled = compileFilter(filter, ListOf::Critiques);
    if (!compiled) {
        return fail(compiled.error());
    }
    Connection& connection = m_reader.connection();
    return streaming(connection, "cannot list critiques", [&]() -> Expected<void> {
        SQLite::Statement statement(connection.database(),
                                    std::string(SCRIT_FACTS) + compiled->where + " ORDER BY r.id");
        bindParameters(statement, *compiled);
        Query query(statement);
        while (query.step()) {
            const Expected<bool> more = use(factsFrom(connection, query));
            if (!more || !*more) {
                return more ? Expected<void>{} : fail(more.error());
            }
        }
        return {};
    });
}

Expected<int> ReviewReader::stepCount(std::int64_t solutionId) {
    Connection& connection = m_reader.connection();
    return reading(connection, "cannot read a solution", [&]() -> Expected<int> {
        Query query(connection.statement(kSteps));
        if (!query.bind(solutionId).step()) {
            return 0;
        }
        const std::string steps = query.text(0);
        return steps.empty() ? 0 : static_cast<int>(std::count(steps.begin(), steps.end(), '-'));
    });
}

Expected<std::vector<std::string>>
ReviewReader::critiqueKeys(std::span<const std::int64_t> critiqueIds) {
    using Found = Expected<std::vector<std::string>>;
    Connection& connection = m_reader.connection();
    return reading(connection, "cannot read the keys of critiques", [&]() -> Found {
        std::vector<std::string> keys(critiqueIds.size());
        if (critiqueIds.size() < kFewKeys) {
            for (std::size_t i = 0; i < keys.size(); ++i) {
                Query query(connection.statement(kKey));
                if (query.bind(critiqueIds[i]).step()) {
                    keys[i] = unpackKey(query.text(0));
                }
            }
            return keys;
        }
        Query query(connection.statement(kAllKeys));
        while (query.step()) {
            const auto found =
                std::lower_bound(critiqueIds.begin(), critiqueIds.end(), query.integer(0));
            if (found != critiqueIds.end() && *found == query.integer(0)) {
                keys[static_cast<std::size_t>(found - critiqueIds.begin())] =
                    unpackKey(query.text(1));
            }
        }
        return keys;
    });
}

} // namespace scrit::store
