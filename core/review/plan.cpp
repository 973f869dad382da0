// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/review/plan.h"

#include "core/base/text.h"
#include "core/review/draw.h"
#include "core/review/facts.h"
#include "core/store/review_reader.h"
#include "core/store/review_writer.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace scrit::review {
namespace {

using base::ErrorCode;
using base::Expected;
using base::fail;
using Json = nlohmann::ordered_json;

constexpr std::size_t kMaxNameBytes = 200;

constexpr std::array<std::pair<std::string_view, Queue>, 5> kQueues = {
    {{"filter", Queue::Filter},
     {"disagreement", Queue::Disagreement},
     {"red-flag", Queue::RedFlag},
     {"random", Queue::Random},
     {"stratified", Queue::Stratified}}};
constexpr std::array<std::pair<std::string_view, Stratum>, 8> kStrata = {
    {{"source", Stratum::Source},
     {"difficulty", Stratum::Difficulty},
     {"round", Stratum::Round},
     {"verdict", Stratum::Verdict},
     {"validated", Stratum::Validated},
     {"mode", Stratum::Mode},
     {"student", Stratum::Student},
     {"critic", Stratum::Critic}}};
constexpr std::array<std::pair<std::string_view, Quota>, 3> kQuotas = {
    {{"proportional", Quota::Proportional}, {"equal", Quota::Equal}, {"given", Quota::Given}}};

template<typename T, std::size_t N>
std::string_view nameIn(const std::array<std::pair<std::string_view, T>, N>& table, T value) {
    const auto found = std::find_if(table.begin(), table.end(),
                                    [&](const auto& one) { return one.second == value; });
    return found == table.end() ? std::string_view() : found->first;
}

template<typename T, std::size_t N>
std::optional<T> valueIn(const std::array<std::pair<std::string_view, T>, N>& table,
                         std::string_view text) {
    const auto found = std::find_if(table.begin(), table.end(),
                                    [&](const auto& one) { return one.first == text; });
    return found == table.end() ? std::nullopt : std::optional(found->second);
}

Expected<void> checkRequest(const PlanRequest& request, bool named) {
    if (named && (base::trimmed(request.name).empty() || request.name.size() > kMaxNameBytes ||
                  !base::isValidUtf8(request.name) ||
                  request.name.find_first_of("\n\r\t") != std::string::npos)) {
        return fail(ErrorCode::Invalid,
                    "a review plan needs a name of one line, at most 200 bytes");
    }
    if (request.size < 0 || request.gold < 0) {
        return fail(ErrorCode::Invalid, "a review plan cannot have less than no items");
    }
    if (request.queue == Queue::Stratified && request.strata.empty()) {
        return fail(ErrorCode::Invalid, "a stratified review plan needs strata",
                    "name what to stratify by, such as source or verdict");
    }
    if (request.quota == Quota::Given && request.quotas.empty()) {
        return fail(ErrorCode::Invalid, "no quotas are given", "name them as STRATUM=N");
    }
    return {};
}

std::string settingsOf(const PlanRequest& request, const PlanPreview& preview) {
    Json strata = Json::array();
    if (request.queue == Queue::Stratified) {
        for (const Stratum stratum : request.strata) {
            strata.push_back(name(stratum));
        }
    }
    Json shares = Json::array();
    for (const StratumShare& share : preview.strata) {
        shares.push_back(
            {{"name", share.name}, {"available", share.available}, {"chosen", share.chosen}});
    }
    const Json settings = {{"size", request.size},         {"strata", std::move(strata)},
                           {"quota", name(request.quota)}, {"quotas", Json(request.quotas)},
                           {"gold", request.gold},         {"shares", std::move(shares)}};
    return settings.dump(-1, ' ', false, Json::error_handler_t::replace);
}

} // namespace

std::string_view name(Queue queue) {
    return nameIn(kQueues, queue);
}
std::optional<Queue> queueFromName(std::string_view text) {
    return valueIn(kQueues, text);
}
std::string_view name(Stratum stratum) {
    return nameIn(kStrata, stratum);
}
std::optional<Stratum> stratumFromName(std::string_view text) {
    return valueIn(kStrata, text);
}
std::string_view name(Quota quota) {
    return nameIn(kQuotas, quota);
}
std::optional<Quota> quotaFromName(std::string_view text) {
    return valueIn(kQuotas, text);
}

std::string goldText(const GoldAnswer& gold) {
    if (gold.firstError) {
        return "first-error:" + std::to_string(*gold.firstError);
    }
    return gold.valid ? std::string(*gold.valid ? "valid:yes" : "valid:no") : std::string();
}

std::optional<GoldAnswer> goldFromText(std::string_view text) {
    constexpr std::string_view kStep = "first-error:";
    if (text == "valid:yes" || text == "valid:no") {
        return GoldAnswer{std::nullopt, text == "valid:yes"};
    }
    if (!text.starts_with(kStep)) {
        return std::nullopt;
    }
    text.remove_prefix(kStep.size());
    int step = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), step);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size() || step < model::kNoError) {
        return std::nullopt;
    }
    return GoldAnswer{step, std::nullopt};
}

Expected<PlanPreview> previewPlan(store::Reader& reader, const PlanRequest& request) {
    if (auto checked = checkRequest(request, false); !checked) {
        return fail(std::move(checked.error()));
    }
    Expected<Draw> draw = drawItems(reader, request);
    return draw ? Expected<PlanPreview>(std::move(draw->preview)) : fail(std::move(draw.error()));
}

Expected<Plan> createPlan(store::Workspace& workspace, const PlanRequest& request) {
    if (auto checked = checkRequest(request, true); !checked) {
        return fail(std::move(checked.error()));
    }
    const auto reader = workspace.reader();
    if (!reader) {
        return fail(reader.error());
    }
    Expected<Draw> draw = drawItems(**reader, request);
    if (!draw) {
        return fail(std::move(draw.error()));
    }
    store::ReviewPlanRow row;
    row.name = request.name;
    row.filter = request.filter;
    row.strategy = name(request.queue);
    row.settings = settingsOf(request, draw->preview);
    row.seed = request.seed;
    row.blind = request.blind;
    std::int64_t id = 0;
    auto written = workspace.write([&](store::Writer& writer) -> Expected<void> {
        const Expected<std::int64_t> added = store::ReviewWriter(writer).addPlan(row, draw->items);
        id = added.value_or(0);
        return added ? Expected<void>{} : fail(added.error());
    });
    if (!written) {
        return fail(std::move(written.error()));
    }
    const auto stored = store::ReviewReader(**reader).plan(id);
    if (!stored) {
        return fail(stored.error());
    }
    return *stored ? Expected<Plan>(planOf(**stored))
                   : fail(ErrorCode::Internal, "the review plan was not stored");
}

Expected<std::vector<Plan>> plans(store::Reader& reader) {
    const auto rows = store::ReviewReader(reader).plans();
    if (!rows) {
        return fail(rows.error());
    }
    std::vector<Plan> all;
    for (const store::ReviewPlanRow& row : *rows) {
        all.push_back(planOf(row));
    }
    return all;
}

Expected<Plan> findPlan(store::Reader& reader, std::string_view nameOrId) {
    Expected<std::vector<Plan>> all = plans(reader);
    if (!all) {
        return fail(std::move(all.error()));
    }
    if (all->empty()) {
        return fail(ErrorCode::NotFound, "the workspace has no review plan",
                    "make one with: scrit review plan");
    }
    if (nameOrId.empty()) {
        return std::move(all->front());
    }
    std::string known;
    for (Plan& plan : *all) {
        if (plan.name == nameOrId) {
            return std::move(plan);
        }
        known += (known.empty() ? "" : ", ") + plan.name;
    }
    for (Plan& plan : *all) {
        if (std::to_string(plan.id) == nameOrId) {
            return std::move(plan);
        }
    }
    return fail(ErrorCode::NotFound, "there is no review plan \"" + std::string(nameOrId) + "\"",
                "there are: " + known);
}

} // namespace scrit::review
