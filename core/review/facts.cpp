// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/review/facts.h"

#include "core/base/text.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace scrit::review {
namespace {

using PlainJson = nlohmann::json;

constexpr std::size_t kMaxNameBytes = 200;

std::string orElse(const std::string& text, const char* otherwise) {
    return text.empty() ? std::string(otherwise) : text;
}

std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
        }
        out += c;
    }
    return out + "\"";
}

std::string textOr(const PlainJson& json, const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::int64_t numberOr(const PlainJson& json, const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

} // namespace

MachineOpinion opinionOf(const store::CritiqueFacts& facts) {
    return {facts.validated, facts.answerMatch, facts.conclusion, facts.firstError, facts.flags};
}

std::optional<Validity> validityOf(const Judgement& judgement, const MachineOpinion& machine) {
    if (const std::optional<bool> accepted = accepts(judgement, machine)) {
        return *accepted ? Validity::Valid : Validity::Invalid;
    }
    const bool unsure =
        judgement.validity == Validity::Unsure || judgement.agreement == Agreement::Unsure;
    return unsure ? std::optional(Validity::Unsure) : std::nullopt;
}

std::string stratumWord(Stratum stratum, const store::CritiqueFacts& facts, int answers) {
    switch (stratum) {
    case Stratum::Source:
        return orElse(facts.source, "no-source");
    case Stratum::Difficulty:
        return std::to_string(answers) + (answers == 1 ? "-answer" : "-answers");
    case Stratum::Round:
        return "round-" + std::to_string(facts.round);
    case Stratum::Verdict:
        return facts.conclusion ? std::string(model::name(*facts.conclusion)) : "no-verdict";
    case Stratum::Validated:
        if (!facts.validated) {
            return "unvalidated";
        }
        return *facts.validated == model::Outcome::Yes  ? "validated"
               : *facts.validated == model::Outcome::No ? "rejected"
                                                        : "undecided";
    case Stratum::Mode:
        return std::string(model::name(facts.mode));
    case Stratum::Student:
        return orElse(facts.student, "no-student");
    case Stratum::Critic:
        return orElse(facts.critic, "no-critic");
    }
    return {};
}

std::string stratumFilter(Stratum stratum, const std::string& word) {
    switch (stratum) {
    case Stratum::Source:
        return word == "no-source" ? std::string() : "source:" + quoted(word);
    case Stratum::Difficulty:
        return "unique-answers:" + word.substr(0, word.find('-'));
    case Stratum::Round:
        return "round:" + word.substr(std::string("round-").size());
    case Stratum::Verdict:
        return "verdict:" + (word == "no-verdict" ? std::string("none") : word);
    case Stratum::Validated:
        return "validated:" + std::string(word == "validated"   ? "yes"
                                          : word == "rejected"  ? "no"
                                          : word == "undecided" ? "undecided"
                                                                : "none");
    case Stratum::Mode:
        return "mode:" + word;
    case Stratum::Student:
        return word == "no-student" ? std::string() : "student:" + quoted(word);
    case Stratum::Critic:
        return word == "no-critic" ? std::string() : "critic:" + quoted(word);
    }
    return {};
}

Plan planOf(const store::ReviewPlanRow& row) {
    Plan plan;
    plan.id = row.id;
    plan.uid = row.uid;
    plan.name = row.name;
    plan.filter = row.filter;
    plan.queue = queueFromName(row.strategy).value_or(Queue::Filter);
    plan.seed = row.seed;
    plan.blind = row.blind;
    plan.items = row.items;
    plan.goldItems = row.goldItems;
    plan.done = row.done;
    plan.createdAt = row.createdAt;
    const PlainJson settings = PlainJson::parse(row.settings, nullptr, false);
    if (!settings.is_object()) {
        return plan;
    }
    plan.quota = quotaFromName(textOr(settings, "quota")).value_or(Quota::Proportional);
    if (const auto strata = settings.find("strata");
        strata != settings.end() && strata->is_array()) {
        for (const PlainJson& one : *strata) {
            const auto stratum =
                one.is_string() ? stratumFromName(one.get<std::string>()) : std::nullopt;
            if (stratum) {
                plan.strata.push_back(*stratum);
            }
        }
    }
    if (const auto shares = settings.find("shares");
        shares != settings.end() && shares->is_array()) {
        for (const PlainJson& one : *shares) {
            if (one.is_object()) {
                plan.shares.push_back(
                    {textOr(one, "name"), numberOr(one, "available"), numberOr(one, "chosen")});
            }
        }
    }
    return plan;
}

std::optional<bool> givesGold(const GoldAnswer& known, const Judgement& judgement,
                              const MachineOpinion& machine) {
    const std::optional<bool> accepted = accepts(judgement, machine);
    if (known.valid) {
        return accepted ? std::optional(*accepted == *known.valid) : std::nullopt;
    }
    if (!known.firstError) {
        return std::nullopt;
    }
    if (const std::optional<int> step = firstErrorOf(judgement)) {
        return *step == *known.firstError;
    }
    if (!accepted || !machine.firstError) {
        return std::nullopt;
    }
    if (*machine.firstError != *known.firstError) {
        return !*accepted;
    }
    // A critique that names the right step may still be refused for its correction.
    return *accepted ? std::optional(true) : std::nullopt;
}

std::optional<int> goldMark(const std::string& gold, const std::optional<Judgement>& judgement,
                            const MachineOpinion& machine) {
    const std::optional<GoldAnswer> known = goldFromText(gold);
    if (!known) {
        return std::nullopt;
    }
    const std::optional<bool> right =
        judgement ? givesGold(*known, *judgement, machine) : std::nullopt;
    return right ? (*right ? 1 : 0) : 2;
}

std::vector<model::Annotation> afterAdding(std::vector<model::Annotation> annotations,
                                           std::span<const model::Annotation> added) {
    std::int64_t last = 0;
    std::int64_t newest = 0;
    for (const model::Annotation& one : annotations) {
        last = std::max(last, one.id);
        newest = std::max(newest, one.createdAt);
    }
    for (const model::Annotation& one : added) {
        last = std::max(last, one.supersedes.value_or(0));
    }
    for (const model::Annotation& one : added) {
        annotations.push_back(one);
        annotations.back().id = ++last;
        if (annotations.back().createdAt == 0) {
            annotations.back().createdAt = newest;
        }
    }
    return annotations;
}

std::vector<model::Annotation> standingOf(std::span<const model::Annotation> annotations,
                                          const std::string& annotator) {
    const std::vector<bool> counts = inForce(annotations);
    std::vector<model::Annotation> standing;
    for (std::size_t i = 0; i < annotations.size(); ++i) {
        if (counts[i] && annotations[i].annotator == annotator) {
            standing.push_back(annotations[i]);
        }
    }
    return standing;
}

base::Expected<void> checkAnnotator(std::string_view name) {
    if (base::trimmed(name).empty()) {
        return base::fail(base::ErrorCode::Invalid, "an annotator needs a name");
    }
    if (name.size() > kMaxNameBytes || !base::isValidUtf8(name) ||
        base::escapeForTerminal(name) != name ||
        name.find_first_of("\n\t") != std::string_view::npos) {
        return base::fail(base::ErrorCode::Invalid,
                          "the annotator's name must be one line of at most 200 bytes");
    }
    if (isAdjudicator(name)) {
        return base::fail(base::ErrorCode::Invalid,
                          "the annotator's name must not begin with \"adjudicated:\"");
    }
    return {};
}

} // namespace scrit::review
