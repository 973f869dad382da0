// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/loop/sweep.h"

#include "core/store/round_reader.h"

#include <algorithm>
#include <utility>

namespace scrit::loop {
namespace {

using base::ErrorCode;
using base::Expected;
using base::fail;

constexpr std::size_t kMostCells = 100;

// Replaces each cell by one for each value; cells are told apart in their names when there are
// several.
template<typename Value, typename Set, typename Label>
void spread(std::vector<EvolutionRequest>& cells, const std::vector<Value>& values, Set&& set,
            Label&& label) {
    if (values.empty()) {
        return;
    }
    std::vector<EvolutionRequest> next;
    for (const EvolutionRequest& cell : cells) {
        for (const Value& value : values) {
            EvolutionRequest one = cell;
            set(one, value);
            if (values.size() > 1) {
                one.series += (one.series.empty() ? "" : ", ") + std::string(label(value));
            }
            next.push_back(std::move(one));
        }
    }
    cells = std::move(next);
}

// The cells that are stored, in the order in which they were made.
Expected<std::vector<EvolutionState>> storedCells(store::Workspace& workspace,
                                                  const std::string& sweep) {
    const auto reader = workspace.reader();
    if (!reader) {
        return fail(reader.error());
    }
    const auto all = store::RoundReader(**reader).series();
    if (!all) {
        return fail(all.error());
    }
    std::vector<EvolutionState> cells;
    for (const store::SeriesRow& row : *all) {
        if (!row.name.starts_with(sweep + "/")) {
            continue;
        }
        auto state = readEvolution(workspace, row.name);
        if (!state) {
            return fail(std::move(state.error()));
        }
        if (state->request.sweep == sweep) {
            cells.push_back(std::move(*state));
        }
    }
    if (cells.empty()) {
        return fail(ErrorCode::NotFound, "there is no sweep " + sweep, "scrit sweep begins one");
    }
    std::sort(cells.begin(), cells.end(), [](const EvolutionState& a, const EvolutionState& b) {
        return a.rounds.front().id < b.rounds.front().id;
    });
    return cells;
}

// The last report of a round that ended after round 0; null when there is none.
const RoundReport* lastReport(const EvolutionState& state) {
    for (std::size_t i = state.rounds.size(); i-- > 1;) {
        if (state.rounds[i].state == model::JobState::Done) {
            return &state.reports[i];
        }
    }
    return nullptr;
}

// Scores of `report` with their differences to the same scores of `first`.
Expected<std::vector<RoundScore>> differences(store::Workspace& workspace, const RoundReport& first,
                                              const RoundReport& report, std::uint64_t seed) {
    std::vector<RoundScore> scores;
    for (const RoundScore& score : report.scores) {
        const RoundScore* before = first.score(score.set, score.protocol, score.metric);
        if (!isHeadline(score) || before == nullptr) {
            continue;
        }
        RoundReport compared;
        if (auto added = addEvaluation(workspace, score.evaluationId, before->evaluationId, 0, seed,
                                       compared);
            !added) {
            return fail(std::move(added.error()));
        }
        if (const RoundScore* one = compared.score(score.set, score.protocol, score.metric)) {
            scores.push_back(*one);
        }
    }
    return scores;
}

} // namespace

Expected<std::vector<EvolutionRequest>> cellsOf(const SweepRequest& request) {
    const std::string sweep = request.name.empty() ? "sweep" : request.name;
    EvolutionRequest first = request.common;
    first.series.clear();
    std::vector<EvolutionRequest> cells{std::move(first)};
    spread(
        cells, request.recipes,
        [](EvolutionRequest& cell, const Recipe& recipe) { cell.recipe = recipe; },
        [](const Recipe& recipe) { return recipe.name; });
    spread(
        cells, request.selfValidation,
        [](EvolutionRequest& cell, bool with) { cell.policy.selfValidation = with; },
        [](bool with) { return with ? "self-validated" : "unvalidated"; });
    spread(
        cells, request.examples,
        [](EvolutionRequest& cell, std::uint64_t most) { cell.policy.examples = most; },
        [](std::uint64_t most) {
            return most == 0 ? "all examples" : std::to_string(most) + " examples";
        });
    spread(
        cells, request.balances,
        [](EvolutionRequest& cell, const std::string& balance) { cell.policy.balance = balance; },
        [](const std::string& balance) { return balance; });
    spread(
        cells, request.orders,
        [](EvolutionRequest& cell, curate::Order order) { cell.policy.order = order; },
        [](curate::Order order) { return curate::name(order); });
    spread(
        cells, request.from,
        [](EvolutionRequest& cell, TrainFrom from) { cell.policy.from = from; },
        [](TrainFrom from) { return "from " + std::string(name(from)); });
    spread(
        cells, request.data, [](EvolutionRequest& cell, DataUse use) { cell.policy.data = use; },
        [](DataUse use) { return name(use); });
    if (cells.size() > kMostCells) {
        return fail(ErrorCode::Invalid,
                    "the grid has " + std::to_string(cells.size()) + " cells; at most " +
                        std::to_string(kMostCells) + " make a sweep",
                    "vary fewer things at once");
    }
    for (EvolutionRequest& cell : cells) {
        cell.sweep = sweep;
        cell.series = sweep + "/" + (cell.series.empty() ? "only" : cell.series);
    }
    return cells;
}

Expected<std::string> createSweep(store::Workspace& workspace, const SweepRequest& request,
                                  const train::MakeTrainer& makeTrainer) {
    const auto cells = cellsOf(request);
    if (!cells) {
        return fail(cells.error());
    }
    for (const EvolutionRequest& cell : *cells) { // nothing is stored when one makes no sense
        if (const auto preview = previewEvolution(workspace, cell, makeTrainer); !preview) {
            return fail(preview.error());
        }
    }
    for (const EvolutionRequest& cell : *cells) {
        if (const auto created = createEvolution(workspace, cell, makeTrainer); !created) {
            return fail(created.error());
        }
    }
    return cells->front().sweep;
}

Expected<void> runSweep(const std::shared_ptr<store::Workspace>& workspace,
                        const std::string& sweep, const EvolutionContext& context) {
    const auto cells = storedCells(*workspace, sweep);
    if (!cells) {
        return fail(cells.error());
    }
    std::size_t at = 0;
    std::size_t failed = 0;
    std::optional<base::Error> first;
    EvolutionContext inner = context;
    if (context.listener) {
        inner.listener = [&](const EvolutionProgress& progress) {
            EvolutionProgress all = progress;
            all.overall =
                (static_cast<double>(at) + progress.overall) / static_cast<double>(cells->size());
            context.listener(all);
        };
    }
    for (const EvolutionState& cell : *cells) {
        if (!cell.done) {
            auto ran = runEvolution(workspace, cell.series, inner);
            if (!ran && ran.error().code == ErrorCode::Cancelled) {
                return ran;
            }
            if (!ran) {
                ++failed;
                first = first ? first : std::optional(std::move(ran.error()));
            }
        }
        ++at;
    }
    if (failed == 0) {
        return {};
    }
    return fail(ErrorCode::Server,
                std::to_string(failed) + " of " + std::to_string(cells->size()) +
                    " cells failed, the first one: " + first->message,
                first->advice.empty() ? "scrit resume tries them again" : first->advice);
}

Expected<SweepTable> readSweep(store::Workspace& workspace, const std::string& sweep) {
    const auto cells = storedCells(workspace, sweep);
    if (!cells) {
        return fail(cells.error());
    }
    SweepTable table;
    table.sweep = sweep;
    table.done = true;
    const RoundReport* first = nullptr;
    for (const EvolutionState& cell : *cells) {
        SweepRow& row = table.rows.emplace_back();
        row.series = cell.series;
        row.cell = cell.series.substr(sweep.size() + 1);
        row.request = cell.request;
        row.state = cell.rounds.back().state;
        row.error = cell.reports.back().error;
        table.done = table.done && cell.done;
        if (table.base.empty() && cell.rounds.front().state == model::JobState::Done) {
            std::copy_if(cell.reports.front().scores.begin(), cell.reports.front().scores.end(),
                         std::back_inserter(table.base), isHeadline);
        }
        const RoundReport* report = lastReport(cell);
        if (report == nullptr) {
            continue;
        }
        row.report = *report;
        if (first == nullptr) {
            first = report;
            continue;
        }
        auto against = differences(workspace, *first, *report, cell.request.seed);
        if (!against) {
            return fail(std::move(against.error()));
        }
        row.against = std::move(*against);
    }
    return table;
}

} // namespace scrit::loop
