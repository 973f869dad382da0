// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/review_writer.h"

#include "core/store/annotations.h"
#include "core/store/codec.h"
#include "core/store/derived.h"
#include "core/store/review_sql.h"
#include "core/store/write_call.h"

#include <set>
#include <utility>

namespace scrit::store {
namespace {

using base::ErrorCode;
using base::Expected;
using base::fail;

constexpr const char* kPlanTaken = "SELECT name FROM review_plan WHERE name = ? OR uid = ?";
constexpr const char* kInsertPlan =
    "INSERT INTO review_plan (uid, name, filter, strategy, settings, seed, blind, created_at, "
    "items, gold_items) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
constexpr const char* kInsertReviewItem =
    "INSERT INTO review_item (plan_id, position, subject_kind, subject_id, stratum, weight, gold) "
    "VALUES (?, ?, 2, ?, ?, ?, ?)";
constexpr const char* kFindEntry = "SELECT id FROM review_entry WHERE uid = ?";
constexpr const char* kWasUndone = "SELECT 1 FROM review_entry WHERE undoes_uid = ?";
constexpr const char* kInsertEntry =
    "INSERT INTO review_entry (uid, plan_id, position, annotator_id, kind, undoes_uid, standing, "
    "created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
constexpr const char* kTakeBack = "UPDATE review_entry SET standing = 0 WHERE uid = ?";
// Judgements come before skips.
constexpr const char* kStanding =
    "SELECT id, kind, created_at FROM review_entry WHERE plan_id = ? AND annotator_id = ? "
    "AND position = ? AND standing = 1 ORDER BY kind, created_at DESC, id DESC LIMIT 1";
constexpr const char* kLastPosition =
    "SELECT position FROM review_entry WHERE plan_id = ? AND annotator_id = ? AND standing = 1 "
    "ORDER BY created_at DESC, id DESC LIMIT 1";
constexpr const char* kMarkState = "SELECT state, gold FROM review_mark "
                                   "WHERE plan_id = ? AND annotator_id = ? AND position = ?";
constexpr const char* kDropMark =
    "DELETE FROM review_mark WHERE plan_id = ? AND annotator_id = ? AND position = ?";
constexpr const char* kInsertMark =
    "INSERT INTO review_mark (plan_id, annotator_id, position, state, entry_id, gold) "
    "VALUES (?, ?, ?, ?, ?, ?)";
constexpr const char* kBegin =
    "INSERT INTO review_progress (plan_id, annotator_id) VALUES (?, ?) ON CONFLICT DO NOTHING";
constexpr const char* kCount =
    "UPDATE review_progress SET done = done + ?, skipped = skipped + ?, "
    "gold_seen = gold_seen + ?, gold_right = gold_right + ?, position = ? "
    "WHERE plan_id = ? AND annotator_id = ?";
constexpr const char* kIsDone = "SELECT state = 'done' FROM review_item "
                                "WHERE plan_id = ? AND position = ?";
constexpr const char* kAnyoneDone =
    "SELECT 1 FROM review_mark WHERE plan_id = ? AND position = ? AND state = 'done' LIMIT 1";
constexpr const char* kSetItem = "UPDATE review_item SET state = ? "
                                 "WHERE plan_id = ? AND position = ?";
constexpr const char* kCountItem = "UPDATE review_plan SET done = done + ? WHERE id = ?";
constexpr const char* kFindJudged =
    "SELECT c.id, r.solution_id, r.problem_id FROM critique c JOIN critique_row r ON r.id = c.id "
    "WHERE c.key = ?";

// What one place contributes to an annotator's counts.
struct Counts {
    int done = 0;
    int skipped = 0;
    int goldSeen = 0;
    int goldRight = 0;
};

Counts countsOf(const std::string& state, std::optional<int> gold) {
    Counts counts;
    counts.done = state == "done" ? 1 : 0;
    counts.skipped = state == "skipped" ? 1 : 0;
    counts.goldSeen = state == "done" && gold ? 1 : 0;
    counts.goldRight = counts.goldSeen == 1 && *gold == 1 ? 1 : 0;
    return counts;
}

// review_item.state and review_plan.done: judged by anyone.
void refreshItem(Connection& connection, std::int64_t planId, std::int64_t position) {
    bool was = false;
    bool is = false;
    {
        Query query(connection.statement(kIsDone));
        was = query.bind(planId).bind(position).step() && query.integer(0) != 0;
    }
    {
        Query query(connection.statement(kAnyoneDone));
        is = query.bind(planId).bind(position).step();
    }
    if (was == is) {
        return;
    }
    const std::string state = is ? "done" : "open";
    {
        Query update(connection.statement(kSetItem));
        update.bind(state).bind(planId).bind(position).run();
    }
    Query count(connection.statement(kCountItem));
    count.bind(is ? 1 : -1).bind(planId).run();
}

// Appends annotations and keeps the derived row of each subject once; how many were new.
std::int64_t append(Connection& connection, std::span<const model::Annotation> annotations,
                    const std::string& entryUid) {
    std::int64_t added = 0;
    std::set<std::pair<model::SubjectKind, std::int64_t>> subjects;
    for (const model::Annotation& annotation : annotations) {
        if (appendAnnotation(connection, annotation, entryUid).added) {
            ++added;
            subjects.emplace(annotation.subject, annotation.subjectId);
        }
    }
    for (const auto& [kind, id] : subjects) {
        deriveAnnotations(connection, kind, id);
    }
    return added;
}

} // namespace

ReviewWriter::ReviewWriter(Writer& writer) : m_connection(writer.m_connection) {}

Expected<std::int64_t> ReviewWriter::addPlan(const ReviewPlanRow& plan,
                                             std::span<const ReviewItemRow> items) {
    return writingMany(m_connection, "cannot store a review plan", [&]() -> Expected<std::int64_t> {
        {
            Query taken(m_connection.statement(kPlanTaken));
            if (taken.bind(plan.name).bind(plan.uid).step()) {
                return fail(ErrorCode::Exists,
                            "there is a review plan \"" + taken.text(0) + "\" already",
                            "give the new one another name");
            }
        }
        std::int64_t gold = 0;
        for (const ReviewItemRow& item : items) {
            gold += item.gold.empty() ? 0 : 1;
        }
        const std::string uid = plan.uid.empty() ? newUid(m_connection) : plan.uid;
        {
            Query insert(m_connection.statement(kInsertPlan));
            insert.bind(uid).bind(plan.name).bind(plan.filter).bind(plan.strategy);
            insert.bind(plan.settings).bind(static_cast<std::int64_t>(plan.seed)).bind(plan.blind);
            insert.bind(stamp(plan.createdAt)).bind(static_cast<std::int64_t>(items.size()));
            insert.bind(gold).run();
        }
        const std::int64_t id = lastId(m_connection);
        std::int64_t position = 0;
        for (const ReviewItemRow& item : items) {
            Query insert(m_connection.statement(kInsertReviewItem));
            insert.bind(id).bind(position).bind(item.critiqueId).bind(item.stratum);
            insert.bind(item.weight).bind(item.gold).run();
            ++position;
        }
        return id;
    });
}

Expected<Stored> ReviewWriter::addEntry(const ReviewEntry& entry,
                                        std::span<const model::Annotation> annotations) {
    return writingMany(m_connection, "cannot store a judgement", [&]() -> Expected<Stored> {
        const std::int64_t created = stamp(entry.createdAt);
        const std::string uid = entry.uid.empty() ? newUid(m_connection) : entry.uid;
        {
            Query find(m_connection.statement(kFindEntry));
            if (find.bind(uid).step()) {
                return Stored{find.integer(0), false};
            }
        }
        const std::int64_t annotator = annotatorId(m_connection, entry.annotator, created);
        bool standing = entry.kind != "undo";
        if (standing) { // an undo may have come first, from elsewhere
            Query undone(m_connection.statement(kWasUndone));
            standing = !undone.bind(uid).step();
        }
        const std::optional<std::string> undoes =
            entry.undoesUid.empty() ? std::nullopt : std::optional(entry.undoesUid);
        {
            Query insert(m_connection.statement(kInsertEntry));
            insert.bind(uid).bind(entry.planId).bind(entry.position).bind(annotator);
            insert.bind(entry.kind).bind(undoes).bind(standing).bind(created).run();
        }
        const std::int64_t id = lastId(m_connection);
        if (undoes) {
            Query takeBack(m_connection.statement(kTakeBack));
            takeBack.bind(*undoes).run();
        }
        static_cast<void>(append(m_connection, annotations, uid));
        return Stored{id, true};
    });
}

Expected<std::int64_t> ReviewWriter::addAnnotations(std::span<const model::Annotation> annotations,
                                                    const std::string& entryUid) {
    return writingMany(m_connection, "cannot store a judgement", [&]() -> Expected<std::int64_t> {
        return append(m_connection, annotations, entryUid);
    });
}

Expected<void> ReviewWriter::refreshMark(std::int64_t planId, const std::string& annotator,
                                         std::int64_t position, std::optional<int> gold) {
    return writingMany(m_connection, "cannot store a judgement", [&]() -> Expected<void> {
        const std::int64_t who = annotatorId(m_connection, annotator, stamp(0));
        Counts before;
        {
            Query query(m_connection.statement(kMarkState));
            if (query.bind(planId).bind(who).bind(position).step()) {
                before = countsOf(query.text(0), query.maybeSmall(1));
            }
        }
        std::string state;
        std::int64_t entry = 0;
        {
            Query query(m_connection.statement(kStanding));
            if (query.bind(planId).bind(who).bind(position).step()) {
                entry = query.integer(0);
                state = query.text(1) == "judge" ? "done" : "skipped";
            }
        }
        const std::optional<int> goldNow = state == "done" ? gold : std::nullopt;
        {
            Query drop(m_connection.statement(kDropMark));
            drop.bind(planId).bind(who).bind(position).run();
        }
        if (entry != 0) {
            Query insert(m_connection.statement(kInsertMark));
            insert.bind(planId).bind(who).bind(position).bind(state).bind(entry);
            insert.bind(goldNow).run();
        }
        std::int64_t last = -1;
        {
            Query query(m_connection.statement(kLastPosition));
            last = query.bind(planId).bind(who).step() ? query.integer(0) : -1;
        }
        const Counts after = countsOf(state, goldNow);
        {
            Query begin(m_connection.statement(kBegin));
            begin.bind(planId).bind(who).run();
        }
        {
            Query count(m_connection.statement(kCount));
            count.bind(after.done - before.done).bind(after.skipped - before.skipped);
            count.bind(after.goldSeen - before.goldSeen).bind(after.goldRight - before.goldRight);
            count.bind(last).bind(planId).bind(who).run();
        }
        refreshItem(m_connection, planId, position);
        return {};
    });
}

Expected<std::vector<model::Annotation>> ReviewWriter::annotations(model::SubjectKind subject,
                                                                   std::int64_t subjectId) {
    using Found = Expected<std::vector<model::Annotation>>;
    return writing(m_connection, "cannot look up annotations",
                   [&]() -> Found { return annotationsOf(m_connection, subject, subjectId); });
}

Expected<std::vector<model::Annotation>>
ReviewWriter::annotationsOfEntry(const std::string& entryUid) {
    using Found = Expected<std::vector<model::Annotation>>;
    return writing(m_connection, "cannot look up annotations",
                   [&]() -> Found { return store::annotationsOfEntry(m_connection, entryUid); });
}

Expected<std::optional<ReviewPlanRow>> ReviewWriter::planByUid(const std::string& uid) {
    using Found = Expected<std::optional<ReviewPlanRow>>;
    return writing(m_connection, "cannot look up a review plan",
                   [&]() -> Found { return store::planByUid(m_connection, uid); });
}

Expected<std::optional<ReviewItemRow>> ReviewWriter::item(std::int64_t planId,
                                                          std::int64_t position) {
    using Found = Expected<std::optional<ReviewItemRow>>;
    return writing(m_connection, "cannot look up a review item",
                   [&]() -> Found { return reviewItem(m_connection, planId, position); });
}

Expected<std::optional<ReviewWriter::CritiqueIds>>
ReviewWriter::findCritique(std::string_view key) {
    using Found = Expected<std::optional<CritiqueIds>>;
    return writing(m_connection, "cannot look up a critique", [&]() -> Found {
        const std::string packed = packKey(key);
        Query find(m_connection.statement(kFindJudged));
        if (!find.bindBlob(packed).step()) {
            return std::nullopt;
        }
        return CritiqueIds{find.integer(0), find.integer(1), find.integer(2)};
    });
}

} // namespace scrit::store
