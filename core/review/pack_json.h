// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/model/lineage.h"
#include "core/review/plan.h"
#include "core/store/review_rows.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// Private to core/review: the lines of a pack. Objects name each other by content key. Reading
// throws nothing and takes nothing for granted; what is missing or of another type is an error
// (Parse) or empty, as each function says.
namespace scrit::review {

using Json = nlohmann::ordered_json;

inline constexpr int kPackVersion = 1;

struct PackHeader {
    bool answers = false; // else items
    bool blind = false;
    store::ReviewPlanRow plan; // without counts
};
[[nodiscard]] Json headerJson(const PackHeader& header);
[[nodiscard]] base::Expected<PackHeader> headerFrom(const Json& json);

[[nodiscard]] Json problemJson(const model::Problem& problem);
[[nodiscard]] base::Expected<model::Problem> problemFrom(const Json& json);

[[nodiscard]] Json solutionJson(const model::Solution& solution, const std::string& problemKey);
struct PackSolution {
    model::Solution solution;
    std::string problemKey;
};
[[nodiscard]] base::Expected<PackSolution> solutionFrom(const Json& json);

// Red flags are what machines say, and stay out of blind packs.
[[nodiscard]] Json critiqueJson(const model::Critique& critique, const std::string& solutionKey,
                                const std::string& referenceKey, bool withFlags);
struct PackCritique {
    model::Critique critique;
    std::string solutionKey;
    std::string referenceKey; // may be empty
};
[[nodiscard]] base::Expected<PackCritique> critiqueFrom(const Json& json);

[[nodiscard]] Json verdictJson(const model::Verdict& verdict, const std::string& subjectKey);
struct PackVerdict {
    model::Verdict verdict; // of a solution or critique, without its id
    std::string subjectKey;
};
[[nodiscard]] base::Expected<PackVerdict> verdictFrom(const Json& json);

struct PackItem {
    std::int64_t position = 0;
    std::string critiqueKey;
};
[[nodiscard]] Json itemJson(const PackItem& item);
[[nodiscard]] base::Expected<PackItem> itemFrom(const Json& json);

struct PackAnswer {
    store::ReviewEntry entry; // without ids
    std::string critiqueKey;
    std::vector<model::Annotation> annotations; // without ids
};
[[nodiscard]] Json answerJson(const PackAnswer& answer);
// Also checks that the annotations are such as reviews make.
[[nodiscard]] base::Expected<PackAnswer> answerFrom(const Json& json);

// The "type" of a line.
[[nodiscard]] std::string typeOf(const Json& json);
// The number of lines before the end line, of an end line.
[[nodiscard]] std::int64_t linesOf(const Json& json);

} // namespace scrit::review
