// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/model/evaluation.h"
#include "core/store/writer.h"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace scrit::store {

// What one write transaction can store about frozen sets and evaluations. Made from the Writer of
// Workspace::write() and valid as long; same thread.
class EvaluationWriter {
public:
    explicit EvaluationWriter(Writer& writer);

    // Freezes these members (ids of solutions or problems, as set.members says) under set.name.
    // Hash and sizes are computed here. The same members under the same name are there already:
    // added is false. Invalid: no members, no name; NotFound: an id that is not there; Exists: the
    // name is taken by other members, or the members are frozen under another name. A set is never
    // changed and never removed.
    [[nodiscard]] base::Expected<Stored> addSet(const model::FrozenSet& set,
                                                std::span<const std::int64_t> members);

    [[nodiscard]] base::Expected<std::int64_t> addEvaluation(const model::Evaluation& evaluation);
    // Stores state, error, run and round of a stored evaluation; sets finished_at when it is done
    // or failed, any other state takes it back. NotFound.
    [[nodiscard]] base::Expected<void> updateEvaluation(const model::Evaluation& evaluation);
    // What was found, once: Exists when the evaluation has items or scores already.
    [[nodiscard]] base::Expected<void> addResults(std::int64_t evaluationId,
                                                  std::span<const model::EvaluationItem> items,
                                                  std::span<const model::EvaluationScore> scores);

private:
    Connection& m_connection;
};

} // namespace scrit::store
