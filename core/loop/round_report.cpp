// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/loop/round_report.h"

#include "core/eval/critique_correct.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace scrit::loop {
namespace {

using base::Expected;
using base::fail;
using Json = nlohmann::ordered_json;

Json numberOrNull(const std::optional<double>& value) {
    return value ? Json(*value) : Json();
}

Json rateJson(const ValidationRate& rate) {
    Json json;
    if (!rate.group.empty()) {
        json["group"] = rate.group;
    }
    json["n"] = rate.n;
    json["validated"] = rate.validated;
    json["rate"] = numberOrNull(rate.rate());
    json["low"] = rate.n > 0 ? Json(rate.interval().low) : Json();
    json["high"] = rate.n > 0 ? Json(rate.interval().high) : Json();
    return json;
}

ValidationRate rateFrom(const Json& json) {
    return {json.value("group", ""), json.value("n", std::int64_t{0}),
            json.value("validated", std::int64_t{0})};
}

Json ratesJson(const std::vector<ValidationRate>& rates) {
    Json list = Json::array();
    for (const ValidationRate& rate : rates) {
        list.push_back(rateJson(rate));
    }
    return list;
}

std::vector<ValidationRate> ratesFrom(const Json& json, const char* key) {
    std::vector<ValidationRate> rates;
    for (const Json& rate : json.value(key, Json::array())) {
        rates.push_back(rateFrom(rate));
    }
    return rates;
}

// Names and members of the funnel in their order.
using Count = std::pair<const char*, std::int64_t RoundFunnel::*>;
constexpr Count kCounts[] = {{"problems", &RoundFunnel::problems},
                             {"solutions", &RoundFunnel::solutions},
                             {"solutions_correct", &RoundFunnel::solutionsCorrect},
                             {"solutions_incorrect", &RoundFunnel::solutionsIncorrect},
                             {"selected", &RoundFunnel::selected},
                             {"critiques", &RoundFunnel::critiques},
                             {"parsed", &RoundFunnel::parsed},
                             {"answer_matched", &RoundFunnel::answerMatched},
                             {"judged", &RoundFunnel::judged},
                             {"validated", &RoundFunnel::validated},
                             {"validated_matched", &RoundFunnel::validatedMatched},
                             {"failed", &RoundFunnel::failed}};

Json countOrNull(const std::optional<std::int64_t>& count) {
    return count ? Json(*count) : Json();
}

std::optional<std::int64_t> countFrom(const Json& json, const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_number_integer()
               ? std::optional(found->get<std::int64_t>())
               : std::nullopt;
}

Json changeJson(const std::optional<ScoreChange>& change) {
    if (!change) {
        return {};
    }
    return {{"value", change->value},
            {"low", change->interval.low},
            {"high", change->interval.high},
            {"significant", change->significant},
            {"fixed", countOrNull(change->fixed)},
            {"broken", countOrNull(change->broken)}};
}

std::optional<ScoreChange> changeFrom(const Json& json, const char* key) {
    const auto found = json.find(key);
    if (found == json.end() || found->is_null()) {
        return std::nullopt;
    }
    ScoreChange change;
    change.value = found->value("value", 0.0);
    change.interval = {found->value("low", 0.0), found->value("high", 0.0)};
    change.significant = found->value("significant", false);
    change.fixed = countFrom(*found, "fixed");
    change.broken = countFrom(*found, "broken");
    return change;
}

Json scoreJson(const RoundScore& score) {
    return {{"set", score.set},
            {"protocol", score.protocol},
            {"dataset", score.dataset},
            {"metric", score.metric},
            {"n", score.n},
            {"value", numberOrNull(score.value)},
            {"low", score.interval ? Json(score.interval->low) : Json()},
            {"high", score.interval ? Json(score.interval->high) : Json()},
            {"to_base", changeJson(score.toBase)},
            {"to_previous", changeJson(score.toPrevious)},
            {"evaluation", score.evaluationId}};
}

std::optional<double> numberFrom(const Json& json, const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_number() ? std::optional(found->get<double>())
                                                     : std::nullopt;
}

RoundScore scoreFrom(const Json& json) {
    RoundScore score;
    score.set = json.value("set", "");
    score.protocol = json.value("protocol", "");
    score.dataset = json.value("dataset", "");
    score.metric = json.value("metric", "");
    score.n = json.value("n", std::int64_t{0});
    score.value = numberFrom(json, "value");
    const auto low = numberFrom(json, "low");
    const auto high = numberFrom(json, "high");
    if (low && high) {
        score.interval = eval::Interval{*low, *high};
    }
    score.toBase = changeFrom(json, "to_base");
    score.toPrevious = changeFrom(json, "to_previous");
    score.evaluationId = json.value("evaluation", std::int64_t{0});
    return score;
}

bool isWorse(const std::optional<ScoreChange>& change) {
    return change && change->significant && change->value < 0;
}

Json regressionsJson(const RoundReport& report) {
    Json list = Json::array();
    for (const RoundScore* score : report.regressions()) {
        const bool previous = isWorse(score->toPrevious);
        list.push_back({{"set", score->set},
                        {"protocol", score->protocol},
                        {"dataset", score->dataset},
                        {"metric", score->metric},
                        {"against", previous ? "previous" : "base"},
                        {"change", (previous ? score->toPrevious : score->toBase)->value}});
    }
    return list;
}

RoundReport readReport(const Json& json) {
    RoundReport report;
    report.model = json.value("model", "");
    report.runId = json.value("run", std::int64_t{0});
    report.trainingId = json.value("training", std::int64_t{0});
    if (const auto found = json.find("funnel"); found != json.end() && found->is_object()) {
        report.funnel.emplace();
        for (const auto& [name, member] : kCounts) {
            (*report.funnel).*member = found->value(name, std::int64_t{0});
        }
    }
    if (const auto found = json.find("validation"); found != json.end() && found->is_object()) {
        report.validation = rateFrom(*found);
    }
    report.byAnswers = ratesFrom(json, "validation_by_answers");
    report.byLevel = ratesFrom(json, "validation_by_level");
    for (const Json& step : json.value("curated", Json::array())) {
        report.curated.emplace_back(step.value("step", ""), step.value("left", std::int64_t{0}));
    }
    if (const auto kept = json.find("kept"); kept != json.end() && kept->is_number()) {
        report.kept = kept->get<std::int64_t>();
    }
    report.dataset = json.value("dataset", "");
    const Json losses = json.value("losses", Json::object());
    report.steps = losses.value("steps", std::int64_t{0});
    report.firstLoss = numberFrom(losses, "first");
    report.lastLoss = numberFrom(losses, "last");
    for (const Json& score : json.value("scores", Json::array())) {
        report.scores.push_back(scoreFrom(score));
    }
    const Json seconds = json.value("seconds", Json::object());
    for (const auto& [stage, spent] : seconds.items()) {
        report.seconds.emplace_back(stage, spent.get<double>());
    }
    report.error = json.value("error", "");
    return report;
}

} // namespace

std::optional<double> ValidationRate::rate() const {
    return n > 0 ? std::optional(static_cast<double>(validated) / static_cast<double>(n))
                 : std::nullopt;
}

eval::Interval ValidationRate::interval() const {
    return eval::wilson(validated, n);
}

bool isHeadline(const RoundScore& score) {
    return score.dataset.empty() &&
           (score.metric == "f1" ||
            (score.metric == "cc_acc" && score.protocol == eval::kCritiqueCorrectProtocol));
}

const RoundScore* RoundReport::score(std::string_view set, std::string_view protocol,
                                     std::string_view metric) const {
    const auto found = std::find_if(scores.begin(), scores.end(), [&](const RoundScore& one) {
        return one.set == set && one.protocol == protocol && one.metric == metric &&
               one.dataset.empty();
    });
    return found == scores.end() ? nullptr : &*found;
}

std::vector<const RoundScore*> RoundReport::regressions() const {
    std::vector<const RoundScore*> worse;
    for (const RoundScore& one : scores) {
        if (isWorse(one.toBase) || isWorse(one.toPrevious)) {
            worse.push_back(&one);
        }
    }
    return worse;
}

std::string reportJson(const RoundReport& report) {
    Json json{{"model", report.model}, {"run", report.runId}, {"training", report.trainingId}};
    if (report.funnel) {
        Json funnel;
        for (const auto& [name, member] : kCounts) {
            funnel[name] = (*report.funnel).*member;
        }
        json["funnel"] = std::move(funnel);
    }
    json["validation"] = report.validation ? rateJson(*report.validation) : Json();
    json["validation_by_answers"] = ratesJson(report.byAnswers);
    json["validation_by_level"] = ratesJson(report.byLevel);
    Json curated = Json::array();
    for (const auto& [step, left] : report.curated) {
        curated.push_back({{"step", step}, {"left", left}});
    }
    json["curated"] = std::move(curated);
    json["kept"] = report.kept ? Json(*report.kept) : Json();
    json["dataset"] = report.dataset;
    json["losses"] = {{"steps", report.steps},
                      {"first", numberOrNull(report.firstLoss)},
                      {"last", numberOrNull(report.lastLoss)}};
    Json scores = Json::array();
    for (const RoundScore& score : report.scores) {
        scores.push_back(scoreJson(score));
    }
    json["scores"] = std::move(scores);
    json["regressions"] = regressionsJson(report);
    Json seconds = Json::object();
    for (const auto& [stage, spent] : report.seconds) {
        seconds[stage] = spent;
    }
    json["seconds"] = std::move(seconds);
    json["error"] = report.error;
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Expected<RoundReport> reportOfRound(const model::Round& round) {
    try {
        RoundReport report = readReport(Json::parse(round.report));
        report.number = round.number;
        return report;
    } catch (const Json::exception&) {
        return fail(base::ErrorCode::Invalid, "the report of round " +
                                                  std::to_string(round.number) + " of " +
                                                  round.series + " cannot be read");
    }
}

} // namespace scrit::loop
