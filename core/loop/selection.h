// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// Steps 4, 5 and 8 of SCRIT's pipeline (arXiv 2501.05727): which solutions are criticised, what
// reference each critic sees, and how the survivors are balanced. Pure functions, any thread; the
// same seed and the same set of solutions give the same result, in whatever order the solutions
// come.
namespace scrit::loop {

// Where references come from.
enum class ReferenceSource {
    Solutions, // other correct solutions of the problem, as in the paper
    Problem,   // the data set's own reference solution
    Either     // that, or where a problem has none another correct solution
};
[[nodiscard]] std::string_view name(ReferenceSource source); // solutions, problem, either
[[nodiscard]] std::optional<ReferenceSource> referenceSourceFromName(std::string_view text);

// Who wrote a problem's own reference solution, where that is stored as a solution. Such solutions
// are never criticised.
inline constexpr std::string_view kReferenceAuthor = "reference";

// What selection needs to know about one solution.
struct Candidate {
    std::int64_t solutionId = 0;
    std::int64_t problemId = 0;
    std::string key; // content key: what random choices hang on, so that they survive re-imports
    std::string student;
    bool correct = false;
    bool reference = false; // the problem's own: serves as reference alone
};

struct SelectionSettings {
    // Keep problems with at least one correct and one incorrect solution. A problem whose own
    // reference solution serves needs no other correct one and is always kept.
    bool needBothClasses = true;
    std::optional<std::int64_t> capPerStudentAndClass; // 50,000 in the paper
    std::uint64_t seed = 0;
    ReferenceSource reference = ReferenceSource::Solutions;
};

// Why candidates were left out, for the funnel.
struct SelectionCounts {
    std::int64_t candidates = 0;       // without the problems' own references
    std::int64_t oneClassOnly = 0;     // their problem has no solution of the other class
    std::int64_t overCap = 0;          // their student has enough of this class
    std::int64_t withoutReference = 0; // nothing that could serve as reference
    std::int64_t kept = 0;
};

struct Pairing {
    std::int64_t solutionId = 0;
    std::int64_t referenceId = 0;
    bool solutionCorrect = false;
};

// A candidate's place in the random order of its student and class: those with the smallest ranks
// stay below the cap.
[[nodiscard]] std::uint64_t capRank(const Candidate& candidate, std::uint64_t seed);

// Filters, caps (a random choice within each student and class) and pairs: an incorrect solution
// gets a random correct one of the same problem, a correct solution a random *different* correct
// one; or each gets the problem's own reference, as the settings say. In order of solution id.
[[nodiscard]] std::vector<Pairing> selectAndPair(std::span<const Candidate> candidates,
                                                 const SelectionSettings& settings,
                                                 SelectionCounts& counts);

} // namespace scrit::loop
