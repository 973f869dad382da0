// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/format/importer.h"

#include <optional>

// Files of recorded critiques → model values.
namespace scrit::format {

// One critique and what its record says around it. Either `subject` holds the problem and exactly
// one solution, or `solutionRef` names a stored one; a record with neither is a bad line.
struct ImportedCritique {
    std::optional<ImportedProblem> subject;
    std::string solutionRef;  // external id (or key) of a solution in the workspace
    std::string referenceRef; // external id of the reference solution shown to the critic
    std::optional<ImportedSolution> reference; // that solution itself, where the record has it
    model::Critique critique; // key and parsed are set only when `subject` is there
    std::vector<model::Verdict>
        verdicts; // about the critique; in jsonl-full about the problem, too
    // Only in files that this program wrote; `subject` says about which of the three.
    std::vector<model::Annotation> annotations;
    // The parser and the red flags of an unedited row of our own export; they win over those of
    // today.
    std::optional<std::pair<std::string, model::Flags>> stated;
    std::vector<std::string> notes;
};

// scrit, mathcritique, mr-gsm8k, jsonl-full, generic.
[[nodiscard]] const std::vector<FormatInfo>& critiqueFormats();
// Those of mappableFields() and critique, critic, mode, round, correction, solution_id.
[[nodiscard]] const std::vector<std::string_view>& mappableCritiqueFields();

// Opens a file of critiques; as RecordReader::open with the formats above.
[[nodiscard]] base::Expected<RecordReader> openCritiques(const std::filesystem::path& path,
                                                         const ImportOptions& options);

// As convertRecord. A record without problem and solution, or without a solution id, is a bad line.
[[nodiscard]] base::Expected<ImportedCritique> convertCritique(const ImportPlan& plan,
                                                               const RawRecord& record);

// Sets `critique.key` and `critique.parsed` from the solution that it is about; to be called once
// the solution behind a solutionRef was found. `solutionCorrect` is what is known from elsewhere (a
// label, the answer match); it only serves red flags. Pure.
void completeCritique(model::Critique& critique, const model::Solution& solution,
                      std::optional<bool> solutionCorrect);

[[nodiscard]] std::string critiqueKey(std::string_view solutionKey,
                                      const model::Critique& critique);

struct CritiqueSinks {
    std::function<base::Expected<void>(ImportedCritique&&, std::uint64_t line)> record;
    std::function<base::Expected<void>(const BadLine&)> badLine;
    std::function<void(const ImportProgress&)> progress;
};

// As importFile. The record sink may find that solutionRef is unknown: it then counts the line as
// bad itself (it has the line number) and returns success.
[[nodiscard]] base::Expected<ImportCounts> importCritiques(const std::filesystem::path& path,
                                                           const ImportOptions& options,
                                                           const CritiqueSinks& sinks,
                                                           const base::CancelToken& cancel = {});

} // namespace scrit::format
