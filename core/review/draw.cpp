// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/review/draw.h"

#include "core/base/hash.h"
#include "core/base/text.h"
#include "core/review/facts.h"
#include "core/store/filter.h"
#include "core/store/review_reader.h"

#include <queue>

#include <algorithm>
#include <numeric>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace scrit::review {
namespace {

using base::ErrorCode;
using base::Expected;
using base::fail;
using Shares = std::map<std::string, std::int64_t>;

// Independent draws of one seed.
enum class Chance : std::uint64_t { Sample = 0, Gold = 1, Order = 2 };

std::uint64_t chanceOf(const std::string& key, std::uint64_t seed, Chance chance) {
    return base::hash64(key + "/" + std::to_string(static_cast<std::uint64_t>(chance)), seed);
}

// A critique that may be drawn. Names of strata are kept once.
struct Candidate {
    std::int64_t id = 0;
    std::int64_t problemId = 0;
    std::uint32_t stratum = 0; // in Pool::names
    std::optional<int> labelStep;
};
struct Pool {
    std::vector<Candidate> candidates; // in order of id
    std::vector<std::string> names;
};

std::string bothOf(const std::string& filter, std::string_view more) {
    if (base::trimmed(filter).empty()) {
        return std::string(more);
    }
    return more.empty() ? filter : "(" + filter + ") (" + std::string(more) + ")";
}

std::string filterOf(const PlanRequest& request) {
    switch (request.queue) {
    case Queue::Disagreement:
        return bothOf(request.filter,
                      "(validated:yes answer:mismatch) OR (validated:no answer:match)");
    case Queue::RedFlag:
        return bothOf(request.filter, "flag:any");
    case Queue::Filter:
    case Queue::Random:
    case Queue::Stratified:
        break;
    }
    return request.filter;
}

// The strata of a critique but for its difficulty, which is marked by a NUL.
std::string namesBut(const std::vector<Stratum>& strata, const store::CritiqueFacts& facts) {
    std::string joined;
    for (const Stratum stratum : strata) {
        joined += joined.empty() ? "" : "+";
        joined +=
            stratum == Stratum::Difficulty ? std::string(1, '\0') : stratumWord(stratum, facts, 0);
    }
    return joined;
}

class Names {
public:
    explicit Names(std::vector<std::string>& names) : m_names(names) {}
    std::uint32_t of(const std::string& name) {
        const auto [found, added] =
            m_places.emplace(name, static_cast<std::uint32_t>(m_names.size()));
        if (added) {
            m_names.push_back(name);
        }
        return found->second;
    }

private:
    std::vector<std::string>& m_names;
    std::unordered_map<std::string, std::uint32_t> m_places;
};

Expected<void> nameDifficulties(store::Reader& reader, Pool& pool) {
    std::vector<std::int64_t> problems;
    for (const Candidate& candidate : pool.candidates) {
        problems.push_back(candidate.problemId);
    }
    std::sort(problems.begin(), problems.end());
    problems.erase(std::unique(problems.begin(), problems.end()), problems.end());
    const auto answers = reader.uniqueAnswersOf(problems);
    if (!answers) {
        return fail(answers.error());
    }
    const std::vector<std::string> before = std::exchange(pool.names, {});
    Names names(pool.names);
    for (Candidate& candidate : pool.candidates) {
        std::string name = before[candidate.stratum];
        const int count = answers->at(candidate.problemId);
        const std::string word = stratumWord(Stratum::Difficulty, {}, count);
        for (std::size_t at = name.find('\0'); at != std::string::npos; at = name.find('\0', at)) {
            name.replace(at, 1, word);
        }
        candidate.stratum = names.of(name);
    }
    return {};
}

Expected<Pool> candidatesOf(store::ReviewReader& reviews, const std::string& filter,
                            const std::vector<Stratum>& strata) {
    Pool pool;
    Names names(pool.names);
    auto read = reviews.forEachFacts(filter, [&](store::CritiqueFacts&& facts) -> Expected<bool> {
        pool.candidates.push_back({facts.critiqueId, facts.problemId,
                                   names.of(namesBut(strata, facts)), facts.labelStep});
        return true;
    });
    if (!read) {
        return fail(std::move(read.error()));
    }
    return pool;
}

Expected<std::vector<std::string>> keysOf(store::ReviewReader& reviews,
                                          const std::vector<Candidate>& candidates) {
    std::vector<std::int64_t> ids;
    ids.reserve(candidates.size());
    for (const Candidate& candidate : candidates) {
        ids.push_back(candidate.id);
    }
    return reviews.critiqueKeys(ids);
}

Expected<Shares> sharesOf(const PlanRequest& request, const Shares& available) {
    if (request.queue != Queue::Stratified) {
        return proportionalShares(available, request.size);
    }
    switch (request.quota) {
    case Quota::Proportional:
        return proportionalShares(available, request.size);
    case Quota::Equal:
        return equalShares(available, request.size);
    case Quota::Given:
        break;
    }
    Shares shares;
    for (const auto& [name, wanted] : request.quotas) {
        const auto found = available.find(name);
        if (found == available.end()) {
            std::string known;
            for (const auto& entry : available) {
                known += (known.empty() ? "" : ", ") + entry.first;
            }
            return fail(ErrorCode::Invalid, "no critique is in the stratum \"" + name + "\"",
                        "there are: " + known);
        }
        if (wanted < 0) {
            return fail(ErrorCode::Invalid, "the quota of \"" + name + "\" is negative");
        }
        shares[name] = std::min(wanted, found->second);
    }
    return shares;
}

struct Chosen {
    store::ReviewItemRow item;
    std::string key;
    std::optional<int> labelStep;
};

// Draws from each stratum those whose chance is lowest.
std::vector<Chosen> sample(const Pool& pool, const std::vector<std::string>& keys,
                           const PlanRequest& request, const Shares& available,
                           const Shares& shares) {
    std::vector<std::size_t> order(pool.candidates.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    if (request.queue != Queue::Filter) {
        std::vector<std::uint64_t> chances(order.size());
        for (std::size_t i = 0; i < order.size(); ++i) {
            chances[i] = chanceOf(keys[i], request.seed, Chance::Sample);
        }
        std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
            return std::tie(chances[a], keys[a]) < std::tie(chances[b], keys[b]);
        });
    }
    Shares left = shares;
    std::vector<Chosen> chosen;
    for (const std::size_t i : order) {
        const Candidate& candidate = pool.candidates[i];
        const std::string& stratum = pool.names[candidate.stratum];
        const auto share = left.find(stratum);
        if (share == left.end() || share->second == 0) {
            continue;
        }
        --share->second;
        Chosen& one = chosen.emplace_back();
        one.item.critiqueId = candidate.id;
        one.item.stratum = stratum;
        one.item.weight = request.queue == Queue::Filter
                              ? 1
                              : static_cast<double>(available.at(stratum)) /
                                    static_cast<double>(shares.at(stratum));
        one.key = keys[i];
        one.labelStep = candidate.labelStep;
    }
    return chosen;
}

// Marks what was chosen, or adds what was not, as an item with a known answer.
void makeGold(std::vector<Chosen>& chosen, std::int64_t critiqueId, const std::string& key,
              const GoldAnswer& answer) {
    auto found = std::find_if(chosen.begin(), chosen.end(),
                              [&](const Chosen& one) { return one.item.critiqueId == critiqueId; });
    if (found == chosen.end()) {
        found = chosen.insert(chosen.end(), Chosen{});
        found->item.critiqueId = critiqueId;
        found->item.weight = 0;
        found->key = key;
    }
    found->item.gold = goldText(answer);
}

Expected<void> addGivenGold(store::ReviewReader& reviews, const PlanRequest& request,
                            std::vector<Chosen>& chosen) {
    for (const auto& [critiqueId, answer] : request.givenGold) {
        const auto facts = reviews.facts(critiqueId);
        if (!facts) {
            return fail(facts.error());
        }
        if (!*facts) {
            return fail(ErrorCode::Invalid, "there is no critique " + std::to_string(critiqueId) +
                                                " to be a gold item");
        }
        const std::array<std::int64_t, 1> id = {critiqueId};
        const auto keys = reviews.critiqueKeys(id);
        if (!keys) {
            return fail(keys.error());
        }
        makeGold(chosen, critiqueId, keys->front(), answer);
    }
    return {};
}

// So many labelled critiques: of those that were not chosen, else of those that were.
Expected<void> addDrawnGold(store::ReviewReader& reviews, const PlanRequest& request,
                            std::vector<Chosen>& chosen) {
    if (request.gold == 0) {
        return {};
    }
    const Expected<Pool> pool =
        candidatesOf(reviews, bothOf(request.filter, "-label-step:unknown"), {});
    if (!pool) {
        return fail(pool.error());
    }
    const auto keys = keysOf(reviews, pool->candidates);
    if (!keys) {
        return fail(keys.error());
    }
    std::unordered_set<std::int64_t> taken;
    std::unordered_set<std::int64_t> gold;
    for (const Chosen& one : chosen) {
        (one.item.gold.empty() ? taken : gold).insert(one.item.critiqueId);
    }
    std::vector<std::tuple<bool, std::uint64_t, std::size_t>> order;
    for (std::size_t i = 0; i < pool->candidates.size(); ++i) {
        const std::int64_t id = pool->candidates[i].id;
        if (!gold.contains(id)) {
            order.emplace_back(taken.contains(id), chanceOf((*keys)[i], request.seed, Chance::Gold),
                               i);
        }
    }
    std::sort(order.begin(), order.end());
    if (static_cast<std::int64_t>(order.size()) < request.gold) {
        return fail(ErrorCode::Invalid,
                    "only " + std::to_string(order.size()) +
                        " critiques are of solutions whose first wrong step is labelled",
                    "ask for fewer gold items, or name some");
    }
    order.resize(static_cast<std::size_t>(request.gold));
    for (const auto& entry : order) {
        const std::size_t i = std::get<2>(entry);
        const Candidate& candidate = pool->candidates[i];
        makeGold(chosen, candidate.id, (*keys)[i], {candidate.labelStep, std::nullopt});
    }
    return {};
}

// Everything in an order of chance; items of a filter stay in order of id, and gold items that are
// not among them are put in between.
void arrange(const PlanRequest& request, std::vector<Chosen>& chosen) {
    const auto chance = [&](const Chosen& one) {
        return chanceOf(one.key, request.seed, Chance::Order);
    };
    if (request.queue != Queue::Filter) {
        std::sort(chosen.begin(), chosen.end(), [&](const Chosen& a, const Chosen& b) {
            return std::pair(chance(a), a.key) < std::pair(chance(b), b.key);
        });
        return;
    }
    const auto added = std::stable_partition(chosen.begin(), chosen.end(),
                                             [](const Chosen& one) { return one.item.weight > 0; });
    std::vector<Chosen> between(std::make_move_iterator(added),
                                std::make_move_iterator(chosen.end()));
    chosen.erase(added, chosen.end());
    for (Chosen& one : between) {
        const auto place = static_cast<std::ptrdiff_t>(chance(one) % (chosen.size() + 1));
        chosen.insert(chosen.begin() + place, std::move(one));
    }
}

} // namespace

Shares proportionalShares(const Shares& available, std::int64_t size) {
    std::int64_t all = 0;
    for (const auto& entry : available) {
        all += entry.second;
    }
    if (size == 0 || size >= all) {
        return available;
    }
    Shares shares;
    std::int64_t left = size;
    const bool oneOfEach = size >= static_cast<std::int64_t>(available.size());
    // Who has most for its next place comes first; of equals, the first by name.
    const auto later = [](const auto& a, const auto& b) {
        return a.first != b.first ? a.first < b.first : a.second > b.second;
    };
    std::priority_queue<std::pair<double, std::string>, std::vector<std::pair<double, std::string>>,
                        decltype(later)>
        claims(later);
    const auto claim = [&](const std::string& name) {
        if (shares[name] < available.at(name)) {
            claims.emplace(static_cast<double>(available.at(name)) /
                               static_cast<double>(2 * shares[name] + 1),
                           name);
        }
    };
    for (const auto& entry : available) {
        shares[entry.first] = oneOfEach && entry.second > 0 ? 1 : 0;
        left -= shares[entry.first];
        claim(entry.first);
    }
    for (; left > 0; --left) {
        const std::string name = claims.top().second;
        claims.pop();
        ++shares[name];
        claim(name);
    }
    return shares;
}

Shares equalShares(const Shares& available, std::int64_t size) {
    std::int64_t left = 0;
    std::vector<std::pair<std::int64_t, std::string>> smallestFirst;
    for (const auto& [name, count] : available) {
        left += count;
        smallestFirst.emplace_back(count, name);
    }
    left = size == 0 ? left : std::min(size, left);
    std::sort(smallestFirst.begin(), smallestFirst.end());
    Shares shares;
    auto open = static_cast<std::int64_t>(smallestFirst.size());
    for (const auto& [count, name] : smallestFirst) {
        // The remainder goes to those that come last, which have the most.
        shares[name] = std::min(count, left / open);
        left -= shares[name];
        --open;
    }
    return shares;
}

Expected<Draw> drawItems(store::Reader& reader, const PlanRequest& request) {
    // By itself first: a mistake is told by its column in what the user wrote.
    if (auto compiled = store::compileFilter(request.filter, store::ListOf::Critiques); !compiled) {
        return fail(std::move(compiled.error()));
    }
    store::ReviewReader reviews(reader);
    const bool stratified = request.queue == Queue::Stratified;
    const std::vector<Stratum> strata = stratified ? request.strata : std::vector<Stratum>{};
    Expected<Pool> pool = candidatesOf(reviews, filterOf(request), strata);
    if (!pool) {
        return fail(pool.error());
    }
    if (std::find(strata.begin(), strata.end(), Stratum::Difficulty) != strata.end()) {
        if (auto named = nameDifficulties(reader, *pool); !named) {
            return fail(std::move(named.error()));
        }
    }
    if (pool->candidates.empty() && request.givenGold.empty()) {
        return fail(ErrorCode::Invalid, "no critique matches",
                    "loosen the filter, or choose another queue");
    }
    const auto keys = keysOf(reviews, pool->candidates);
    if (!keys) {
        return fail(keys.error());
    }
    Shares available;
    for (const Candidate& candidate : pool->candidates) {
        ++available[pool->names[candidate.stratum]];
    }
    const Expected<Shares> shares = sharesOf(request, available);
    if (!shares) {
        return fail(shares.error());
    }
    std::vector<Chosen> chosen = sample(*pool, *keys, request, available, *shares);
    Draw draw;
    draw.preview.matching = static_cast<std::int64_t>(pool->candidates.size());
    draw.preview.chosen = static_cast<std::int64_t>(chosen.size());
    for (const auto& [name, count] : available) {
        const auto share = shares->find(name);
        draw.preview.strata.push_back({name, count, share == shares->end() ? 0 : share->second});
    }
    for (auto* add : {&addGivenGold, &addDrawnGold}) {
        if (auto added = add(reviews, request, chosen); !added) {
            return fail(std::move(added.error()));
        }
    }
    arrange(request, chosen);
    for (Chosen& one : chosen) {
        draw.preview.gold += one.item.gold.empty() ? 0 : 1;
        one.item.position = static_cast<std::int64_t>(draw.items.size());
        draw.items.push_back(std::move(one.item));
    }
    return draw;
}

} // namespace scrit::review
