// SPDX-License-Identifier: GPL-3.0-or-later
// Prints how fast files of JSON Lines become a workspace, beside a loop of prepared inserts that
// puts the same rows into the same tables:
//   bench_import [LINES] [ROUNDS]        20000 lines and 3 rounds unless told
//   bench_import --files FOLDER LINES    writes problems.jsonl and critiques.jsonl only
#include "core/loop/import_driver.h"
#include "core/store/workspace.h"
#include "tests/bench/synthetic.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <nlohmann/json.hpp>
#include <sqlite3.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace scrit;
namespace fs = std::filesystem;

constexpr int kCritiquesPerSolution = 5;

// What some work took: by the clock, and of the processors by all threads.
struct Took {
    double seconds = 0;
    double processor = 0;
};

double processorSeconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

Took took(const std::function<void()>& work) {
    const double processor = processorSeconds();
    const auto begin = std::chrono::steady_clock::now();
    work();
    return {std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(),
            processorSeconds() - processor};
}

[[noreturn]] void giveUp(const std::string& why) {
    std::fprintf(stderr, "bench_import: %s\n", why.c_str());
    std::exit(1);
}

// One problem with a labelled candidate a line; then the critiques of every fifth candidate, which
// name it by its id.
void writeFiles(const fs::path& folder, int lines) {
    bench::Synthetic synthetic(7);
    std::ofstream problems(folder / "problems.jsonl", std::ios::binary);
    std::ofstream critiques(folder / "critiques.jsonl", std::ios::binary);
    for (int i = 0; i < lines; ++i) {
        const model::Problem problem = synthetic.problem(i);
        const model::Solution solution = synthetic.solution(problem, i);
        problems << nlohmann::json{{"id", solution.externalId},
                                   {"problem", problem.text},
                                   {"answer", problem.referenceAnswer},
                                   {"source", problem.source},
                                   {"split", problem.split},
                                   {"subject", problem.subject},
                                   {"level", problem.level},
                                   {"author", solution.author},
                                   {"solution", solution.text},
                                   {"correct", synthetic.below(2) == 0}}
                        .dump()
                 << '\n';
        const int count = i % kCritiquesPerSolution == 0 ? kCritiquesPerSolution : 0;
        for (int j = 0; j < count; ++j) {
            const model::Critique critique = synthetic.critique(solution, i + j);
            critiques << nlohmann::json{{"id", critique.externalId},
                                        {"solution_id", solution.externalId},
                                        {"mode", model::name(critique.mode)},
                                        {"critic", critique.critic},
                                        {"round", critique.round},
                                        {"critique", critique.text}}
                             .dump()
                      << '\n';
        }
    }
    if (!problems.flush() || !critiques.flush()) {
        giveUp("cannot write to " + folder.string());
    }
}

void importAll(store::Workspace& workspace, const fs::path& file, bool critiques) {
    const loop::ImportSummary summary = critiques ? loop::importCritiqueFiles(workspace, {file}, {})
                                                  : loop::importFiles(workspace, {file}, {});
    if (!summary.complete() || summary.total.bad > 0) {
        giveUp("the import of " + file.string() + " left something out");
    }
}

// The rows of one table that an import added, held in memory, and the statement that inserts one.
class Table {
public:
    Table(SQLite::Database& from, std::string name, std::int64_t first) : m_name(std::move(name)) {
        std::string columns;
        SQLite::Statement info(from, "SELECT name FROM pragma_table_info('" + m_name + "')");
        while (info.executeStep()) { // generated columns are not among them
            columns += (columns.empty() ? "" : ", ") + info.getColumn(0).getString();
            ++m_width;
        }
        m_insert = "INSERT INTO " + m_name + " (" + columns + ") VALUES (?";
        for (int i = 1; i < m_width; ++i) {
            m_insert += ", ?";
        }
        m_insert += ')';
        SQLite::Statement rows(from, "SELECT " + columns + " FROM " + m_name +
                                         " WHERE id >= " + std::to_string(first) + " ORDER BY id");
        while (rows.executeStep()) {
            for (int i = 0; i < m_width; ++i) {
                m_cells.push_back(cell(rows.getColumn(i)));
            }
        }
    }

    [[nodiscard]] const std::string& name() const { return m_name; }
    [[nodiscard]] std::size_t rows() const {
        return m_cells.size() / static_cast<std::size_t>(m_width);
    }
    [[nodiscard]] const std::string& insertSql() const { return m_insert; }
    [[nodiscard]] std::int64_t firstId() const { return m_cells.empty() ? 0 : m_cells[0].number; }

    void insert(SQLite::Statement& statement, std::size_t row) const {
        const Cell* cells = &m_cells[row * static_cast<std::size_t>(m_width)];
        for (int i = 0; i < m_width; ++i) {
            const Cell& value = cells[i];
            switch (value.type) {
            case SQLITE_INTEGER:
                statement.bind(i + 1, value.number);
                break;
            case SQLITE_FLOAT:
                statement.bind(i + 1, value.real);
                break;
            case SQLITE_TEXT:
                statement.bindNoCopy(i + 1, value.bytes);
                break;
            case SQLITE_BLOB:
                statement.bindNoCopy(i + 1, value.bytes.data(),
                                     static_cast<int>(value.bytes.size()));
                break;
            default:
                statement.bind(i + 1);
            }
        }
        statement.exec();
        statement.reset();
    }

private:
    struct Cell {
        int type = SQLITE_NULL;
        std::int64_t number = 0;
        double real = 0;
        std::string bytes;
    };
    static Cell cell(const SQLite::Column& column) {
        Cell value;
        value.type = column.getType();
        if (value.type == SQLITE_INTEGER) {
            value.number = column.getInt64();
        } else if (value.type == SQLITE_FLOAT) {
            value.real = column.getDouble();
        } else if (value.type != SQLITE_NULL) {
            value.bytes.assign(static_cast<const char*>(column.getBlob()),
                               static_cast<std::size_t>(column.getBytes()));
        }
        return value;
    }

    std::string m_name;
    std::string m_insert;
    std::vector<Cell> m_cells;
    int m_width = 0;
};

// What the bare loop is spared or not.
enum class Bare { EverythingOfOurs, NoFullText, NoFullTextNoDerivedRows };

// The rows by prepared inserts in transactions of as many records as an import has, into a
// workspace that has what was there before. All values are known beforehand: nothing is read,
// converted, hashed, looked up or checked against what is there, beyond the indexes themselves.
Took bareLoop(const fs::path& path, const std::vector<Table>& tables, Bare what) {
    SQLite::Database database(path.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX);
    database.exec("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
                  "PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY;"
                  "PRAGMA wal_autocheckpoint = 2000");
    std::vector<const Table*> used;
    std::vector<SQLite::Statement> inserts;
    std::vector<SQLite::Statement> texts;
    std::size_t most = 0;
    for (const Table& table : tables) {
        const bool derived = table.name().ends_with("_row");
        if (table.rows() == 0 || (derived && what == Bare::NoFullTextNoDerivedRows)) {
            continue;
        }
        used.push_back(&table);
        inserts.emplace_back(database, table.insertSql());
        most = std::max(most, table.rows());
        const std::string& name = table.name();
        if (what == Bare::EverythingOfOurs &&
            (name == "problem" || name == "solution" || name == "critique")) {
            texts.emplace_back(database, "INSERT INTO " + name +
                                             "_text (rowid, text) SELECT id, text FROM " + name +
                                             " WHERE id >= ?");
        } else {
            texts.emplace_back(database, "SELECT ?");
        }
    }
    const std::size_t batches =
        (most + loop::ImportJobOptions{}.batchRecords - 1) / loop::ImportJobOptions{}.batchRecords;
    return took([&] {
        for (std::size_t batch = 0; batch < batches; ++batch) {
            SQLite::Transaction transaction(database);
            for (std::size_t i = 0; i < used.size(); ++i) {
                // Names, which the other rows refer to, come first.
                const bool names = used[i]->name() == "term";
                const std::size_t rows = used[i]->rows();
                const std::size_t begin = names ? (batch == 0 ? 0 : rows) : rows * batch / batches;
                const std::size_t end = names ? rows : rows * (batch + 1) / batches;
                for (std::size_t row = begin; row < end; ++row) {
                    used[i]->insert(inserts[i], row);
                }
                if (begin < end) {
                    texts[i].bind(1, used[i]->firstId() + static_cast<std::int64_t>(begin));
                    while (texts[i].executeStep()) {
                    }
                    texts[i].reset();
                }
            }
            transaction.commit();
        }
    });
}

std::vector<Table> addedRows(const fs::path& after, const fs::path& before) {
    SQLite::Database added(after.string(), SQLite::OPEN_READONLY);
    SQLite::Database old(before.string(), SQLite::OPEN_READONLY);
    std::vector<Table> tables;
    for (const char* name :
         {"term", "import_batch", "problem", "problem_row", "solution", "solution_row", "critique",
          "critique_parse", "critique_row", "verdict"}) {
        const std::int64_t last =
            old.execAndGet("SELECT ifnull(max(id), -1) FROM " + std::string(name)).getInt64();
        tables.emplace_back(added, name, last + 1);
    }
    return tables;
}

void copyTo(const fs::path& from, const fs::path& to) {
    fs::copy_file(from, to, fs::copy_options::overwrite_existing);
}

// One kind of file: ours and three loops, in turn, so that other load hits all alike.
void compare(const fs::path& folder, const fs::path& before, const fs::path& file, bool critiques,
             int lines, int rounds) {
    const fs::path ours = folder / "ours.scrit";
    const fs::path bare = folder / "bare.scrit";
    std::vector<std::vector<Took>> times(4);
    std::vector<Table> tables;
    for (int round = 0; round < rounds; ++round) {
        copyTo(before, ours);
        {
            auto workspace = store::Workspace::open(ours, store::OpenMode::ReadWrite);
            if (!workspace) {
                giveUp(workspace.error().text());
            }
            times[0].push_back(took([&] { importAll(**workspace, file, critiques); }));
        }
        if (tables.empty()) {
            tables = addedRows(ours, before);
        }
        std::size_t at = 1;
        for (const Bare what :
             {Bare::EverythingOfOurs, Bare::NoFullText, Bare::NoFullTextNoDerivedRows}) {
            copyTo(before, bare);
            times[at++].push_back(bareLoop(bare, tables, what));
        }
    }
    static const char* const kNames[] = {
        "import of the file", "bare loop: the same tables, indexes and full text",
        "bare loop: the same tables and indexes", "bare loop: the same without the derived rows"};
    const double megabytes = static_cast<double>(fs::file_size(file)) / 1e6;
    std::printf("%s: %d lines, %.1f MB, best of %d%12s %8s %14s\n", file.filename().c_str(), lines,
                megabytes, rounds, "lines/s", "MB/s", "processor ms");
    const auto best = [&](std::size_t which) {
        Took least = times[which].front();
        for (const Took& one : times[which]) {
            least.seconds = std::min(least.seconds, one.seconds);
            least.processor = std::min(least.processor, one.processor);
        }
        return least;
    };
    for (std::size_t i = 0; i < times.size(); ++i) {
        const Took one = best(i);
        std::printf("  %-50s %9.0f %8.1f %14.0f  ours is %.0f %%, by processor time %.0f %%\n",
                    kNames[i], lines / one.seconds, megabytes / one.seconds, one.processor * 1000,
                    100 * one.seconds / best(0).seconds, 100 * one.processor / best(0).processor);
    }
    std::fflush(stdout);
    copyTo(ours, before);
}

void compareAll(int lines, int rounds) {
    const fs::path folder =
        fs::temp_directory_path() / ("bench_import." + std::to_string(std::time(nullptr)));
    fs::create_directories(folder);
    writeFiles(folder, lines);
    const fs::path before = folder / "before.scrit";
    if (auto made = store::Workspace::create(before); !made) {
        giveUp(made.error().text());
    }
    compare(folder, before, folder / "problems.jsonl", false, lines, rounds);
    compare(folder, before, folder / "critiques.jsonl", true, lines, rounds);
    fs::remove_all(folder);
}

} // namespace

int main(int argc, char** argv) {
    if (argc == 4 && std::string_view(argv[1]) == "--files") {
        fs::create_directories(argv[2]);
        writeFiles(argv[2], std::atoi(argv[3]));
        return 0;
    }
    const int lines = argc > 1 ? std::atoi(argv[1]) : 20000;
    const int rounds = argc > 2 ? std::atoi(argv[2]) : 3;
    if (lines <= 0 || rounds <= 0) {
        giveUp("usage: bench_import [LINES] [ROUNDS] | --files FOLDER LINES");
    }
    compareAll(lines, rounds);
    return 0;
}
