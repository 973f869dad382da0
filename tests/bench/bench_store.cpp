// SPDX-License-Identifier: GPL-3.0-or-later
// Prints how fast a workspace stores and reads, beside SQLite doing the same without us:
//   bench_store                                    the import alone
//   bench_store WORKSPACE [import|read|stream]     all, or one part, with a workspace made by
//                                                  make_workspace
#include "core/store/codec.h"
#include "core/store/reader.h"
#include "core/store/workspace.h"
#include "core/store/writer.h"
#include "tests/bench/synthetic.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <functional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace scrit;
using Clock = std::chrono::steady_clock;

constexpr int kRows = 10000;
constexpr int kBatch = 1000;

double milliseconds(const std::function<void()>& work) {
    const auto begin = Clock::now();
    work();
    return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

// Ends the program with the error's words: a benchmark that went wrong must not print a figure.
template<typename T>
T must(base::Expected<T> value) {
    if (!value) {
        std::fprintf(stderr, "bench_store: %s\n", value.error().text().c_str());
        std::exit(1);
    }
    if constexpr (!std::is_void_v<T>) {
        return std::move(*value);
    }
}

void line(const std::string& what, double first, double median, const std::string& note = {}) {
    std::printf("%-58s %9.2f %9.2f  %s\n", what.c_str(), first, median, note.c_str());
    std::fflush(stdout);
}

// First run and median of five more; of fewer, at least one, when they would take more than a
// second.
void timed(const std::string& what, const std::function<std::string()>& work) {
    std::string note;
    const double first = milliseconds([&] { note = work(); });
    std::vector<double> more;
    double spent = 0;
    while (more.size() < 5 && spent < 1000) {
        more.push_back(milliseconds([&] { note = work(); }));
        spent += more.back();
    }
    std::sort(more.begin(), more.end());
    line(what, first, more[more.size() / 2], note);
}

struct ImportData {
    model::Problem problem;
    model::Solution solution;
    std::vector<model::Critique> critiques;
};

ImportData importData() {
    bench::Synthetic synthetic(7);
    ImportData data;
    data.problem = synthetic.problem(1);
    data.problem.id = 1;
    data.solution = synthetic.solution(data.problem, 1);
    data.solution.id = 1;
    for (int i = 0; i < kRows; ++i) {
        data.critiques.push_back(synthetic.critique(data.solution, i));
    }
    return data;
}

std::shared_ptr<store::Workspace> emptyWorkspace(const std::filesystem::path& path,
                                                 const ImportData& data) {
    auto workspace = must(store::Workspace::create(path));
    must(workspace->write([&](store::Writer& writer) -> base::Expected<void> {
        must(writer.addProblem(data.problem));
        must(writer.addSolution(data.solution));
        return {};
    }));
    return workspace;
}

double ours(const std::filesystem::path& folder, const ImportData& data) {
    auto workspace = emptyWorkspace(folder / "ours.scrit", data);
    return milliseconds([&] {
        for (std::size_t at = 0; at < data.critiques.size(); at += kBatch) {
            must(workspace->write([&](store::Writer& writer) -> base::Expected<void> {
                for (std::size_t i = at; i < at + kBatch; ++i) {
                    must(writer.addCritique(data.critiques[i]));
                }
                return {};
            }));
        }
    });
}

// The same critiques by prepared inserts alone: everything is known beforehand, nothing is looked
// up.
double bare(const std::filesystem::path& folder, const ImportData& data, bool derived, bool text) {
    const auto path = folder / ("bare" + std::to_string(derived) + std::to_string(text) + ".scrit");
    emptyWorkspace(path, data);
    SQLite::Database database(path.string(), SQLite::OPEN_READWRITE);
    database.exec("PRAGMA synchronous = FULL; PRAGMA cache_size = -65536;"
                  "PRAGMA wal_autocheckpoint = 2000");
    std::vector<std::string> keys;
    std::vector<std::string> parts;
    for (const model::Critique& critique : data.critiques) {
        keys.push_back(store::packKey(critique.key));
        parts.push_back(store::partsToJson(critique.parsed));
    }
    SQLite::Statement insert(database,
                             "INSERT INTO critique (id, key, solution_id, mode, critic_term, "
                             "round, source_term, external_id, correction_text, text) "
                             "VALUES (?, ?, 1, 0, 0, 0, 0, ?, '', ?)");
    SQLite::Statement parse(database,
                            "INSERT INTO critique_parse (critique_id, parser_term, conclusion, "
                            "first_error_step, flags, used_end, correction_answer, parts) "
                            "VALUES (?, 0, 1, 2, 0, 0, ?, ?)");
    SQLite::Statement row(database,
                          "INSERT INTO critique_row (id, problem_id, solution_id, source_term, "
                          "split_term, subject_term, level_term, student_term, mode, critic_term, "
                          "round, conclusion, first_error, tokens) "
                          "VALUES (?, 1, 1, 1, 0, 0, 0, 1, 0, 0, 0, 1, 2, 0)");
    SQLite::Statement index(database, "INSERT INTO critique_text (rowid, text) VALUES (?, ?)");
    return milliseconds([&] {
        for (std::size_t at = 0; at < data.critiques.size(); at += kBatch) {
            SQLite::Transaction transaction(database);
            for (std::size_t i = at; i < at + kBatch; ++i) {
                const model::Critique& critique = data.critiques[i];
                const auto id = static_cast<std::int64_t>(i + 1);
                insert.bind(1, id);
                insert.bindNoCopy(2, keys[i].data(), static_cast<int>(keys[i].size()));
                insert.bindNoCopy(3, critique.externalId);
                insert.bindNoCopy(4, critique.text);
                insert.exec();
                insert.reset();
                parse.bind(1, id);
                parse.bindNoCopy(2, critique.parsed.correctionAnswer);
                parse.bindNoCopy(3, parts[i]);
                parse.exec();
                parse.reset();
                if (derived) {
                    row.bind(1, id);
                    row.exec();
                    row.reset();
                }
                if (text) {
                    index.bind(1, id);
                    index.bindNoCopy(2, critique.text);
                    index.exec();
                    index.reset();
                }
            }
            transaction.commit();
        }
    });
}

void importRates() {
    const auto folder = std::filesystem::temp_directory_path() /
                        ("bench_store." + std::to_string(std::time(nullptr)));
    std::filesystem::create_directories(folder);
    const ImportData data = importData();
    std::vector<std::vector<double>> times(4);
    for (int round = 0; round < 3; ++round) { // interleaved, so that other load hits all alike
        for (const auto& entry : std::filesystem::directory_iterator(folder)) {
            std::filesystem::remove(entry);
        }
        times[0].push_back(ours(folder, data));
        times[1].push_back(bare(folder, data, true, true));
        times[2].push_back(bare(folder, data, true, false));
        times[3].push_back(bare(folder, data, false, false));
    }
    std::filesystem::remove_all(folder);
    static const char* const kNames[] = {
        "Writer::addCritique", "bare loop: tables, derived row, full text",
        "bare loop: tables, derived row", "bare loop: tables alone"};
    const double base = *std::min_element(times[0].begin(), times[0].end());
    std::printf("import of %d critiques, best of 3%29s\n", kRows, "rows/s");
    for (std::size_t i = 0; i < times.size(); ++i) {
        const double best = *std::min_element(times[i].begin(), times[i].end());
        std::printf("  %-56s %9.0f  ours is %.0f %%\n", kNames[i], kRows / best * 1000,
                    100 * best / base);
    }
}

void reading(const std::filesystem::path& path) {
    std::printf("\n%-58s %9s %9s  (ms)\n", path.filename().c_str(), "first", "median");
    std::shared_ptr<store::Workspace> workspace;
    std::unique_ptr<store::Reader> reader;
    timed("open and 256 first rows", [&] {
        reader.reset();
        workspace = must(store::Workspace::open(path, store::OpenMode::ReadOnly));
        reader = must(workspace->reader());
        return std::to_string(must(reader->page({}, std::nullopt, 256)).size()) + " rows";
    });
    const auto all = must(reader->ids({}));
    timed("ids of everything",
          [&] { return std::to_string(must(reader->ids({})).size()) + " ids"; });
    std::size_t at = 12345;
    timed("rows() of 256 ids far apart", [&] {
        std::vector<std::int64_t> some;
        for (int i = 0; i < 256; ++i) {
            at = (at * 1103515245 + 12345) % all.size();
            some.push_back(all[at]);
        }
        return std::to_string(must(reader->rows(store::ListOf::Critiques, some)).size()) + " rows";
    });
    timed("a record somewhere", [&] {
        at = (at * 1103515245 + 12345) % all.size();
        return must(reader->record(store::ListOf::Critiques, all[at])).critique->externalId;
    });
    timed("the next record", [&] {
        at = (at + 1) % all.size();
        return must(reader->record(store::ListOf::Critiques, all[at])).critique->externalId;
    });
    timed("status", [&] { return std::to_string(must(reader->status()).critiques); });
    SQLite::Database shell(path.string(), SQLite::OPEN_READONLY);
    shell.exec("PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY");
    // Words of the data itself: the shortest are the most frequent.
    std::string frequent = "step";
    std::string rare = "step";
    std::istringstream text(must(reader->record(store::ListOf::Critiques, all[0])).critique->text);
    for (std::string word; text >> word;) {
        const bool plain =
            std::all_of(word.begin(), word.end(), [](char c) { return c >= 'a' && c <= 'z'; });
        if (plain && word.size() == 4) {
            frequent = word;
        }
        if (plain && word.size() > rare.size()) {
            rare = word;
        }
    }
    for (const std::string& filter :
         {std::string("source:olympiad"), std::string("critic:critic-round-2"),
          std::string("verdict:incorrect validated:yes"), std::string("first-error:2..4"),
          std::string("flag:leak"), std::string("label:disagree"), std::string("-flag:leak"),
          std::string("validated:yes answer:mismatch"),
          std::string("mode:direct round:3 correct:no"), rare, frequent, frequent + " " + rare,
          std::string("critique"), std::string("\"Critique of Step 7\""),
          std::string("\"Problem 4321\"")}) {
        const store::ListQuery query{store::ListOf::Critiques, filter, {}, false};
        timed(filter + ": first 256 rows", [&] {
            return std::to_string(must(reader->page(query, std::nullopt, 256)).size()) + " rows";
        });
        timed(filter + ": count",
              [&] { return std::to_string(must(reader->count(query))) + " critiques"; });
        const auto sql = must(store::compileFilter(filter, query.of));
        timed("  the same count, SQLite alone", [&] {
            SQLite::Statement statement(shell,
                                        "SELECT count(*) FROM critique_row r WHERE " + sql.where);
            int index = 1;
            for (const auto& parameter : sql.parameters) {
                std::visit([&](const auto& value) { statement.bind(index++, value); }, parameter);
            }
            statement.executeStep();
            return statement.getColumn(0).getString();
        });
    }
}

// Appends what a statement gives to a buffer, column by column.
void copyAll(SQLite::Statement& rows) {
    std::string buffer;
    while (rows.executeStep()) {
        buffer.clear();
        for (int i = 0; i < rows.getColumnCount(); ++i) {
            const SQLite::Column column = rows.getColumn(i);
            if (column.isText() || column.isBlob()) {
                const auto* bytes = static_cast<const char*>(column.getBlob());
                buffer.append(bytes == nullptr ? "" : bytes,
                              static_cast<std::size_t>(column.getBytes()));
            } else {
                const std::int64_t number = column.getInt64();
                buffer.append(reinterpret_cast<const char*>(&number), sizeof number);
            }
        }
    }
}

// The rows of the same records, copied out of SQLite: what a stream could do at best, without
// decoding and without values of their own for each record.
double copyRows(SQLite::Database& shell, std::size_t count) {
    const std::string last = std::to_string(count);
    SQLite::Statement texts(shell, "SELECT c.*, k.*, s.*, p.* FROM critique c "
                                   "JOIN critique_parse k ON k.critique_id = c.id "
                                   "JOIN solution s ON s.id = c.solution_id "
                                   "JOIN problem p ON p.id = s.problem_id "
                                   "WHERE c.id <= " +
                                       last + " ORDER BY c.id");
    SQLite::Statement verdicts(shell, "SELECT * FROM verdict WHERE subject_kind = 2 "
                                      "AND subject_id <= " +
                                          last + " ORDER BY subject_id");
    return milliseconds([&] {
        copyAll(texts);
        copyAll(verdicts);
    });
}

void streaming(const std::filesystem::path& path) {
    constexpr std::size_t kMost = 100000;
    const auto workspace = must(store::Workspace::open(path, store::OpenMode::ReadOnly));
    const auto reader = must(workspace->reader());
    SQLite::Database shell(path.string(), SQLite::OPEN_READONLY | SQLite::OPEN_NOMUTEX);
    shell.exec("PRAGMA cache_size = -32768");
    std::printf("\n%-46s %9s %9s %9s\n", "a stream of whole records", "records/s", "MB/s",
                "of a copy");
    for (int round = 0; round < 5; ++round) { // interleaved, so that other load hits both alike
        std::size_t bytes = 0;
        std::size_t records = 0;
        const double streamed = milliseconds([&] {
            must(reader->forEachRecord({}, [&](store::TraceRecord&& record) {
                bytes += record.critique->text.size() + record.solution->text.size() +
                         record.problem.text.size();
                return base::Expected<bool>(++records < kMost);
            }));
        });
        const double copied = copyRows(shell, records);
        std::printf("  forEachRecord, %zu records%22s %9.0f %9.0f %7.0f %%\n", records, "",
                    static_cast<double>(records) / streamed * 1000,
                    static_cast<double>(bytes) / streamed / 1000, 100 * copied / streamed);
        std::fflush(stdout);
    }
}

} // namespace

int main(int argc, char** argv) {
    const std::string_view what = argc > 2 ? argv[2] : "";
    if (what.empty() || what == "import") {
        importRates();
    }
    if (argc > 1 && (what.empty() || what == "read")) {
        reading(argv[1]);
    }
    if (argc > 1 && (what.empty() || what == "stream")) {
        streaming(argv[1]);
    }
    return 0;
}
