// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancellation.h"
#include "core/base/error.h"
#include "core/loop/progress.h"
#include "core/math/equivalence.h"
#include "core/model/lineage.h"
#include "core/store/reader.h"
#include "core/store/workspace.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Re-scoring of stored items, without any generation.
namespace scrit::loop {

// The verifiers that this job can run, in the order in which they run.
inline constexpr std::array<std::string_view, 3> kLocalVerifiers = {
    model::verifier::kAnswerMatch, model::verifier::kStepArithmetic, model::verifier::kFormat};

inline constexpr std::string_view kStepArithmeticProtocol = "step-arithmetic/2";
inline constexpr std::string_view kFormatProtocol = "format/1";

// Verdicts are pure functions of what is stored; any thread.

// A solution's final answer against the reference answer of its problem (letters against the
// options of a multiple-choice problem). Nothing when the problem has no reference answer.
[[nodiscard]] std::optional<model::Verdict>
answerMatchOfSolution(const model::Problem& problem, const model::Solution& solution,
                      const math::EquivalenceSettings& settings);
// The answer of a critique's correction against the reference answer. A critique that calls the
// solution correct and gives no answer of its own stands for the solution's answer (evidence
// "answer_from": "solution"). Undecided, rule "empty", when there is no answer to compare; nothing
// when the problem has no reference answer.
[[nodiscard]] std::optional<model::Verdict>
answerMatchOfCritique(const model::Problem& problem, const model::Solution& solution,
                      const model::Critique& critique, const math::EquivalenceSettings& settings);
// The plain equations inside the steps, checked exactly. No, with the step of the first equation
// that fails; Yes when all hold; Undecided when there are none. Evidence: {"equations", "failed":
// [{"step", "begin", "end", "left", "right", "expected"}]}, offsets into the solution's text; at
// most 100 failures are listed.
[[nodiscard]] model::Verdict stepArithmeticOfSolution(const model::Solution& solution);
// Yes when conclusion, first error step and (for an incorrect solution) a correction were read and
// no red flag is raised; No otherwise. Evidence: {"problems": […], "flags": […]}.
[[nodiscard]] model::Verdict formatOfCritique(const model::Critique& critique);

struct VerifyOptions {
    std::vector<std::string> verifiers; // of kLocalVerifiers; empty: all
    math::EquivalenceSettings answer;   // `choices` is taken from each problem
    std::string filter; // which critiques and, where it makes sense for them, solutions; empty: all
    std::size_t batchRows = 500; // rows of one transaction
    int threads = 0;             // 0: by the machine, at most 4
};

// What one verifier did for one kind of subject.
struct VerifierCount {
    std::string verifier;
    std::string protocol;
    model::SubjectKind subject = model::SubjectKind::Solution;
    std::uint64_t yes = 0;
    std::uint64_t no = 0;
    std::uint64_t undecided = 0;
    std::uint64_t added = 0; // verdicts that were not there before
};

struct VerifySummary {
    std::uint64_t solutions = 0;
    std::uint64_t critiques = 0;
    std::uint64_t reparsed = 0; // critiques whose parse or flags changed
    // Critiques whose stored parse could not be read: scored all the same, by their texts; verifier
    // "format" stores a parse anew.
    std::vector<std::int64_t> unreadable;
    std::vector<VerifierCount> counts;
    bool cancelled = false; // what was committed stays; running again completes it
};

// Scores solutions first, then critiques (their red flags use what is then known about the solution
// and are stored with the parse, so that filters see them). Protocol ids name rules and settings: a
// new one adds verdicts, the same one adds nothing. Streams: constant memory, one transaction a
// batch. A filter that only makes sense for critiques leaves the solutions out. Errors: Invalid
// (unknown verifier, filter), those of the workspace.
[[nodiscard]] base::Expected<VerifySummary> verifyWorkspace(store::Workspace& workspace,
                                                            const VerifyOptions& options,
                                                            const ProgressFunction& progress = {},
                                                            const base::CancelToken& cancel = {});

} // namespace scrit::loop
