// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/reader.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace scrit::store {

// What evaluation wants to know of one critique; steps count from 0, kNoError = none.
struct CritiqueOutcome {
    std::int64_t critiqueId = 0;
    std::int64_t solutionId = 0;
    std::int64_t problemId = 0;
    std::string source; // data set
    std::string critic;
    int round = 0;
    std::optional<bool> solutionCorrect;  // by its final answer
    std::optional<int> labelStep;         // the data set's first wrong step
    std::optional<int> firstErrorStep;    // what the critique says; absent: not readable
    std::optional<model::Outcome> answer; // of the correction; absent: none, or not compared yet
};

// The side of a Reader that evaluation uses; on the Reader's thread, as long as it lives.
class OutcomeReader {
public:
    explicit OutcomeReader(Reader& reader) : m_reader(reader) {}

    // Streams the critiques of a filter in order of solution, then id, from the derived rows alone:
    // no text is read and no query made per row. The callback returns false to stop. Errors:
    // Invalid (filter), those of the workspace.
    [[nodiscard]] base::Expected<void>
    forEach(std::string_view filter, const std::function<bool(const CritiqueOutcome&)>& outcome);

private:
    Reader& m_reader;
};

} // namespace scrit::store
