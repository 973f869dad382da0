// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/model/round.h"
#include "core/store/reader.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scrit::store {

// A series of rounds as a list shows it.
struct SeriesRow {
    std::string name;
    std::string recipe;                               // of its newest round
    int rounds = 0;                                   // after round 0
    model::JobState state = model::JobState::Planned; // of its newest round
    std::int64_t changedAt = 0; // when its newest round began or ended; unix milliseconds
};

// An export as trainings refer to it.
struct ExportRow {
    std::int64_t id = 0;
    std::string folder;
    std::string view;
    std::string filter;
    std::string manifest; // JSON, the manifest.json of the folder
    std::int64_t createdAt = 0;
};

// The reading side of rounds and trainings: constructed on a Reader, used by the same thread, as
// long as it lives.
class RoundReader {
public:
    explicit RoundReader(Reader& reader);

    [[nodiscard]] base::Expected<std::vector<SeriesRow>> series(); // newest first
    // By number; empty for a series that is not there.
    [[nodiscard]] base::Expected<std::vector<model::Round>> rounds(const std::string& series);
    [[nodiscard]] base::Expected<model::Round> round(std::int64_t roundId); // NotFound
    // Runs of a round, oldest first.
    [[nodiscard]] base::Expected<std::vector<std::int64_t>> runsOf(std::int64_t roundId);

    [[nodiscard]] base::Expected<std::vector<model::Training>> trainings(); // newest first
    [[nodiscard]] base::Expected<std::vector<model::Training>> trainingsOf(std::int64_t roundId);
    [[nodiscard]] base::Expected<model::Training> training(std::int64_t trainingId); // NotFound
    // The training that made a model; nothing for a model that was added by hand.
    [[nodiscard]] base::Expected<std::optional<std::int64_t>> trainingOfModel(std::int64_t modelId);
    [[nodiscard]] base::Expected<ExportRow> dataset(std::int64_t exportId); // NotFound

private:
    Reader& m_reader;
};

} // namespace scrit::store
