// SPDX-License-Identifier: GPL-3.0-or-later
// Makes a workspace of any size for measurements:
//   make_workspace --critiques 1000000 --out big.scrit [--seed 1]
#include "core/base/clock.h"
#include "core/store/workspace.h"
#include "core/store/writer.h"
#include "tests/bench/synthetic.h"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace scrit;

constexpr int kCritiquesPerSolution = 5;
constexpr int kSolutionsPerProblem = 10;
constexpr std::int64_t kBatch = 2000; // critiques in one transaction

struct Options {
    std::int64_t critiques = 10000;
    std::uint64_t seed = 1;
    std::string out;
};

class Maker {
public:
    Maker(store::Workspace& workspace, const Options& options)
        : m_workspace(workspace), m_options(options), m_synthetic(options.seed) {}

    base::Expected<void> run() {
        const std::int64_t begin = base::steadyMillis();
        while (m_critiques < m_options.critiques) {
            auto done = m_workspace.write([this](store::Writer& writer) { return batch(writer); });
            if (!done) {
                return done;
            }
            if (m_critiques % 50000 < kBatch) {
                std::fprintf(stderr, "%lld critiques, %.0f s\n",
                             static_cast<long long>(m_critiques),
                             static_cast<double>(base::steadyMillis() - begin) / 1000);
            }
        }
        return {};
    }

private:
    base::Expected<void> batch(store::Writer& writer) {
        const std::int64_t end = std::min(m_critiques + kBatch, m_options.critiques);
        while (m_critiques < end) {
            if (m_critiques % (kCritiquesPerSolution * kSolutionsPerProblem) == 0) {
                m_problem = m_synthetic.problem(m_critiques);
                const auto stored = writer.addProblem(m_problem);
                if (!stored) {
                    return base::fail(stored.error());
                }
                m_problem.id = stored->id;
            }
            if (m_critiques % kCritiquesPerSolution == 0) {
                if (auto added = addSolution(writer); !added) {
                    return added;
                }
            }
            if (auto added = addCritique(writer); !added) {
                return added;
            }
            ++m_critiques;
        }
        return {};
    }

    base::Expected<void> addSolution(store::Writer& writer) {
        m_solution = m_synthetic.solution(m_problem, m_critiques);
        const auto stored = writer.addSolution(m_solution);
        if (!stored) {
            return base::fail(stored.error());
        }
        m_solution.id = stored->id;
        model::Verdict label;
        label.subject = model::SubjectKind::Solution;
        label.subjectId = stored->id;
        label.verifier = model::verifier::kLabel;
        label.protocol = "label/answer";
        label.outcome = m_synthetic.below(2) == 0 ? model::Outcome::Yes : model::Outcome::No;
        return verdict(writer, label);
    }

    base::Expected<void> addCritique(store::Writer& writer) {
        const auto stored = writer.addCritique(m_synthetic.critique(m_solution, m_critiques));
        if (!stored) {
            return base::fail(stored.error());
        }
        model::Verdict judgement;
        judgement.subjectId = stored->id;
        judgement.verifier = model::verifier::kAnswerMatch;
        judgement.protocol = "answer-match/1";
        judgement.rule = "number";
        judgement.outcome =
            static_cast<model::Outcome>(m_synthetic.below(20) == 0 ? 2 : m_synthetic.below(2));
        if (auto added = verdict(writer, judgement); !added) {
            return added;
        }
        if (m_synthetic.below(10) < 7) {
            judgement.verifier = model::verifier::kSelfValidation;
            judgement.protocol = "self-validation/1";
            judgement.outcome =
                m_synthetic.below(2) == 0 ? model::Outcome::Yes : model::Outcome::No;
            if (auto added = verdict(writer, judgement); !added) {
                return added;
            }
        }
        if (m_synthetic.below(100) == 0) {
            model::Annotation annotation;
            annotation.subjectId = stored->id;
            annotation.annotator = "reviewer";
            annotation.kind = "agreement";
            annotation.value = m_synthetic.below(4) == 0 ? "disagree" : "agree";
            if (const auto added = writer.addAnnotation(annotation); !added) {
                return base::fail(added.error());
            }
        }
        return {};
    }

    static base::Expected<void> verdict(store::Writer& writer, const model::Verdict& verdict) {
        const auto stored = writer.addVerdict(verdict);
        return stored ? base::Expected<void>{} : base::Expected<void>(base::fail(stored.error()));
    }

    store::Workspace& m_workspace;
    Options m_options;
    bench::Synthetic m_synthetic;
    std::int64_t m_critiques = 0;
    model::Problem m_problem;
    model::Solution m_solution;
};

} // namespace

int main(int argc, char** argv) {
    Options options;
    for (int i = 1; i + 1 < argc; i += 2) {
        const std::string_view name = argv[i];
        if (name == "--critiques") {
            options.critiques = std::atoll(argv[i + 1]);
        } else if (name == "--seed") {
            options.seed = std::strtoull(argv[i + 1], nullptr, 10);
        } else if (name == "--out") {
            options.out = argv[i + 1];
        }
    }
    if (options.out.empty() || options.critiques <= 0) {
        std::fputs("usage: make_workspace --critiques N --out FILE [--seed N]\n", stderr);
        return 2;
    }
    auto workspace = store::Workspace::create(options.out);
    const auto made = workspace ? Maker(**workspace, options).run()
                                : base::Expected<void>(base::fail(workspace.error()));
    if (!made) {
        std::fprintf(stderr, "make_workspace: %s\n", made.error().text().c_str());
        return 1;
    }
    return 0;
}
