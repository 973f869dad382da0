// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/store/reader.h"
#include "core/store/workspace.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Review plans: which critiques are looked at, in which order, and how they were drawn. A plan is
// stored once and does not change. The same request gives the same items in the same order on every
// machine that has the same critiques: chance is a hash of (seed, content key).
namespace scrit::review {

enum class Queue {
    Filter,       // what the filter finds, in order of id
    Disagreement, // self-validation and answer match contradict each other
    RedFlag,      // any red flag (the filter may name one)
    Random,
    Stratified
};
[[nodiscard]] std::string_view name(Queue queue); // filter, disagreement, red-flag, random, …
[[nodiscard]] std::optional<Queue> queueFromName(std::string_view text);

// What strata are made of, and the words of each: Source "gsm8k"; Difficulty, the number of
// different final answers among the problem's solutions, "3-answers"; Round "round-2"; Verdict
// (conclusion of the critique) "correct", "incorrect", "no-verdict"; Validated "validated",
// "rejected", "undecided", "unvalidated"; Mode "contrastive"; Student and Critic their names.
// Several are joined: "gsm8k+incorrect".
enum class Stratum { Source, Difficulty, Round, Verdict, Validated, Mode, Student, Critic };
[[nodiscard]] std::string_view name(Stratum stratum); // source, difficulty, …
[[nodiscard]] std::optional<Stratum> stratumFromName(std::string_view text);

enum class Quota {
    Proportional, // to what there is, at least one of each
    Equal,        // as many of each, as far as there are any
    Given         // as `quotas` says; strata that it does not name get nothing
};
[[nodiscard]] std::string_view name(Quota quota); // proportional, equal, given
[[nodiscard]] std::optional<Quota> quotaFromName(std::string_view text);

// An item whose answer is known: the first wrong step of the solution, or whether the critique is
// right. One of the two.
struct GoldAnswer {
    std::optional<int> firstError;
    std::optional<bool> valid;
};
// "first-error:2", "first-error:-1", "valid:yes", "valid:no".
[[nodiscard]] std::string goldText(const GoldAnswer& gold);
[[nodiscard]] std::optional<GoldAnswer> goldFromText(std::string_view text);

struct PlanRequest {
    std::string name;   // unique in the workspace
    std::string filter; // of critiques
    Queue queue = Queue::Random;
    std::vector<Stratum> strata; // of a stratified queue
    Quota quota = Quota::Proportional;
    std::map<std::string, std::int64_t> quotas; // by stratum ("gsm8k+incorrect")
    std::int64_t size = 100;                    // items at most, gold ones not counted; 0: all.
                                                // Quota::Given: quotas decide
    std::uint64_t seed = 0;
    bool blind = false;
    // Items with a known answer that are mixed in: so many, out of the critiques whose solution's
    // data set labels the first wrong step (filter applied), and these critiques.
    std::int64_t gold = 0;
    std::vector<std::pair<std::int64_t, GoldAnswer>> givenGold;
};

struct StratumShare {
    std::string name;           // empty: the only one
    std::int64_t available = 0; // critiques that the sample was drawn from
    std::int64_t chosen = 0;
};

struct PlanPreview {
    std::int64_t matching = 0; // critiques of filter and queue
    std::int64_t chosen = 0;
    std::int64_t gold = 0;
    std::vector<StratumShare> strata; // by name
};

// A stored plan.
struct Plan {
    std::int64_t id = 0;
    std::string uid; // the same in every workspace that it is packed into
    std::string name;
    std::string filter;
    Queue queue = Queue::Random;
    std::vector<Stratum> strata;
    Quota quota = Quota::Proportional;
    std::uint64_t seed = 0;
    bool blind = false;
    std::int64_t items = 0; // gold ones too
    std::int64_t goldItems = 0;
    std::int64_t done = 0; // judged by somebody
    std::vector<StratumShare> shares;
    std::int64_t createdAt = 0; // unix milliseconds
};

// What a request would give, without storing it. Errors: Invalid (filter, quotas that name no
// stratum, nothing matches, gold that is not there).
[[nodiscard]] base::Expected<PlanPreview> previewPlan(store::Reader& reader,
                                                      const PlanRequest& request);
// Stores a plan with its items in one transaction. Errors as above; Exists when the name is taken.
[[nodiscard]] base::Expected<Plan> createPlan(store::Workspace& workspace,
                                              const PlanRequest& request);

// All plans, newest first.
[[nodiscard]] base::Expected<std::vector<Plan>> plans(store::Reader& reader);
// By name, else by number; NotFound names those that are there. An empty name means the only or
// else the newest plan.
[[nodiscard]] base::Expected<Plan> findPlan(store::Reader& reader, std::string_view nameOrId);

} // namespace scrit::review
