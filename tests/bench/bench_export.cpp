// SPDX-License-Identifier: GPL-3.0-or-later
// How fast datasets are written, beside a raw copy of the same rows out of SQLite into a file, and
// beside jq:
//   bench_export WORKSPACE [--view NAME]… [--rounds N] [--curated] [--jq]
#include "core/base/hash.h"
#include "core/format/exporter.h"
#include "core/loop/export_driver.h"
#include "core/store/workspace.h"
#include "tests/bench/bench_support.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
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

struct Figures {
    double seconds = 0;
    double processorSeconds = 0;
    std::uint64_t bytes = 0;
    std::uint64_t rows = 0;
    double peakMiB = 0;
};

void show(const std::string& what, const Figures& figures) {
    std::printf("  %-44s %8.2f s %8.2f s cpu %10.0f rows/s %8.1f MB/s %7.0f MiB\n", what.c_str(),
                figures.seconds, figures.processorSeconds,
                static_cast<double>(figures.rows) / figures.seconds,
                static_cast<double>(figures.bytes) / figures.seconds / 1e6, figures.peakMiB);
    std::fflush(stdout);
}

template<typename Work>
Figures measured(Work&& work) {
    bench::forgetPeakMemory();
    const double processor = bench::processorSeconds(::getpid());
    const double start = bench::now();
    Figures figures;
    work(figures);
    figures.seconds = bench::now() - start;
    figures.processorSeconds = bench::processorSeconds(::getpid()) - processor;
    figures.peakMiB = bench::peakMemoryMiB(::getpid());
    return figures;
}

Figures exported(store::Workspace& workspace, const loop::ExportJobOptions& options) {
    return measured([&](Figures& figures) {
        const loop::ExportSummary summary = must(loop::exportDataset(workspace, options));
        figures.rows = summary.dataset.rows;
        for (const format::DatasetFile& file : summary.dataset.files) {
            figures.bytes += file.bytes;
        }
    });
}

// The columns of the same rows, one after the other, into a file that is synced: no decoding, no
// JSON, no hash.
Figures copied(const fs::path& workspace, const fs::path& to) {
    return measured([&](Figures& figures) {
        SQLite::Database shell(workspace.string(), SQLite::OPEN_READONLY | SQLite::OPEN_NOMUTEX);
        shell.exec("PRAGMA cache_size = -32768");
        SQLite::Statement rows(shell, "SELECT c.*, k.*, s.*, p.* FROM critique c "
                                      "JOIN critique_parse k ON k.critique_id = c.id "
                                      "JOIN solution s ON s.id = c.solution_id "
                                      "JOIN problem p ON p.id = s.problem_id ORDER BY c.id");
        SQLite::Statement verdicts(
            shell, "SELECT * FROM verdict WHERE subject_kind = 2 ORDER BY subject_id");
        const int file = ::open(to.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
        std::string buffer;
        const auto flush = [&](std::size_t from) {
            if (buffer.size() >= from && ::write(file, buffer.data(), buffer.size()) < 0) {
                std::perror("write");
                std::exit(1);
            }
            if (buffer.size() >= from) {
                figures.bytes += buffer.size();
                buffer.clear();
            }
        };
        for (SQLite::Statement* statement : {&rows, &verdicts}) {
            while (statement->executeStep()) {
                figures.rows += statement == &rows ? 1U : 0U;
                for (int i = 0; i < statement->getColumnCount(); ++i) {
                    const SQLite::Column column = statement->getColumn(i);
                    const auto* bytes = static_cast<const char*>(column.getBlob());
                    buffer.append(bytes == nullptr ? "" : bytes,
                                  static_cast<std::size_t>(column.getBytes()));
                }
                flush(std::size_t{1} << 20U);
            }
        }
        flush(1);
        ::fsync(file);
        ::close(file);
    });
}

// jq makes chat messages of the full rows: the same texts, without finding the target in them.
void besideJq(const fs::path& full, const fs::path& folder) {
    const fs::path program = folder / "chat.jq";
    std::ofstream(program)
        << "{messages:[{role:\"system\",content:\"You check solutions.\"},{role:\"user\",content:"
           "(\"## Math Problem\\n\" + .problem.text + \"\\n\\n## Student Solution\\n\" + "
           ".solution.text)},{role:\"assistant\",content:.critique.text}]}\n";
    const fs::path out = folder / "jq.jsonl";
    const std::string command =
        "jq -c -f '" + program.string() + "' '" + full.string() + "' > '" + out.string() + "'";
    const double start = bench::now();
    if (std::system(command.c_str()) != 0) {
        std::printf("  jq is not here\n");
        return;
    }
    Figures figures;
    figures.seconds = bench::now() - start;
    figures.bytes = fs::file_size(out);
    std::ifstream rows(out);
    for (std::string line; std::getline(rows, line);) {
        ++figures.rows;
    }
    show("jq, chat messages out of jsonl-full", figures);
}

} // namespace

int main(int argc, char** argv) {
    fs::path path;
    std::vector<std::string> views;
    int rounds = 3;
    bool curated = false;
    bool jq = false;
    for (int i = 1; i < argc; ++i) {
        const std::string_view argument = argv[i];
        if (argument == "--view" && i + 1 < argc) {
            views.emplace_back(argv[++i]);
        } else if (argument == "--rounds" && i + 1 < argc) {
            rounds = std::atoi(argv[++i]);
        } else if (argument == "--curated") {
            curated = true;
        } else if (argument == "--jq") {
            jq = true;
        } else {
            path = argument;
        }
    }
    if (path.empty()) {
        std::fprintf(stderr,
                     "bench_export WORKSPACE [--view NAME]... [--rounds N] [--curated] [--jq]\n");
        return 2;
    }
    if (views.empty()) {
        views = {"jsonl-full", "openai-chat"};
    }
    const auto workspace = must(store::Workspace::open(path, store::OpenMode::ReadOnly));
    const fs::path folder = path.parent_path() / ("bench_export." + std::to_string(::getpid()));
    fs::create_directories(folder);
    for (int round = 0; round < rounds; ++round) { // interleaved, so that other load hits all alike
        std::printf("round %d\n", round + 1);
        show("raw copy out of SQLite", copied(path, folder / "copy"));
        loop::ExportJobOptions options;
        options.replace = true;
        options.keepLeaks = options.keepCopies = true;
        for (const std::string& view : views) {
            options.view = view;
            options.folder = folder / view;
            show(view, exported(*workspace, options));
        }
        options.keepLeaks = options.keepCopies = false;
        options.view = "openai-chat";
        options.folder = folder / "checked";
        show("openai-chat, leaks looked for", exported(*workspace, options));
        if (curated) {
            options.dropDuplicates = true;
            options.nearDuplicates = 0.8;
            options.balance = loop::Balance{1, 1};
            options.order = curate::Order::EasyFirst;
            options.testShare = 0.1;
            show("the same, near duplicates, balance, order", exported(*workspace, options));
        }
        if (jq) {
            besideJq(folder / "jsonl-full" / "train.jsonl", folder);
        }
    }
    fs::remove_all(folder);
    return 0;
}
