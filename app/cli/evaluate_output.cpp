// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/evaluate_output.h"

#include "app/cli/session.h"
#include "app/cli/terminal.h"
#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>

namespace scrit::cli {
namespace {

constexpr std::size_t kMostChanges = 10; // shown of each kind and protocol

// A score with its interval, however it came.
struct Figure {
    std::string protocol;
    std::string dataset;
    std::string metric;
    std::int64_t n = 0;
    std::optional<double> value;
    std::optional<eval::Interval> interval;
};

Figure figureOf(const loop::Score& score) {
    return {score.protocol, score.dataset, score.metric, score.n, score.value, score.interval};
}

Figure figureOf(const model::EvaluationScore& score) {
    Figure figure{score.protocol, score.dataset, score.metric, score.n, score.value, {}};
    if (score.low && score.high) {
        figure.interval = eval::Interval{*score.low, *score.high};
    }
    return figure;
}

std::string scoreText(double value) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.1f %%", value * 100);
    return text.data();
}

std::string rangeText(const std::optional<eval::Interval>& interval) {
    std::array<char, 48> text{};
    if (interval) {
        std::snprintf(text.data(), text.size(), "%.1f – %.1f", interval->low * 100,
                      interval->high * 100);
    }
    return text.data();
}

std::string datasetText(const std::string& dataset) {
    return dataset.empty() ? "all" : base::escapeForTerminal(dataset);
}

Json rangeJson(const std::optional<eval::Interval>& interval) {
    return interval ? Json::array({interval->low, interval->high}) : Json();
}

Json idOrNull(std::int64_t id) {
    return id == 0 ? Json() : Json(id);
}

template<typename Scores>
Json figuresJson(const Scores& scores) {
    Json list = Json::array();
    for (const auto& score : scores) {
        const Figure figure = figureOf(score);
        list.push_back({{"protocol", figure.protocol},
                        {"dataset", textOrNull(figure.dataset)},
                        {"metric", figure.metric},
                        {"n", figure.n},
                        {"value", valueOrNull(figure.value)},
                        {"interval", rangeJson(figure.interval)}});
    }
    return list;
}

template<typename Scores>
void printFigures(const Scores& scores) {
    Table table(
        {{"protocol"}, {"data set"}, {"metric"}, {"n", true}, {"value", true}, {"95 %", true}});
    for (const auto& score : scores) {
        const Figure figure = figureOf(score);
        const bool isCount = figure.metric == "missing";
        if (isCount && figure.value == 0.0) {
            continue;
        }
        table.add({figure.protocol, datasetText(figure.dataset), figure.metric,
                   std::to_string(figure.n),
                   !figure.value ? "–"
                   : isCount     ? std::to_string(static_cast<std::int64_t>(*figure.value))
                                 : scoreText(*figure.value),
                   rangeText(figure.interval)});
    }
    table.finish();
}

std::string itemChangeText(const loop::ItemChange& item) {
    const auto critique = [](std::int64_t id) {
        return id == 0 ? "–" : std::to_string(id);
    };
    std::string text = "  problem " + std::to_string(item.problemId) + ", solution " +
                       std::to_string(item.solutionAfter);
    if (item.solutionBefore != item.solutionAfter) {
        text += " (before " + std::to_string(item.solutionBefore) + ")";
    }
    return text + ": critique " + critique(item.critiqueBefore) + " → " +
           critique(item.critiqueAfter) + "\n";
}

void printChanges(const loop::EvaluationComparison& comparison, const char* heading,
                  bool (loop::ItemChange::*test)() const) {
    std::vector<std::string> protocols;
    for (const loop::ItemChange& item : comparison.items) {
        if (std::find(protocols.begin(), protocols.end(), item.protocol) == protocols.end()) {
            protocols.push_back(item.protocol);
        }
    }
    for (const std::string& protocol : protocols) {
        std::size_t count = 0;
        std::string lines;
        for (const loop::ItemChange& item : comparison.items) {
            if (item.protocol == protocol && (item.*test)() && ++count <= kMostChanges) {
                lines += itemChangeText(item);
            }
        }
        if (count > 0) {
            print("\n" + protocol + ": " + heading + " (" + std::to_string(count) + ")\n" + lines);
            if (count > kMostChanges) {
                print("  … and " + std::to_string(count - kMostChanges) +
                      " more; --json has them all\n");
            }
        }
    }
}

const char* changeName(const loop::ItemChange& item) {
    return item.isFixed() ? "fixed" : item.isBroken() ? "broken" : item.after ? "right" : "wrong";
}

} // namespace

Json scoresJson(const std::vector<loop::Score>& scores) {
    return figuresJson(scores);
}
Json scoresJson(const std::vector<model::EvaluationScore>& scores) {
    return figuresJson(scores);
}
void printScores(const std::vector<loop::Score>& scores) {
    printFigures(scores);
}
void printScores(const std::vector<model::EvaluationScore>& scores) {
    printFigures(scores);
}

Json differencesJson(const std::vector<loop::Difference>& differences) {
    Json list = Json::array();
    for (const loop::Difference& row : differences) {
        list.push_back({{"protocol", row.protocol},
                        {"dataset", textOrNull(row.dataset)},
                        {"metric", row.metric},
                        {"n", row.n},
                        {"before", row.before},
                        {"after", row.after},
                        {"difference", row.after - row.before},
                        {"interval", rangeJson(row.interval)},
                        {"significant", row.significant},
                        {"fixed", row.tellsItems ? Json(row.fixed) : Json()},
                        {"broken", row.tellsItems ? Json(row.broken) : Json()}});
    }
    return list;
}

void printDifferences(const std::vector<loop::Difference>& differences) {
    Table table({{"protocol"},
                 {"data set"},
                 {"metric"},
                 {"n", true},
                 {"before", true},
                 {"after", true},
                 {"change, 95 %", true},
                 {"fixed", true},
                 {"broken", true},
                 {""}});
    for (const loop::Difference& row : differences) {
        const bool worse = row.significant && row.after < row.before;
        table.add({row.protocol, datasetText(row.dataset), row.metric, std::to_string(row.n),
                   scoreText(row.before), scoreText(row.after), rangeText(row.interval),
                   row.tellsItems ? std::to_string(row.fixed.size()) : "–",
                   row.tellsItems ? std::to_string(row.broken.size()) : "–",
                   worse             ? "regression"
                   : row.significant ? "significant"
                                     : ""});
    }
    table.finish();
}

Json frozenSetJson(const model::FrozenSet& set) {
    return {{"id", set.id},
            {"name", set.name},
            {"hash", set.hash},
            {"of", std::string(model::name(set.members)) + "s"},
            {"size", set.size},
            {"problems", set.problems},
            {"filter", set.filter},
            {"settings", embedded(set.settings)},
            {"created_at", set.createdAt}};
}

void printFrozenSets(const std::vector<model::FrozenSet>& sets) {
    Table table({{"set"}, {"of"}, {"size", true}, {"problems", true}, {"hash"}, {"filter"}});
    for (const model::FrozenSet& set : sets) {
        table.add({base::escapeForTerminal(set.name), std::string(model::name(set.members)) + "s",
                   std::to_string(set.size), std::to_string(set.problems), set.hash.substr(0, 12),
                   base::escapeForTerminal(set.filter)});
    }
    table.finish();
}

Json evaluationJson(const model::Evaluation& evaluation) {
    return {{"id", evaluation.id},
            {"model", evaluation.critic},
            {"set", textOrNull(evaluation.set)},
            {"suites", evaluation.suites},
            {"state", model::name(evaluation.state)},
            {"error", textOrNull(evaluation.error)},
            {"run", valueOrNull(evaluation.runId)},
            {"round_id", valueOrNull(evaluation.roundId)},
            {"settings", embedded(evaluation.settings)},
            {"created_at", evaluation.createdAt}};
}

void printEvaluations(const std::vector<model::Evaluation>& evaluations) {
    Table table({{"evaluation", true},
                 {"model"},
                 {"set"},
                 {"suites"},
                 {"state"},
                 {"run", true},
                 {"", false, true}});
    for (const model::Evaluation& one : evaluations) {
        table.add({std::to_string(one.id), base::escapeForTerminal(one.critic),
                   one.set.empty() ? "–" : base::escapeForTerminal(one.set), one.suites,
                   std::string(model::name(one.state)),
                   one.runId ? std::to_string(*one.runId) : "–",
                   base::escapeForTerminal(one.error)});
    }
    table.finish();
}

Json reportJson(const loop::EvaluationReport& report) {
    return {{"evaluation", evaluationJson(report.evaluation)},
            {"suite", report.evaluation.suites},
            {"items", report.items},
            {"missing", report.missing},
            {"failed", report.failed},
            {"unlabelled", report.unlabelled},
            {"scores", scoresJson(report.scores)}};
}

void printReport(const loop::EvaluationReport& report) {
    const model::Evaluation& evaluation = report.evaluation;
    print("Evaluation " + std::to_string(evaluation.id) + ": " +
          base::escapeForTerminal(evaluation.critic) +
          (evaluation.set.empty() ? "" : " on " + base::escapeForTerminal(evaluation.set)) + "\n");
    printScores(report.scores);
}

Json comparisonJson(const loop::EvaluationComparison& comparison, const std::string& to) {
    Json items = Json::array();
    for (const loop::ItemChange& item : comparison.items) {
        items.push_back({{"protocol", item.protocol},
                         {"dataset", item.dataset},
                         {"problem", item.problemId},
                         {"solution", item.solutionAfter},
                         {"solution_before", item.solutionBefore},
                         {"sample", item.sample},
                         {"critique_before", idOrNull(item.critiqueBefore)},
                         {"critique_after", idOrNull(item.critiqueAfter)},
                         {"change", changeName(item)}});
    }
    return {{"to", textOrNull(to)},
            {"before", evaluationJson(comparison.before)},
            {"after", evaluationJson(comparison.after)},
            {"same_set", comparison.sameSet},
            {"same_settings", comparison.sameSettings},
            {"differences", differencesJson(comparison.differences)},
            {"items", std::move(items)}};
}

void printComparison(const loop::EvaluationComparison& comparison, const std::string& to) {
    print("\nAgainst " + (to.empty() ? "" : to + ", ") + "evaluation " +
          std::to_string(comparison.before.id) + " (" +
          base::escapeForTerminal(comparison.before.critic) + ")" +
          (comparison.sameSettings ? "" : ", asked with other settings") + "\n");
    printDifferences(comparison.differences);
    printChanges(comparison, "broken", &loop::ItemChange::isBroken);
    printChanges(comparison, "fixed", &loop::ItemChange::isFixed);
}

} // namespace scrit::cli
