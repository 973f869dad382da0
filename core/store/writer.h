// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/model/lineage.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace scrit::store {

class Connection;

// The row an object got, and whether it was new. Objects are identified by their content key, so
// storing one twice gives the same id and added == false (an existing row keeps its texts; empty
// reference solution, reference answer, split, subject, level and licence are filled in, and a
// problem that comes from another data set is noted as one of that data set, too).
struct Stored {
    std::int64_t id = 0;
    bool added = false;
};

// What one write transaction can store. Only valid inside Workspace::write(), on its thread.
// Statements are prepared once per workspace. Each call keeps the derived row used by lists and
// filters up to date in the same transaction.
class Writer {
public:
    explicit Writer(Connection& connection);

    [[nodiscard]] base::Expected<Stored> addProblem(const model::Problem& problem);
    [[nodiscard]] base::Expected<Stored> addSolution(const model::Solution& solution);
    // Also stores critique.parsed as the parse of its protocol.
    [[nodiscard]] base::Expected<Stored> addCritique(const model::Critique& critique);
    // Adds another parse of a stored critique, which is the one shown from now on; adds nothing
    // when the current one is of the same parser protocol.
    [[nodiscard]] base::Expected<Stored> addParse(std::int64_t critiqueId,
                                                  const model::ParsedCritique& parsed);
    // Identified by (subject, verifier, protocol, source). An identical verdict adds nothing; a
    // different one under the same identity is stored too and becomes the current one, unless it
    // has a time of its own and was stored with that before (it comes back from an export).
    [[nodiscard]] base::Expected<Stored> addVerdict(const model::Verdict& verdict);
    // The same for a verdict that shall count from now on: it is stated again when the newest one
    // of its verifier has another protocol or source, for the newest is what lists show.
    [[nodiscard]] base::Expected<Stored> enforceVerdict(const model::Verdict& verdict);
    // Adds a row, unless one with the same uid is there; one without a uid gets a new one.
    [[nodiscard]] base::Expected<Stored> addAnnotation(const model::Annotation& annotation);

    [[nodiscard]] base::Expected<std::optional<std::int64_t>> findProblem(std::string_view key);
    [[nodiscard]] base::Expected<std::optional<std::int64_t>> findSolution(std::string_view key);
    // A solution by the id its data set gave it; Invalid, with what to do, when several have it.
    [[nodiscard]] base::Expected<std::optional<std::int64_t>>
    findSolutionByExternalId(std::string_view externalId);

    // Import bookkeeping: a file import is announced before its first row and closed after its
    // last, so that an interrupted import is visible. Returns the row id of the import.
    [[nodiscard]] base::Expected<std::int64_t> beginImport(std::string_view path,
                                                           std::string_view format);
    struct ImportTotals {
        std::int64_t lines = 0;
        std::int64_t added = 0;
        std::int64_t existing = 0;
        std::int64_t bad = 0;
    };
    [[nodiscard]] base::Expected<void> endImport(std::int64_t importId, const ImportTotals& totals,
                                                 std::string_view state); // done, cancelled, failed
    // Remembers a finished export: folder, view, filter, manifest (JSON text), and which critiques
    // are in it.
    struct ExportMember {
        std::int64_t critiqueId = 0;
        std::string_view split; // of its row
    };
    [[nodiscard]] base::Expected<std::int64_t>
    addExport(std::string_view folder, std::string_view view, std::string_view filter,
              std::string_view manifest, std::span<const ExportMember> members = {});

private:
    base::Expected<Stored> storeVerdict(const model::Verdict& verdict, bool enforced);
    friend class EvaluationWriter;
    friend class ReviewWriter;
    friend class RoundWriter;
    friend class RunWriter;
    Connection& m_connection;
};

} // namespace scrit::store
