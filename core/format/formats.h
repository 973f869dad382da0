// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/format/importer.h"
#include "core/format/json_record.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The table of import formats and what their converters share. A format is one file format_NAME.cpp
// and one line of the table in formats.cpp.
namespace scrit::format {

// Where a record stands, for converters.
struct RecordContext {
    const ImportPlan& plan;
    std::uint64_t line = 0;
};

struct ProblemFormat {
    FormatInfo info;
    bool (*matches)(const Fields& fields); // by the keys alone
    // Reads the fields; what is wrong goes into their report, the result is used only if there is
    // nothing.
    ImportedProblem (*convert)(const Fields& fields, const RecordContext& context);
};

// In the order in which they are tried on an unknown file.
[[nodiscard]] const std::vector<ProblemFormat>& problemFormats();

[[nodiscard]] bool matchesRealcritic(const Fields& fields);
[[nodiscard]] ImportedProblem convertRealcritic(const Fields& fields, const RecordContext& context);
[[nodiscard]] bool matchesProcessbench(const Fields& fields);
[[nodiscard]] ImportedProblem convertProcessbench(const Fields& fields,
                                                  const RecordContext& context);
[[nodiscard]] bool matchesGsm8k(const Fields& fields);
[[nodiscard]] ImportedProblem convertGsm8k(const Fields& fields, const RecordContext& context);
[[nodiscard]] bool matchesMath(const Fields& fields);
[[nodiscard]] ImportedProblem convertMath(const Fields& fields, const RecordContext& context);
[[nodiscard]] bool matchesPrm800k(const Fields& fields);
[[nodiscard]] ImportedProblem convertPrm800k(const Fields& fields, const RecordContext& context);
[[nodiscard]] bool matchesScrit(const Fields& fields);
[[nodiscard]] ImportedProblem convertScrit(const Fields& fields, const RecordContext& context);
[[nodiscard]] bool matchesGeneric(const Fields& fields);
[[nodiscard]] ImportedProblem convertGeneric(const Fields& fields, const RecordContext& context);

// --- shared by the converters
// -------------------------------------------------------------------------

// "test" for "/data/test.jsonl.gz"; "stdin" for "-".
[[nodiscard]] std::string fileStem(std::string_view file);
// "test:17": the id of a record that has none.
[[nodiscard]] std::string placeId(const RecordContext& context);
// "train", "test" or "dev" where an id or file name starts with it or has it between separators.
[[nodiscard]] std::string splitIn(std::string_view name);

// Text and spans of given steps, joined by blank lines; steps may contain blank lines themselves.
void setGivenSteps(model::Solution& solution, const std::vector<std::string>& steps);
void addAnswerLabel(ImportedSolution& to, bool correct, std::string evidence = {});
// `step` counts from 0, kNoError = none; a step outside the solution is reported under `key`.
void addFirstErrorLabel(ImportedSolution& to, std::int64_t step, const Fields& fields,
                        std::string_view key, std::string evidence = {});

// The part after the last "####" (trimmed), if there is one.
[[nodiscard]] std::optional<std::string> answerAfterHash(std::string_view text);
// The content of the last \boxed{} or the part after "####", if there is one.
[[nodiscard]] std::optional<std::string> statedAnswer(std::string_view text);

// The options of a multiple-choice problem: a list of texts, {"text": [], "label": []}, or {"A":
// …}. Letters in front ("(A) ", "B. ") are taken off when every option has its own.
[[nodiscard]] std::vector<std::string> choicesIn(const Fields& fields, std::string_view key);

// Fills what no converter has to repeat: options that win over the record, the source of solutions
// and labels, steps of unsplit texts, final answers and keys. `defaultSource` is used where neither
// options nor record name a data set; a split comes from the file's name unless the record states
// one, which may be none.
void finishProblem(ImportedProblem& item, const RecordContext& context,
                   std::string_view defaultSource, bool splitStated = false);

} // namespace scrit::format
