// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/annotation_rules.h"

#include <tuple>
#include <unordered_map>

namespace scrit::store {

namespace {

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

// What each annotation supersedes, by place.
std::vector<std::size_t> targetsOf(std::span<const model::Annotation> annotations) {
    std::unordered_map<std::int64_t, std::size_t> places;
    for (std::size_t i = 0; i < annotations.size(); ++i) {
        places.emplace(annotations[i].id, i);
    }
    std::vector<std::size_t> targets(annotations.size(), kNone);
    for (std::size_t i = 0; i < annotations.size(); ++i) {
        if (!annotations[i].supersedes) {
            continue;
        }
        const auto found = places.find(*annotations[i].supersedes);
        if (found != places.end() &&
            annotations[found->second].annotator == annotations[i].annotator) {
            targets[i] = found->second;
        }
    }
    return targets;
}

// Which annotations no undo takes back. An undo may be undone, too: each is decided once all undos
// that supersede it are; those in a circle never are.
std::vector<bool> standing(std::span<const model::Annotation> annotations,
                           const std::vector<std::size_t>& targets) {
    const std::size_t n = annotations.size();
    std::vector<std::size_t> open(n, 0); // undos of it that are not decided yet
    const auto undoes = [&](std::size_t i) {
        return targets[i] != kNone && annotations[i].kind == "undo";
    };
    for (std::size_t i = 0; i < n; ++i) {
        if (undoes(i)) {
            ++open[targets[i]];
        }
    }
    std::vector<std::size_t> decided;
    for (std::size_t i = 0; i < n; ++i) {
        if (open[i] == 0) {
            decided.push_back(i);
        }
    }
    std::vector<bool> undone(n, false);
    std::vector<bool> stands(n, false);
    while (!decided.empty()) {
        const std::size_t i = decided.back();
        decided.pop_back();
        stands[i] = !undone[i];
        if (!undoes(i)) {
            continue;
        }
        if (stands[i]) {
            undone[targets[i]] = true;
        }
        if (--open[targets[i]] == 0) {
            decided.push_back(targets[i]);
        }
    }
    return stands;
}

} // namespace

std::vector<bool> annotationsInForce(std::span<const model::Annotation> annotations) {
    const std::vector<std::size_t> targets = targetsOf(annotations);
    const std::vector<bool> stands = standing(annotations, targets);
    std::vector<bool> result(annotations.size());
    for (std::size_t i = 0; i < annotations.size(); ++i) {
        const std::string& kind = annotations[i].kind;
        result[i] = stands[i] && kind != "undo" && kind != "withdrawn";
    }
    for (std::size_t i = 0; i < annotations.size(); ++i) {
        if (targets[i] != kNone && stands[i]) {
            result[targets[i]] = false;
        }
    }
    return result;
}

bool outranks(const model::Annotation& a, const model::Annotation& b) {
    const auto rank = [](const model::Annotation& one) {
        return std::tuple<bool, std::int64_t, const std::string&, std::int64_t>(
            one.annotator.starts_with(kAdjudicatorPrefix), one.createdAt, one.annotator, one.id);
    };
    return rank(a) > rank(b);
}

std::optional<std::string> repairedAnswer(std::span<const model::Annotation> annotations) {
    const std::vector<bool> counts = annotationsInForce(annotations);
    const model::Annotation* best = nullptr;
    for (std::size_t i = 0; i < annotations.size(); ++i) {
        if (counts[i] && annotations[i].kind == "answer" &&
            (best == nullptr || outranks(annotations[i], *best))) {
            best = &annotations[i];
        }
    }
    return best == nullptr ? std::nullopt : std::optional(best->value);
}

} // namespace scrit::store
