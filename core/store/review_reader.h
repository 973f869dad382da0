// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/store/reader.h"
#include "core/store/review_rows.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace scrit::store {

// The reading side of reviews: constructed on a Reader, used by the same thread, as long as it
// lives. Everything about one place or one person is a look-up by key; what walks over more says
// so.
class ReviewReader {
public:
    explicit ReviewReader(Reader& reader);

    [[nodiscard]] base::Expected<std::vector<ReviewPlanRow>> plans(); // newest first
    [[nodiscard]] base::Expected<std::optional<ReviewPlanRow>> plan(std::int64_t planId);
    [[nodiscard]] base::Expected<std::optional<ReviewPlanRow>> planByUid(const std::string& uid);

    // The row of an annotator; 0 when nobody has that name.
    [[nodiscard]] base::Expected<std::int64_t> annotatorId(const std::string& name);

    [[nodiscard]] base::Expected<std::optional<ReviewItemRow>> item(std::int64_t planId,
                                                                    std::int64_t position);
    // In order of position, from one on; limit 0: all.
    [[nodiscard]] base::Expected<std::vector<ReviewItemRow>>
    items(std::int64_t planId, std::int64_t from, std::int64_t limit);
    [[nodiscard]] base::Expected<std::optional<std::int64_t>> positionOf(std::int64_t planId,
                                                                         std::int64_t critiqueId);
    // The first positions after one that an annotator has not marked, at most `limit`.
    [[nodiscard]] base::Expected<std::vector<std::int64_t>>
    openAfter(std::int64_t planId, std::int64_t annotator, std::int64_t after, int limit);
    [[nodiscard]] base::Expected<std::optional<std::int64_t>>
    skippedAfter(std::int64_t planId, std::int64_t annotator, std::int64_t after);
    [[nodiscard]] base::Expected<std::optional<ReviewMark>>
    mark(std::int64_t planId, std::int64_t annotator, std::int64_t position);
    // Marks in order of position, from one on; limit 0: all.
    [[nodiscard]] base::Expected<std::vector<ReviewMark>>
    marks(std::int64_t planId, std::int64_t annotator, std::int64_t from, std::int64_t limit);
    // Zeros for somebody who has not begun.
    [[nodiscard]] base::Expected<ReviewProgressRow> progress(std::int64_t planId,
                                                             std::int64_t annotator);
    [[nodiscard]] base::Expected<std::vector<ReviewProgressRow>>
    progressOfAll(std::int64_t planId); // by name
    [[nodiscard]] base::Expected<std::int64_t> doneByAnyone(std::int64_t planId);

    // The newest judgement or skip that was not taken back.
    [[nodiscard]] base::Expected<std::optional<ReviewEntry>> lastStanding(std::int64_t planId,
                                                                          std::int64_t annotator);
    // Those that marks stand for, newest first.
    [[nodiscard]] base::Expected<std::vector<ReviewEntry>>
    history(std::int64_t planId, std::int64_t annotator, int limit);
    // All entries of a plan, oldest first; of one annotator, or (empty) of all. Streams.
    [[nodiscard]] base::Expected<void>
    forEachEntry(std::int64_t planId, const std::string& annotator,
                 const std::function<base::Expected<bool>(const ReviewEntry&)>& use);

    // Of one subject, in order of id.
    [[nodiscard]] base::Expected<std::vector<model::Annotation>>
    annotations(model::SubjectKind subject, std::int64_t subjectId);
    [[nodiscard]] base::Expected<std::vector<model::Annotation>>
    annotationsOfEntry(const std::string& entryUid);
    // Critiques that have annotations, in order of id, after one: all of the workspace or those of
    // a plan, with these annotations (of the critique). Streams.
    [[nodiscard]] base::Expected<void> forEachAnnotated(
        std::optional<std::int64_t> planId, std::int64_t after,
        const std::function<base::Expected<bool>(std::int64_t critiqueId,
                                                 const std::vector<model::Annotation>&)>& use);

    [[nodiscard]] base::Expected<std::optional<CritiqueFacts>> facts(std::int64_t critiqueId);
    // Facts of all critiques that match a filter, in order of id. Streams.
    [[nodiscard]] base::Expected<void>
    forEachFacts(const std::string& filter,
                 const std::function<base::Expected<bool>(CritiqueFacts&&)>& use);
    // The number of steps of a solution; 0 when there is none.
    [[nodiscard]] base::Expected<int> stepCount(std::int64_t solutionId);
    // Content keys in the order of `critiqueIds`, which is ascending; "" for one that is not there.
    [[nodiscard]] base::Expected<std::vector<std::string>>
    critiqueKeys(std::span<const std::int64_t> critiqueIds);

private:
    Reader& m_reader;
};

} // namespace scrit::store
