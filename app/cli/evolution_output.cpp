// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/evolution_output.h"

#include "app/cli/terminal.h"
#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <set>

namespace scrit::cli {
namespace {

using loop::RoundReport;
using loop::RoundScore;

std::string plainPercent(double value) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.1f", value * 100);
    return text.data();
}

std::string countOrDash(const std::optional<std::int64_t>& value) {
    return value ? std::to_string(*value) : "–";
}

// "+12.3*": the star says that the interval leaves out 0.
std::string roundChangeText(const std::optional<loop::ScoreChange>& change) {
    if (!change) {
        return "";
    }
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%+.1f", change->value * 100);
    return text.data() + std::string(change->significant ? "*" : "");
}

Json roundChangeJson(const std::optional<loop::ScoreChange>& change) {
    return change ? Json{{"value", change->value},
                         {"low", change->interval.low},
                         {"high", change->interval.high},
                         {"significant", change->significant},
                         {"fixed", valueOrNull(change->fixed)},
                         {"broken", valueOrNull(change->broken)}}
                  : Json();
}

std::vector<const RoundScore*> headlineScores(const std::vector<RoundScore>& scores) {
    std::vector<const RoundScore*> list;
    for (const RoundScore& score : scores) {
        if (loop::isHeadline(score)) {
            list.push_back(&score);
        }
    }
    return list;
}

std::string roundScoreName(const RoundScore& score) {
    return score.protocol + " " +
           (score.metric == "f1"       ? std::string("F1")
            : score.metric == "cc_acc" ? std::string("acc")
                                       : score.metric);
}

void printRoundScores(const loop::EvolutionState& state) {
    Table table({{"round", true},
                 {"model"},
                 {"set"},
                 {"score"},
                 {"n", true},
                 {"value [95 %]", true},
                 {"to base", true},
                 {"to previous", true}});
    for (const RoundReport& report : state.reports) {
        for (const RoundScore* score : headlineScores(report.scores)) {
            table.add({std::to_string(report.number), base::escapeForTerminal(report.model),
                       base::escapeForTerminal(score->set), roundScoreName(*score),
                       std::to_string(score->n), roundScoreText(score),
                       roundChangeText(score->toBase),
                       roundChangeText(score->toPrevious ? score->toPrevious : score->toBase)});
        }
    }
    table.finish();
}

void printFunnels(const loop::EvolutionState& state) {
    Table table({{"round", true},
                 {"state"},
                 {"problems", true},
                 {"solutions", true},
                 {"wrong", true},
                 {"critiques", true},
                 {"parsed", true},
                 {"answer right", true},
                 {"validated", true},
                 {"kept", true}});
    for (std::size_t i = 0; i < state.rounds.size(); ++i) {
        const RoundReport& report = state.reports[i];
        const model::Round& round = state.rounds[i];
        if (!report.funnel) {
            table.add({std::to_string(round.number), std::string(model::name(round.state)), "–",
                       "–", "–", "–", "–", "–", "–", countOrDash(report.kept)});
            continue;
        }
        const loop::RoundFunnel& funnel = *report.funnel;
        table.add({std::to_string(round.number), std::string(model::name(round.state)),
                   std::to_string(funnel.problems), std::to_string(funnel.solutions),
                   std::to_string(funnel.solutionsIncorrect), std::to_string(funnel.critiques),
                   std::to_string(funnel.parsed), std::to_string(funnel.answerMatched),
                   validationText(report.validation), countOrDash(report.kept)});
    }
    table.finish();
}

void printDifficulty(const loop::EvolutionState& state) {
    const bool levels = std::any_of(state.reports.begin(), state.reports.end(),
                                    [](const RoundReport& one) { return !one.byLevel.empty(); });
    bool any = false;
    Table table({{"round", true}, {levels ? "level" : "different answers"}, {"passes", true}});
    for (const RoundReport& report : state.reports) {
        for (const loop::ValidationRate& rate : levels ? report.byLevel : report.byAnswers) {
            any = true;
            table.add({std::to_string(report.number), base::escapeForTerminal(rate.group),
                       validationText(rate)});
        }
    }
    if (any) {
        print("\nSelf-validation by difficulty\n");
        table.finish();
    }
}

void printRegressions(const loop::EvolutionState& state) {
    for (const RoundReport& report : state.reports) {
        std::set<std::string> datasets;
        for (const RoundScore& score : report.scores) {
            datasets.insert(score.dataset);
        }
        for (const RoundScore* score : report.regressions()) {
            if (!score->dataset.empty() && datasets.size() < 3) {
                continue; // the only data set is the total
            }
            print("round " + std::to_string(report.number) + ": " + roundScoreName(*score) +
                  (score->dataset.empty() ? "" : " of " + base::escapeForTerminal(score->dataset)) +
                  " is lower than before (to base " + roundChangeText(score->toBase) +
                  (score->toPrevious ? ", to previous " + roundChangeText(score->toPrevious) : "") +
                  ")\n");
        }
    }
}

} // namespace

std::string roundScoreText(const RoundScore* score) {
    if (score == nullptr || !score->value) {
        return "–";
    }
    std::string text = plainPercent(*score->value);
    if (score->interval) {
        text += " [" + plainPercent(score->interval->low) + ", " +
                plainPercent(score->interval->high) + "]";
    }
    return text;
}

std::string validationText(const std::optional<loop::ValidationRate>& rate) {
    return rate && rate->rate() ? plainPercent(*rate->rate()) + " % of " + std::to_string(rate->n)
                                : "–";
}

Json evolutionJson(const loop::EvolutionState& state) {
    Json rounds = Json::array();
    for (const model::Round& round : state.rounds) {
        Json one{{"round", round.number},
                 {"state", model::name(round.state)},
                 {"stage", textOrNull(round.stage)}};
        one.update(embedded(round.report));
        rounds.push_back(std::move(one));
    }
    Json settings = state.rounds.empty() ? Json::object() : embedded(state.rounds.back().policy);
    settings.erase("recipe");
    return {{"series", state.series},
            {"recipe", state.request.recipe.name},
            {"done", state.done},
            {"settings", std::move(settings)},
            {"rounds", std::move(rounds)}};
}

void printEvolution(const loop::EvolutionState& state) {
    print(base::escapeForTerminal(state.series) + ": " +
          base::escapeForTerminal(state.request.recipe.name) + " on " +
          base::escapeForTerminal(state.request.base) + ", " + text(state.request.policy) + "\n\n");
    printFunnels(state);
    print("\nScores in percent; * the difference's 95 % interval leaves out 0\n");
    printRoundScores(state);
    printDifficulty(state);
    printRegressions(state);
    if (!state.reports.empty() && !state.reports.back().error.empty()) {
        print("\nnot done: " + base::escapeForTerminal(state.reports.back().error) + "\n");
    }
}

std::string evolutionLine(const loop::EvolutionProgress& progress) {
    std::string line = "round " + std::to_string(progress.round) + " of " +
                       std::to_string(progress.rounds) + "  " + progress.stage;
    if (!progress.message.empty() && progress.message != progress.stage) {
        line += "  " + progress.message;
    }
    if (progress.overall > 0) {
        line += "  " + std::to_string(static_cast<int>(progress.overall * 100)) + " %";
    }
    return line;
}

Json sweepJson(const loop::SweepTable& table) {
    const auto scores = [](const std::vector<const RoundScore*>& list, bool against) {
        Json json = Json::array();
        for (const RoundScore* score : list) {
            Json one{{"set", score->set},
                     {"protocol", score->protocol},
                     {"metric", score->metric},
                     {"n", score->n},
                     {"value", valueOrNull(score->value)},
                     {"low", score->interval ? Json(score->interval->low) : Json()},
                     {"high", score->interval ? Json(score->interval->high) : Json()}};
            one[against ? "to_first" : "to_base"] = roundChangeJson(score->toBase);
            json.push_back(std::move(one));
        }
        return json;
    };
    Json rows = Json::array();
    for (const loop::SweepRow& row : table.rows) {
        rows.push_back(
            {{"cell", row.cell},
             {"series", row.series},
             {"state", model::name(row.state)},
             {"error", textOrNull(row.error)},
             {"round", row.report.number},
             {"kept", valueOrNull(row.report.kept)},
             {"validation_rate",
              row.report.validation ? valueOrNull(row.report.validation->rate()) : Json()},
             {"scores", scores(headlineScores(row.report.scores), false)},
             {"against_first", scores(headlineScores(row.against), true)}});
    }
    return {{"sweep", table.sweep},
            {"done", table.done},
            {"base", scores(headlineScores(table.base), false)},
            {"cells", std::move(rows)}};
}

void printSweep(const loop::SweepTable& table) {
    std::vector<Table::Column> columns{{"cell", false, true}, {"kept", true}, {"validated", true}};
    std::vector<const RoundScore*> wanted = headlineScores(table.base);
    for (const RoundScore* score : wanted) {
        columns.push_back(
            {(wanted.size() > 3 ? score->set + " " : "") + roundScoreName(*score), true});
        columns.push_back({"Δ first", true});
    }
    Table rows(std::move(columns));
    const auto valueOf = [](const std::vector<RoundScore>& scores, const RoundScore& like) {
        const auto found = std::find_if(scores.begin(), scores.end(), [&](const RoundScore& one) {
            return one.set == like.set && one.protocol == like.protocol &&
                   one.metric == like.metric && one.dataset.empty();
        });
        return found == scores.end() ? nullptr : &*found;
    };
    std::vector<std::string> before{"before training", "–", "–"};
    for (const RoundScore* score : wanted) {
        before.push_back(roundScoreText(score));
        before.emplace_back();
    }
    rows.add(std::move(before));
    for (const loop::SweepRow& row : table.rows) {
        std::vector<std::string> cells{
            base::escapeForTerminal(row.cell) +
                (row.error.empty() ? "" : " (" + std::string(model::name(row.state)) + ")"),
            countOrDash(row.report.kept), validationText(row.report.validation)};
        for (const RoundScore* score : wanted) {
            cells.push_back(roundScoreText(valueOf(row.report.scores, *score)));
            const RoundScore* against = valueOf(row.against, *score);
            cells.push_back(against != nullptr ? roundChangeText(against->toBase) : std::string());
        }
        rows.add(std::move(cells));
    }
    print(
        "Scores in percent with 95 % intervals; Δ against the first cell on the same items, * its "
        "interval leaves out 0\n");
    rows.finish();
    for (const loop::SweepRow& row : table.rows) {
        if (!row.error.empty()) {
            print("\n" + base::escapeForTerminal(row.cell) + ": " +
                  base::escapeForTerminal(row.error) + "\n");
        }
    }
}

} // namespace scrit::cli
