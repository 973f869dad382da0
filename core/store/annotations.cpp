// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/annotations.h"

#include "core/store/codec.h"
#include "core/store/row_reader.h"
#include "core/store/write_call.h"

#include <optional>

namespace scrit::store {
namespace {

constexpr const char* kFindAnnotator = "SELECT id FROM annotator WHERE name = ?";
constexpr const char* kInsertAnnotator = "INSERT INTO annotator (name, created_at) VALUES (?, ?)";
constexpr const char* kFindUid = "SELECT id FROM annotation WHERE uid = ?";
constexpr const char* kUidOf = "SELECT uid FROM annotation WHERE id = ?";
constexpr const char* kInsert =
    "INSERT INTO annotation (subject_kind, subject_id, annotator_id, kind, value, comment, "
    "seconds, supersedes, created_at, uid, supersedes_uid, entry_uid) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
constexpr const char* kFollow =
    "UPDATE annotation SET supersedes = ? WHERE supersedes_uid = ? AND supersedes IS NULL";
constexpr const char* kOfSubject =
    SCRIT_ANNOTATION_ROWS "WHERE a.subject_kind = ? AND a.subject_id = ? ORDER BY a.id";
constexpr const char* kOfEntry = SCRIT_ANNOTATION_ROWS "WHERE a.entry_uid = ? ORDER BY a.id";

std::optional<std::int64_t> findUid(Connection& connection, const std::string& uid) {
    if (uid.empty()) {
        return std::nullopt;
    }
    Query find(connection.statement(kFindUid));
    return find.bind(uid).step() ? std::optional(find.integer(0)) : std::nullopt;
}

std::string uidOf(Connection& connection, std::int64_t id) {
    Query find(connection.statement(kUidOf));
    return find.bind(id).step() ? find.text(0) : std::string();
}

std::optional<std::string> orNull(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
}

} // namespace

model::Annotation annotationFrom(const Query& row) {
    model::Annotation annotation;
    annotation.id = row.integer(0);
    annotation.subject =
        enumValue<model::SubjectKind>(row.small(1), 3).value_or(model::SubjectKind::Critique);
    annotation.subjectId = row.integer(2);
    annotation.annotator = row.text(3);
    annotation.kind = row.text(4);
    annotation.value = row.text(5);
    annotation.comment = row.text(6);
    annotation.seconds = row.real(7);
    annotation.supersedes = row.maybe(8);
    annotation.createdAt = row.integer(9);
    annotation.uid = row.text(10);
    annotation.supersedesUid = row.isNull(11) ? std::string() : row.text(11);
    return annotation;
}

std::string newUid(Connection& connection) {
    Query random(connection.statement("SELECT lower(hex(randomblob(16)))"));
    random.step();
    return random.text(0);
}

std::int64_t annotatorId(Connection& connection, const std::string& name, std::int64_t createdAt) {
    {
        Query find(connection.statement(kFindAnnotator));
        if (find.bind(name).step()) {
            return find.integer(0);
        }
    }
    Query insert(connection.statement(kInsertAnnotator));
    insert.bind(name).bind(createdAt).run();
    return lastId(connection);
}

Stored appendAnnotation(Connection& connection, const model::Annotation& annotation,
                        const std::string& entryUid) {
    if (const auto there = findUid(connection, annotation.uid)) {
        return {*there, false};
    }
    const std::int64_t created = stamp(annotation.createdAt);
    const std::int64_t annotator = annotatorId(connection, annotation.annotator, created);
    const std::string uid = annotation.uid.empty() ? newUid(connection) : annotation.uid;
    const std::optional<std::int64_t> supersedes =
        annotation.supersedes ? annotation.supersedes
                              : findUid(connection, annotation.supersedesUid);
    const std::optional<std::string> supersedesUid =
        orNull(annotation.supersedes ? uidOf(connection, *annotation.supersedes)
                                     : annotation.supersedesUid);
    const std::optional<std::string> entry = orNull(entryUid);
    {
        Query insert(connection.statement(kInsert));
        insert.bind(static_cast<int>(annotation.subject)).bind(annotation.subjectId);
        insert.bind(annotator).bind(annotation.kind).bind(annotation.value);
        insert.bind(annotation.comment).bind(annotation.seconds).bind(supersedes);
        insert.bind(created).bind(uid).bind(supersedesUid).bind(entry).run();
    }
    const std::int64_t id = lastId(connection);
    if (!annotation.uid
             .empty()) { // it comes from elsewhere: what supersedes it may have come first
        Query follow(connection.statement(kFollow));
        follow.bind(id).bind(uid).run();
    }
    return {id, true};
}

std::vector<model::Annotation> annotationsOf(Connection& connection, model::SubjectKind subject,
                                             std::int64_t subjectId) {
    std::vector<model::Annotation> annotations;
    Query query(connection.statement(kOfSubject));
    query.bind(static_cast<int>(subject)).bind(subjectId);
    while (query.step()) {
        annotations.push_back(annotationFrom(query));
    }
    return annotations;
}

std::vector<model::Annotation> annotationsOfEntry(Connection& connection,
                                                  const std::string& entryUid) {
    std::vector<model::Annotation> annotations;
    Query query(connection.statement(kOfEntry));
    query.bind(entryUid);
    while (query.step()) {
        annotations.push_back(annotationFrom(query));
    }
    return annotations;
}

} // namespace scrit::store
