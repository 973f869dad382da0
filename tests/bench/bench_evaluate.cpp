// SPDX-License-Identifier: GPL-3.0-or-later
// How long it takes to score stored critiques, with intervals:
//   bench_evaluate WORKSPACE [ROUNDS]
// Works on a copy beside the workspace, in which four of five critiques get a labelled step.
#include "core/eval/intervals.h"
#include "core/loop/scores.h"
#include "core/store/workspace.h"
#include "tests/bench/bench_support.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

using namespace scrit;

namespace {

namespace fs = std::filesystem;

template<typename T>
T must(base::Expected<T> value) {
    if (!value) {
        std::fprintf(stderr, "%s\n", value.error().text().c_str());
        std::exit(1);
    }
    return std::move(*value);
}

fs::path labelledCopy(const fs::path& workspace) {
    fs::path copy = workspace.string() + ".labelled";
    fs::copy_file(workspace, copy, fs::copy_options::overwrite_existing);
    SQLite::Database database(copy.string(), SQLite::OPEN_READWRITE);
    database.exec(
        "UPDATE critique_row SET label_step = iif(solution_id % 2 = 0, -1, solution_id % 7) "
        "WHERE solution_id % 5 <> 0;"
        "UPDATE critique_row SET correct = solution_id % 2 = 0 WHERE correct IS NULL;");
    return copy;
}

// The quickest of several times: what the machine does beside it only adds.
template<typename Work>
double quickest(int rounds, Work&& work) {
    double best = 1e9;
    for (int i = 0; i < rounds; ++i) {
        const double start = bench::now();
        work();
        best = std::min(best, bench::now() - start);
    }
    return best;
}

} // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "bench_evaluate WORKSPACE [ROUNDS]\n");
        return 2;
    }
    const int rounds = argc > 2 ? std::atoi(argv[2]) : 3;
    const fs::path copy = labelledCopy(argv[1]);
    {
        const auto workspace = must(store::Workspace::open(copy, store::OpenMode::ReadOnly));
        for (const char* names : {"ei", "cc", "clcs", "ei,cc,clcs"}) {
            loop::EvaluateOptions options;
            options.suites = must(loop::suitesNamed(names));
            loop::Evaluation result;
            const double seconds =
                quickest(rounds, [&] { result = must(loop::evaluateStored(*workspace, options)); });
            std::printf("%-12s %7.2f s  %lld critiques, %lld judgements, %zu scores\n", names,
                        seconds, static_cast<long long>(result.critiques),
                        static_cast<long long>(result.judgements), result.scores.size());
        }
        // For comparison: one interval of a rate over as many items, resampled item by item.
        std::vector<bool> hits(100'000);
        for (std::size_t i = 0; i < hits.size(); ++i) {
            hits[i] = i % 3 == 0;
        }
        const double seconds = quickest(1, [&] {
            const auto interval = eval::bootstrap(
                hits.size(),
                [&](std::span<const std::size_t> sample) -> std::optional<double> {
                    std::size_t sum = 0;
                    for (const std::size_t i : sample) {
                        sum += hits[i] ? 1U : 0U;
                    }
                    return static_cast<double>(sum) / static_cast<double>(sample.size());
                },
                1);
            if (!interval) {
                std::exit(1);
            }
        });
        std::printf("one rate of 100,000 items, resampled item by item: %.2f s\n", seconds);
    }
    fs::remove(copy);
    return 0;
}
