// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/store/review_rows.h"
#include "core/store/writer.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace scrit::store {

// Review plans and what is done at them: what one write transaction can store about reviews. Made
// from the Writer of Workspace::write() and valid as long; same thread. It sees what the
// transaction has stored so far.
class ReviewWriter {
public:
    explicit ReviewWriter(Writer& writer);

    // Stores a plan with its items, whose positions are set from 0 on. Exists when the name or the
    // uid is taken. The id of the plan.
    [[nodiscard]] base::Expected<std::int64_t> addPlan(const ReviewPlanRow& plan,
                                                       std::span<const ReviewItemRow> items);

    // Appends an entry with its annotations, and nothing when its uid is there. An annotation whose
    // uid is there is not added again. Entries of one annotator keep their order. Marks are not
    // touched: see refreshMark().
    [[nodiscard]] base::Expected<Stored> addEntry(const ReviewEntry& entry,
                                                  std::span<const model::Annotation> annotations);
    // Appends annotations that belong to no plan here; gives how many were new. `entryUid` may be
    // empty.
    [[nodiscard]] base::Expected<std::int64_t>
    addAnnotations(std::span<const model::Annotation> annotations, const std::string& entryUid);

    // The mark of a place as the standing entries say it (the newest judgement, else the newest
    // skip, else none), and the counts that follow. `gold` of a judgement: see ReviewMark.
    [[nodiscard]] base::Expected<void> refreshMark(std::int64_t planId,
                                                   const std::string& annotator,
                                                   std::int64_t position, std::optional<int> gold);

    // Of one subject, in order of id, with what this transaction has added.
    [[nodiscard]] base::Expected<std::vector<model::Annotation>>
    annotations(model::SubjectKind subject, std::int64_t subjectId);
    [[nodiscard]] base::Expected<std::vector<model::Annotation>>
    annotationsOfEntry(const std::string& entryUid);
    [[nodiscard]] base::Expected<std::optional<ReviewPlanRow>> planByUid(const std::string& uid);
    [[nodiscard]] base::Expected<std::optional<ReviewItemRow>> item(std::int64_t planId,
                                                                    std::int64_t position);
    // Ids by content key: the critique with its solution and problem.
    struct CritiqueIds {
        std::int64_t critiqueId = 0;
        std::int64_t solutionId = 0;
        std::int64_t problemId = 0;
    };
    [[nodiscard]] base::Expected<std::optional<CritiqueIds>> findCritique(std::string_view key);

private:
    Connection& m_connection;
};

} // namespace scrit::store
