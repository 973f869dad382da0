// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/loop/scores.h"

#include "core/eval/confidence_critique.h"
#include "core/eval/critique_correct.h"
#include "core/eval/error_identification.h"
#include "core/store/outcome_reader.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <utility>

namespace scrit::loop {
namespace {

using base::Expected;
using eval::IdentificationProtocol;
using model::Outcome;
using store::CritiqueOutcome;

constexpr std::array<std::pair<Suite, std::string_view>, 3> kSuites{
    {{Suite::ErrorIdentification, "ei"},
     {Suite::CritiqueCorrect, "cc"},
     {Suite::ConfidenceCritique, "clcs"}}};
constexpr std::array kProtocols{IdentificationProtocol::Strict, IdentificationProtocol::Scrit};

// The critiques of one critic and round for one solution; one of them unless a critic was sampled
// several times.
struct Judgement {
    std::int64_t solutionId = 0;
    std::vector<CritiqueOutcome> critiques;

    [[nodiscard]] const CritiqueOutcome& first() const { return critiques.front(); }
};

// Two critics, or rounds, that judge one solution are two judgements of it.
Expected<std::vector<Judgement>> judgements(store::Reader& reader, const std::string& filter) {
    std::vector<Judgement> all;
    std::map<std::pair<std::string, int>, std::size_t> ofSolution; // of the solution at hand
    std::int64_t solution = -1;
    const Expected<void> read =
        store::OutcomeReader(reader).forEach(filter, [&](const CritiqueOutcome& outcome) {
            if (outcome.solutionId != solution) {
                solution = outcome.solutionId;
                ofSolution.clear();
            }
            const auto [place, isNew] =
                ofSolution.try_emplace({outcome.critic, outcome.round}, all.size());
            if (isNew) {
                all.push_back({solution, {}});
            }
            all[place->second].critiques.push_back(outcome);
            return true;
        });
    return read ? Expected<std::vector<Judgement>>(std::move(all)) : base::fail(read.error());
}

std::optional<bool> isRight(const CritiqueOutcome& outcome) {
    return outcome.answer && *outcome.answer != Outcome::Undecided
               ? std::optional(*outcome.answer == Outcome::Yes)
               : std::nullopt;
}

// ---- ei

std::optional<eval::IdentificationItem> identification(const Judgement& judgement) {
    const CritiqueOutcome& first = judgement.first();
    if (!first.labelStep) {
        return std::nullopt;
    }
    std::vector<std::optional<int>> steps;
    for (const CritiqueOutcome& critique : judgement.critiques) {
        steps.push_back(critique.firstErrorStep);
    }
    eval::IdentificationItem item;
    item.dataset = first.source;
    item.goldStep = *first.labelStep;
    item.predictedStep = eval::majorityStep(steps);
    // The correction is that of the first critique that says what the majority says.
    const auto speaker = std::find(steps.begin(), steps.end(), item.predictedStep);
    item.correctionIsRight =
        speaker == steps.end()
            ? std::nullopt
            : isRight(judgement.critiques[static_cast<std::size_t>(speaker - steps.begin())]);
    return item;
}

void scoreSteps(const std::vector<eval::IdentificationItem>& items, std::uint64_t seed,
                std::vector<Score>& scores) {
    for (const IdentificationProtocol protocol : kProtocols) {
        const std::string id(eval::protocolId(protocol));
        for (const eval::IdentificationScore& row :
             eval::scoreIdentification(items, protocol, seed)) {
            const auto rate = [&](const char* metric, std::int64_t hits, std::int64_t n,
                                  std::optional<double> value) {
                scores.push_back({id, row.dataset, metric, n, value,
                                  n > 0 ? std::optional(eval::wilson(hits, n)) : std::nullopt});
            };
            scores.push_back(
                {id, row.dataset, "f1", row.erroneous + row.correct, row.f1, row.f1Interval});
            rate("erroneous_acc", row.erroneousHits, row.erroneous, row.erroneousAccuracy);
            rate("correct_acc", row.correctHits, row.correct, row.correctAccuracy);
            scores.push_back({id, row.dataset, "missing", row.erroneous + row.correct,
                              static_cast<double>(row.missing), std::nullopt});
        }
    }
}

// ---- cc and clcs: each critique counts for itself

struct Correction {
    std::int64_t problemId = 0;
    eval::CorrectionItem item;
};

std::vector<Correction> corrections(const std::vector<Judgement>& judgements,
                                    std::int64_t& unlabelled) {
    std::vector<Correction> items;
    for (const Judgement& judgement : judgements) {
        for (const CritiqueOutcome& critique : judgement.critiques) {
            if (!critique.solutionCorrect) {
                ++unlabelled;
                continue;
            }
            items.push_back({critique.problemId,
                             {critique.source, *critique.solutionCorrect, isRight(critique)}});
        }
    }
    return items;
}

void scoreAnswers(const std::vector<Correction>& corrections, std::uint64_t seed,
                  std::vector<Score>& scores) {
    std::vector<eval::CorrectionItem> items;
    items.reserve(corrections.size());
    for (const Correction& correction : corrections) {
        items.push_back(correction.item);
    }
    const std::string id(eval::kCritiqueCorrectProtocol);
    for (const eval::CorrectionScore& row : eval::scoreCorrections(items, seed)) {
        const std::int64_t wrong = row.n - row.rightBefore;
        scores.push_back({id, row.dataset, "cc_acc", row.n, row.accuracy, row.interval});
        const auto transition = [&](const char* metric, std::int64_t count, std::int64_t n,
                                    std::optional<double> value) {
            scores.push_back({id, row.dataset, metric, n, value,
                              n > 0 ? std::optional(eval::wilson(count, n)) : std::nullopt});
        };
        transition("c_to_c", row.keptRight, row.rightBefore, row.correctToCorrect);
        transition("c_to_i", row.rightBefore - row.keptRight, row.rightBefore,
                   row.correctToIncorrect);
        transition("i_to_c", row.madeRight, wrong, row.incorrectToCorrect);
        transition("i_to_i", wrong - row.madeRight, wrong, row.incorrectToIncorrect);
        scores.push_back(
            {id, row.dataset, "missing", row.n, static_cast<double>(row.missing), std::nullopt});
    }
}

void scoreConfidence(const std::vector<Correction>& corrections, std::uint64_t seed,
                     std::vector<Score>& scores) {
    std::map<std::int64_t, eval::QuestionCounts> byProblem;
    for (const Correction& correction : corrections) {
        eval::QuestionCounts& counts = byProblem[correction.problemId];
        const bool before = correction.item.rightBefore;
        const bool after = correction.item.rightAfter.value_or(false);
        (before ? counts.rightBefore : counts.wrongBefore) += 1;
        (before ? counts.rightAfterRight : counts.rightAfterWrong) += after ? 1 : 0;
    }
    std::vector<eval::QuestionCounts> questions;
    for (const auto& [problem, counts] : byProblem) {
        questions.push_back(counts);
    }
    const eval::ConfidenceCritiqueScore all = eval::scoreConfidenceCritique(questions);
    using Part = std::optional<double> eval::ConfidenceCritiqueScore::*;
    const auto add = [&](const char* metric, Part part) {
        std::vector<eval::QuestionCounts> drawn;
        const auto interval = eval::bootstrap(
            questions.size(),
            [&](std::span<const std::size_t> sample) {
                drawn.clear();
                for (const std::size_t i : sample) {
                    drawn.push_back(questions[i]);
                }
                return eval::scoreConfidenceCritique(drawn).*part;
            },
            seed);
        scores.push_back({std::string(eval::kConfidenceCritiqueProtocol), "", metric, all.questions,
                          all.*part, interval});
    };
    add("acc1", &eval::ConfidenceCritiqueScore::acc1);
    add("acc2", &eval::ConfidenceCritiqueScore::acc2);
    add("cl", &eval::ConfidenceCritiqueScore::confidence);
    add("cs", &eval::ConfidenceCritiqueScore::critique);
    add("rss", &eval::ConfidenceCritiqueScore::relative);
}

// ---- two selections on the same solutions

// One solution that both have judged; of several judgements of it the last one counts.
struct Pair {
    const Judgement* before = nullptr;
    const Judgement* after = nullptr;
};

std::vector<Pair> pairs(const std::vector<Judgement>& before, const std::vector<Judgement>& after) {
    std::map<std::int64_t, Pair> bySolution;
    for (const Judgement& judgement : before) {
        bySolution[judgement.solutionId].before = &judgement;
    }
    for (const Judgement& judgement : after) {
        bySolution[judgement.solutionId].after = &judgement;
    }
    std::vector<Pair> both;
    for (const auto& [solution, pair] : bySolution) {
        if (pair.before != nullptr && pair.after != nullptr) {
            both.push_back(pair);
        }
    }
    return both;
}

// What a statistic needs of one pair.
struct Compared {
    std::string dataset;
    bool erroneous = false;
    bool before = false; // a hit, or a right answer
    bool after = false;
    std::int64_t critiqueId = 0; // of the later one
};

std::optional<double> f1(const std::vector<Compared>& items, std::span<const std::size_t> sample,
                         bool Compared::*hit) {
    std::array<std::int64_t, 2> n{};
    std::array<std::int64_t, 2> hits{};
    for (const std::size_t i : sample) {
        const std::size_t kind = items[i].erroneous ? 0 : 1;
        n.at(kind) += 1;
        hits.at(kind) += items[i].*hit ? 1 : 0;
    }
    return eval::identificationF1(hits[0], n[0], hits[1], n[1]);
}

std::optional<double> share(const std::vector<Compared>& items, std::span<const std::size_t> sample,
                            bool Compared::*hit) {
    if (sample.empty()) {
        return std::nullopt;
    }
    const auto hits =
        std::count_if(sample.begin(), sample.end(), [&](std::size_t i) { return items[i].*hit; });
    return static_cast<double>(hits) / static_cast<double>(sample.size());
}

using Figure = std::optional<double> (*)(const std::vector<Compared>&, std::span<const std::size_t>,
                                         bool Compared::*);

void compare(const std::string& protocol, const char* metric, Figure figure,
             const std::vector<Compared>& all, std::uint64_t seed, std::vector<Difference>& out) {
    std::vector<std::string> datasets;
    for (const Compared& item : all) {
        if (std::find(datasets.begin(), datasets.end(), item.dataset) == datasets.end()) {
            datasets.push_back(item.dataset);
        }
    }
    datasets.emplace_back(); // all together, last
    for (const std::string& dataset : datasets) {
        std::vector<Compared> items;
        std::copy_if(all.begin(), all.end(), std::back_inserter(items), [&](const Compared& item) {
            return dataset.empty() || item.dataset == dataset;
        });
        std::vector<std::size_t> every(items.size());
        for (std::size_t i = 0; i < every.size(); ++i) {
            every[i] = i;
        }
        const auto before = figure(items, every, &Compared::before);
        const auto after = figure(items, every, &Compared::after);
        const auto paired = eval::pairedBootstrap(
            items.size(),
            [&](std::span<const std::size_t> s) { return figure(items, s, &Compared::before); },
            [&](std::span<const std::size_t> s) { return figure(items, s, &Compared::after); },
            seed);
        if (!before || !after || !paired) {
            continue; // a class of solutions is missing: there is no such figure
        }
        Difference row{protocol, dataset, metric,           static_cast<std::int64_t>(items.size()),
                       *before,  *after,  paired->interval, paired->significant,
                       {},       {}};
        for (const Compared& item : items) {
            if (item.before != item.after) {
                (item.after ? row.fixed : row.broken).push_back(item.critiqueId);
            }
        }
        out.push_back(std::move(row));
    }
}

std::vector<Difference> differences(Suite suite, const std::vector<Judgement>& before,
                                    const std::vector<Judgement>& after, std::uint64_t seed) {
    std::vector<Difference> rows;
    const std::vector<Pair> both = pairs(before, after);
    if (suite == Suite::ErrorIdentification) {
        for (const IdentificationProtocol protocol : kProtocols) {
            std::vector<Compared> items;
            for (const Pair& pair : both) {
                const auto old = identification(*pair.before);
                const auto now = identification(*pair.after);
                if (old && now) {
                    items.push_back({now->dataset, now->goldStep != model::kNoError,
                                     eval::isHit(*old, protocol), eval::isHit(*now, protocol),
                                     pair.after->first().critiqueId});
                }
            }
            compare(std::string(eval::protocolId(protocol)), "f1", f1, items, seed, rows);
        }
        return rows;
    }
    std::vector<Compared> items;
    for (const Pair& pair : both) {
        const CritiqueOutcome& now = pair.after->first();
        if (now.solutionCorrect) {
            items.push_back({now.source, !*now.solutionCorrect,
                             isRight(pair.before->first()).value_or(false),
                             isRight(now).value_or(false), now.critiqueId});
        }
    }
    compare(std::string(eval::kCritiqueCorrectProtocol), "cc_acc", share, items, seed, rows);
    return rows;
}

} // namespace

Expected<Suite> suiteNamed(std::string_view name) {
    for (const auto& [suite, known] : kSuites) {
        if (known == name) {
            return suite;
        }
    }
    return base::fail(base::ErrorCode::Invalid, "there is no suite '" + std::string(name) + "'",
                      "there are ei (first wrong step), cc (corrections) and clcs (confidence and "
                      "critique)");
}

std::string_view name(Suite suite) {
    return std::find_if(kSuites.begin(), kSuites.end(),
                        [&](const auto& known) { return known.first == suite; })
        ->second;
}

Expected<Evaluation> evaluateStored(store::Workspace& workspace, const EvaluateOptions& options) {
    const auto reader = workspace.reader();
    if (!reader) {
        return base::fail(reader.error());
    }
    const auto judged = judgements(**reader, options.filter);
    if (!judged) {
        return base::fail(judged.error());
    }
    Evaluation result;
    result.judgements = static_cast<std::int64_t>(judged->size());
    for (const Judgement& judgement : *judged) {
        result.critiques += static_cast<std::int64_t>(judgement.critiques.size());
    }
    if (options.suite == Suite::ErrorIdentification) {
        std::vector<eval::IdentificationItem> items;
        for (const Judgement& judgement : *judged) {
            if (auto item = identification(judgement)) {
                items.push_back(std::move(*item));
            } else {
                ++result.unlabelled;
            }
        }
        scoreSteps(items, options.seed, result.scores);
    } else {
        const std::vector<Correction> items = corrections(*judged, result.unlabelled);
        options.suite == Suite::CritiqueCorrect
            ? scoreAnswers(items, options.seed, result.scores)
            : scoreConfidence(items, options.seed, result.scores);
    }
    if (options.against) {
        const auto before = judgements(**reader, *options.against);
        if (!before) {
            return base::fail(before.error());
        }
        result.differences = differences(options.suite, *before, *judged, options.seed);
    }
    return result;
}

} // namespace scrit::loop
