// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/model/round.h"
#include "core/store/writer.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace scrit::store {

// What one write transaction can store about rounds and trainings. Made from the Writer of
// Workspace::write() and valid as long; same thread. Models and runs are RunWriter's.
class RoundWriter {
public:
    explicit RoundWriter(Writer& writer);

    // Exists when the series has a round of this number.
    [[nodiscard]] base::Expected<std::int64_t> addRound(const model::Round& round);
    // Stores state, stage, result, report and policy of a stored round. Sets started_at the first
    // time it runs and finished_at when it is done or failed; any other state takes finished_at
    // back. NotFound.
    [[nodiscard]] base::Expected<void> updateRound(const model::Round& round);
    // A run belongs to a round. NotFound.
    [[nodiscard]] base::Expected<void> setRunRound(std::int64_t runId, std::int64_t roundId);

    [[nodiscard]] base::Expected<std::int64_t> addTraining(const model::Training& training);
    // Stores state, error, export, external job, output, settings and losses; times as
    // updateRound(). NotFound.
    [[nodiscard]] base::Expected<void> updateTraining(const model::Training& training);
    // The training that made a model, and the model that it was made from. NotFound.
    [[nodiscard]] base::Expected<void> setModelOrigin(std::int64_t modelId, std::int64_t trainingId,
                                                      std::int64_t parentId);

private:
    Connection& m_connection;
};

} // namespace scrit::store
