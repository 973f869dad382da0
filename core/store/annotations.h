// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/lineage.h"
#include "core/store/connection.h"
#include "core/store/writer.h"

#include <cstdint>
#include <string>
#include <vector>

// Private to core/store: annotations as rows. Functions here throw SQLite::Exception.
namespace scrit::store {

// What annotationFrom() reads: columns, and the tables they are from.
#define SCRIT_ANNOTATION_COLUMNS                                                                   \
    "a.id, a.subject_kind, a.subject_id, n.name, a.kind, a.value, a.comment, a.seconds, "          \
    "a.supersedes, a.created_at, a.uid, a.supersedes_uid "
#define SCRIT_ANNOTATION_ROWS                                                                      \
    "SELECT " SCRIT_ANNOTATION_COLUMNS                                                             \
    "FROM annotation a JOIN annotator n ON n.id = a.annotator_id "
[[nodiscard]] model::Annotation annotationFrom(const Query& row);

// The row of an annotator, added when the name is new.
[[nodiscard]] std::int64_t annotatorId(Connection& connection, const std::string& name,
                                       std::int64_t createdAt);
// Appends an annotation; one whose uid is there adds nothing. `entryUid` may be empty. The derived
// row of its subject is the caller's: deriveAnnotations().
[[nodiscard]] Stored appendAnnotation(Connection& connection, const model::Annotation& annotation,
                                      const std::string& entryUid);
// The annotations of a subject, in order of id.
[[nodiscard]] std::vector<model::Annotation>
annotationsOf(Connection& connection, model::SubjectKind subject, std::int64_t subjectId);
// Those that were made in an entry of a review, in order of id.
[[nodiscard]] std::vector<model::Annotation> annotationsOfEntry(Connection& connection,
                                                                const std::string& entryUid);
// 32 hex digits that no other machine makes.
[[nodiscard]] std::string newUid(Connection& connection);

} // namespace scrit::store
