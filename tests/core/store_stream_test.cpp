// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/codec.h"
#include "tests/core/store_support.h"
#include "tests/support/test_program.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <random>
#include <sstream>

using namespace scrit;
using namespace scrit::test;
using model::Outcome;
using model::SubjectKind;
using store::ListOf;
using store::ListQuery;
using store::SortKey;
using store::Workspace;
using store::Writer;

namespace {

constexpr int kCritiques = 300;

// Critiques of random solutions of random problems, so that neighbours share some of them and not
// others; with references, several parses, verdicts and annotations of everything.
class Filler {
public:
    explicit Filler(Writer& writer) : m_writer(writer) {}

    void fill() {
        for (int i = 0; i < kCritiques / 4; ++i) {
            model::Problem problem = makeProblem("Common problem " + std::to_string(i),
                                                 below(2) == 0 ? "gsm8k" : "math");
            problem.choices = {"one", "t\"wo"};
            m_problems.push_back(idOf(m_writer.addProblem(problem)));
        }
        for (int i = 0; i < kCritiques / 2; ++i) {
            model::Solution solution =
                makeSolution(m_problems[below(m_problems.size())],
                             std::string(below(40) == 0 ? "Scarce" : "Usual") + " solution " +
                                 std::to_string(i));
            m_solutions.push_back(idOf(m_writer.addSolution(solution)));
        }
        for (int i = 0; i < kCritiques; ++i) {
            critique(i);
        }
        for (int i = 0; i < kCritiques; ++i) {
            judge(SubjectKind::Problem, m_problems[below(m_problems.size())]);
            judge(SubjectKind::Solution, m_solutions[below(m_solutions.size())]);
            judge(SubjectKind::Critique, 1 + static_cast<std::int64_t>(below(kCritiques)));
        }
    }

private:
    std::size_t below(std::size_t limit) { return m_random() % limit; }

    void critique(int number) {
        const std::int64_t solution =
            m_solutions[below(3) == 0 ? below(m_solutions.size())
                                      : static_cast<std::size_t>(number) / 2];
        model::Critique value = makeCritique(
            solution, "Step one is " + std::string(below(2) == 0 ? "right" : "wrong") +
                          (below(50) == 0 ? " rarely " : " often ") + std::to_string(number));
        value.round = static_cast<int>(below(4));
        value.parsed.parser = "scrit/1";
        value.parsed.steps = {{0, model::StepVerdict::Incorrect, {0, below(9)}}};
        value.parsed.conclusionSpan = base::Span{1, 2 + below(20)};
        value.parsed.usedEnd = below(30);
        if (below(3) == 0) {
            value.parsed.problems = {"no-conclusion", "quoted \" and é"};
            value.parsed.firstErrorStep = static_cast<int>(below(5)) - 1;
            value.referenceId = m_solutions[below(m_solutions.size())];
        }
        if (below(4) == 0) {
            value.completionId = 1 + static_cast<std::int64_t>(below(50));
        }
        const auto id = idOf(m_writer.addCritique(value));
        for (std::size_t more = below(3); more > 0; --more) {
            value.parsed.parser = "other/" + std::to_string(below(9));
            value.parsed.correctionAnswer = std::to_string(below(9));
            idOf(m_writer.addParse(id, value.parsed));
        }
    }

    void judge(SubjectKind kind, std::int64_t id) {
        model::Verdict verdict =
            makeVerdict(kind, id, below(2) == 0 ? "human" : "answer_match",
                        static_cast<Outcome>(below(3)), "p/" + std::to_string(below(3)));
        verdict.evidence = std::to_string(below(1000));
        idOf(m_writer.addVerdict(verdict));
        if (kind != SubjectKind::Problem && below(3) == 0) {
            idOf(m_writer.addAnnotation(makeAnnotation(kind, id, "comment", "c")));
        }
    }

    Writer& m_writer;
    std::mt19937_64 m_random{11};
    std::vector<std::int64_t> m_problems;
    std::vector<std::int64_t> m_solutions;
};

void write(std::ostream& out, const std::optional<base::Span>& span) {
    if (span) {
        out << span->begin << '-' << span->end;
    }
    out << '|';
}

void write(std::ostream& out, const model::Solution& solution) {
    out << "solution " << solution.id << ' ' << solution.key << ' ' << solution.problemId << ' '
        << solution.author << ' ' << solution.source << ' ' << solution.text << ' '
        << solution.steps.size() << solution.finalAnswer << '\n';
}

void write(std::ostream& out, const model::Critique& critique) {
    const model::ParsedCritique& parsed = critique.parsed;
    out << "critique " << critique.id << ' ' << critique.key << ' ' << critique.solutionId << ' '
        << critique.referenceId.value_or(0) << ' ' << static_cast<int>(critique.mode)
        << critique.critic << critique.round << critique.source << critique.text << ' '
        << critique.completionId.value_or(0) << ' ' << parsed.parser << ' '
        << (parsed.conclusion ? static_cast<int>(*parsed.conclusion) : 9) << ' '
        << parsed.firstErrorStep.value_or(-9) << ' ' << parsed.correctionAnswer << ' '
        << parsed.usedEnd << ' ' << parsed.steps.size();
    write(out, parsed.referenceAnalysis);
    write(out, parsed.conclusionSpan);
    write(out, parsed.correction);
    for (const std::string& problem : parsed.problems) {
        out << problem << ';';
    }
    out << '\n';
}

// Everything a stream gives of a record.
std::string text(const store::TraceRecord& record) {
    std::ostringstream out;
    out << "problem " << record.problem.id << ' ' << record.problem.key << record.problem.source
        << record.problem.text << record.problem.choices.size() << '\n';
    if (record.solution) {
        write(out, *record.solution);
    }
    if (record.critique) {
        write(out, *record.critique);
    }
    if (record.reference) {
        write(out, *record.reference);
    }
    for (const model::Verdict& verdict : record.verdicts) {
        out << "verdict " << verdict.id << ' ' << static_cast<int>(verdict.subject) << ' '
            << verdict.subjectId << verdict.verifier << verdict.protocol
            << static_cast<int>(verdict.outcome) << verdict.evidence << '\n';
    }
    for (const model::Annotation& annotation : record.annotations) {
        out << "annotation " << annotation.id << ' ' << static_cast<int>(annotation.subject) << ' '
            << annotation.subjectId << annotation.annotator << annotation.kind << annotation.value
            << '\n';
    }
    out << (record.solutionCorrect ? static_cast<int>(*record.solutionCorrect) : 2) << ' '
        << record.promptTokens << ' ' << record.completionTokens << ' ' << record.latencySeconds
        << ' ' << record.cost;
    return out.str();
}

// What a row of a list and the record of it both tell.
std::string shown(const store::TraceRow& row) {
    std::ostringstream out;
    out << row.problemId << ' ' << row.solutionId << ' ' << row.critiqueId << ' ' << row.source
        << ' ' << row.excerpt << ' ' << row.student << ' ' << row.solutionCorrect.value_or(false)
        << row.solutionCorrect.has_value();
    if (row.critiqueId != 0) {
        out << ' ' << row.critic << ' ' << static_cast<int>(row.mode) << ' ' << row.round << ' '
            << (row.conclusion ? static_cast<int>(*row.conclusion) : 9) << ' '
            << row.firstErrorStep.value_or(-9) << ' ' << row.tokens;
    }
    return out.str();
}
std::string shown(const store::TraceRecord& record) {
    store::TraceRow row;
    row.problemId = record.problem.id;
    row.source = record.problem.source;
    row.excerpt = record.problem.text;
    if (record.solution) {
        row.solutionId = record.solution->id;
        row.student = record.solution->author;
        row.solutionCorrect = record.solutionCorrect;
    }
    if (record.critique) {
        row.critiqueId = record.critique->id;
        row.critic = record.critique->critic;
        row.mode = record.critique->mode;
        row.round = record.critique->round;
        row.conclusion = record.critique->parsed.conclusion;
        row.firstErrorStep = record.critique->parsed.firstErrorStep;
        row.tokens = record.completionTokens;
    }
    return shown(row);
}

std::int64_t idIn(const store::TraceRecord& record) {
    return record.critique   ? record.critique->id
           : record.solution ? record.solution->id
                             : record.problem.id;
}

// Moves the critiques far apart; through negative ids, because the new ones may be taken.
constexpr const char* kSpread =
    "BEGIN;"
    "UPDATE critique SET id = -197 * id; UPDATE critique SET id = -id;"
    "UPDATE critique_row SET id = -197 * id; UPDATE critique_row SET id = -id;"
    "UPDATE critique_parse SET critique_id = -197 * critique_id;"
    "UPDATE critique_parse SET critique_id = -critique_id;"
    "UPDATE verdict SET subject_id = subject_id * 197 WHERE subject_kind = 2;"
    "UPDATE annotation SET subject_id = subject_id * 197 WHERE subject_kind = 2;"
    "INSERT INTO critique_text (critique_text) VALUES ('rebuild');"
    "COMMIT";

} // namespace

// What Reader gives row after row equals what it gives one by one.
class StoreStreamTest : public QObject {
    Q_OBJECT

private:
    // The list that a row of lists() asks for.
    static ListQuery fetchedQuery() {
        QFETCH(int, list);
        QFETCH(QString, filter);
        QFETCH(int, key);
        QFETCH(bool, descending);
        return {static_cast<ListOf>(list), filter.toStdString(), static_cast<SortKey>(key),
                descending};
    }

    QTemporaryDir m_folder;
    std::array<std::shared_ptr<Workspace>, 2> m_workspaces;
    std::array<std::unique_ptr<store::Reader>, 2> m_readers; // dense ids, ids far apart

    void open(std::size_t which, const char* name) {
        const auto path = inside(m_folder, name);
        SCRIT_TRY(workspace, Workspace::create(path));
        SQLite::Database database(path.string(), SQLite::OPEN_READWRITE);
        for (int i = 1; i <= 50; ++i) {
            const std::string number = std::to_string(i);
            database.exec("INSERT INTO completion (id, cache_key, prompt_tokens, "
                          "completion_tokens, latency_seconds, cost, created_at, text) VALUES (" +
                          number + ", x'" + std::to_string(100 + i).substr(1) + "', " + number +
                          ", 3, 0.5, 0.25, 0, '')");
        }
        SCRIT_OK(workspace->write([](Writer& writer) -> base::Expected<void> {
            Filler(writer).fill();
            return {};
        }));
        if (which == 1) {
            database.exec(kSpread);
        }
        SCRIT_TRY(reader, workspace->reader());
        m_workspaces.at(which) = std::move(workspace);
        m_readers.at(which) = std::move(reader);
    }

    static void lists(const std::vector<const char*>& filters, const std::vector<SortKey>& keys) {
        QTest::addColumn<int>("which");
        QTest::addColumn<int>("list");
        QTest::addColumn<QString>("filter");
        QTest::addColumn<int>("key");
        QTest::addColumn<bool>("descending");
        for (int which = 0; which < 2; ++which) {
            for (const ListOf of : {ListOf::Problems, ListOf::Solutions, ListOf::Critiques}) {
                for (const char* filter : filters) {
                    for (const SortKey key : keys) {
                        for (const bool descending : {false, true}) {
                            QTest::addRow("%s %d '%s' %d%s", which == 0 ? "dense" : "far apart",
                                          static_cast<int>(of), filter, static_cast<int>(key),
                                          descending ? " descending" : "")
                                << which << static_cast<int>(of) << QString::fromUtf8(filter)
                                << static_cast<int>(key) << descending;
                        }
                    }
                }
            }
        }
    }

private Q_SLOTS:
    void initTestCase() {
        open(0, "dense.scrit");
        open(1, "far.scrit");
        QVERIFY(m_readers[0] && m_readers[1]);
    }

    void recordsOfAStream_data() {
        lists({"", "source:gsm8k", "id:50..90"}, {SortKey::Id, SortKey::Source});
        QTest::newRow("by first error")
            << 0 << static_cast<int>(ListOf::Critiques) << QStringLiteral("round:>=2")
            << static_cast<int>(SortKey::FirstErrorStep) << true;
        QTest::newRow("some far on")
            << 0 << static_cast<int>(ListOf::Critiques) << QStringLiteral("rarely OR first-error:2")
            << static_cast<int>(SortKey::Id) << false;
    }
    void recordsOfAStream() {
        QFETCH(int, which);
        store::Reader& reader = *m_readers.at(static_cast<std::size_t>(which));
        const ListQuery query = fetchedQuery();
        SCRIT_TRY(ids, reader.ids(query));
        std::size_t at = 0;
        SCRIT_OK(
            reader.forEachRecord(query, [&](store::TraceRecord&& streamed) -> base::Expected<bool> {
                // Read on the same connection, in the middle of the stream.
                auto single = reader.record(query.of, idIn(streamed));
                if (!single) {
                    return base::fail(single.error());
                }
                const bool same =
                    at < ids.size() && ids[at] == idIn(streamed) && text(streamed) == text(*single);
                if (!same) {
                    return base::fail(base::ErrorCode::Internal,
                                      "streamed " + text(streamed) + "\nsingle " + text(*single));
                }
                ++at;
                return true;
            }));
        QCOMPARE(at, ids.size());
        QVERIFY(query.filter.starts_with("id:") || at > 0);
    }

    void rowsOfAStream_data() {
        lists({"", "source:gsm8k", "scarce"}, {SortKey::Id, SortKey::Source});
    }
    // Rows are read many at once; whoever gets them notices nothing of it.
    void rowsOfAStream() {
        QFETCH(int, which);
        store::Reader& reader = *m_readers.at(static_cast<std::size_t>(which));
        const ListQuery query = fetchedQuery();
        SCRIT_TRY(ids, reader.ids(query));
        for (const std::size_t wanted : {1U, 17U, 10'000U}) {
            std::vector<std::int64_t> streamed;
            SCRIT_OK(reader.forEachRow(query, [&](const store::TraceRow& row) {
                // Read on the same connection, in the middle of the stream.
                const auto again = reader.rows(query.of, {row.id, -1, row.id});
                const auto record = reader.record(query.of, row.id);
                if (!record || !again || again->size() != 2 || shown(again->back()) != shown(row) ||
                    shown(*record) != shown(row)) {
                    return base::Expected<bool>(
                        base::fail(base::ErrorCode::Internal, "streamed " + shown(row)));
                }
                streamed.push_back(row.id);
                return base::Expected<bool>(streamed.size() < wanted);
            }));
            auto first = ids;
            first.resize(std::min(wanted, ids.size()));
            QCOMPARE(streamed, first);
        }
    }

    void rowsKeepTheOrderAsked() {
        SCRIT_TRY(rows, m_readers[0]->rows(ListOf::Critiques, {7, 3, 9999, 7, 8}));
        std::vector<std::int64_t> ids;
        for (const store::TraceRow& row : rows) {
            ids.push_back(row.id);
        }
        QCOMPARE(ids, (std::vector<std::int64_t>{7, 3, 7, 8}));
    }

    // A byte for each id between such ones would fill the memory.
    void textsOfIdsFarApartAreFound() {
        const auto path = inside(m_folder, "huge.scrit");
        SCRIT_TRY(workspace, Workspace::create(path));
        SCRIT_OK(workspace->write([](Writer& writer) -> base::Expected<void> {
            const auto p = idOf(writer.addProblem(makeProblem("P")));
            const auto s = idOf(writer.addSolution(makeSolution(p, "S")));
            for (const char* text : {"one word", "no", "last word"}) {
                idOf(writer.addCritique(makeCritique(s, text)));
            }
            return {};
        }));
        SQLite::Database database(path.string(), SQLite::OPEN_READWRITE);
        database.exec("UPDATE critique SET id = 9000000000000000000 WHERE id = 3;"
                      "UPDATE critique_row SET id = 9000000000000000000 WHERE id = 3;"
                      "INSERT INTO critique_text (critique_text) VALUES ('rebuild')");
        SCRIT_TRY(reader, workspace->reader());
        const ListQuery query{ListOf::Critiques, "word", SortKey::Id, true};
        SCRIT_TRY(count, reader->count(query));
        QCOMPARE(count, 2);
        SCRIT_TRY(ids, reader->ids(query));
        QCOMPARE(ids, (std::vector<std::int64_t>{9'000'000'000'000'000'000, 1}));
    }

    void pagesOfFreeText_data() {
        lists({"common", "-rarely", "rarely", "scarce", "usual right", "\"problem 1*\"", "nowhere",
               "wrong OR scarce", "-(often right) common", "problem 7", "rarely source:gsm8k",
               "(often (right usual))", "often often scarce"},
              {SortKey::Id});
    }
    void pagesOfFreeText() {
        QFETCH(int, which);
        QFETCH(int, list);
        QFETCH(QString, filter);
        QFETCH(bool, descending);
        store::Reader& reader = *m_readers.at(static_cast<std::size_t>(which));
        const ListQuery query{static_cast<ListOf>(list), filter.toStdString(), SortKey::Id,
                              descending};
        SCRIT_TRY(ids, reader.ids(query));
        SCRIT_TRY(count, reader.count(query));
        QCOMPARE(count, static_cast<std::int64_t>(ids.size()));
        for (const int size : {11, 1000}) {
            std::vector<std::int64_t> paged;
            for (std::optional<std::int64_t> after;;) {
                SCRIT_TRY(rows, reader.page(query, after, size));
                for (const store::TraceRow& row : rows) {
                    paged.push_back(row.id);
                }
                if (rows.size() < static_cast<std::size_t>(size)) {
                    break;
                }
                after = rows.back().id;
            }
            QCOMPARE(paged, ids);
        }
    }

    void partsAreReadInEitherWay_data() {
        QTest::addColumn<QByteArray>("parts");
        const auto row = [](const char* parts) {
            QTest::newRow(parts) << QByteArray(parts);
        };
        row("{\"steps\":[]}");
        row("{\"steps\":[[0,1,2,3],[-4,2,30,40],[5,0,90,101],[6,7,1,2]]}");
        row("{\"steps\":[],\"analysis\":[1,2],\"conclusion\":[3,4],\"correction\":[5,60]}");
        row("{\"steps\":[],\"conclusion\":[3,400]}");
        row("{\"steps\":[],\"correction\":[30,4]}");
        row("{\"steps\":[[1,1,0,9]],\"problems\":[\"no-conclusion\",\"\",\"a, b\"]}");
        row("{\"steps\":[],\"problems\":[\"quoted \\\" here\",\"\\u00e9\",\"é\"]}");
        row("{\"steps\":[],\"correction\":[1,2],\"analysis\":[3,4]}");
    }
    void partsAreReadInEitherWay() {
        QFETCH(QByteArray, parts);
        std::array<model::ParsedCritique, 2> read;
        // A space that partsToJson() does not write makes the second one take the general way.
        SCRIT_OK(store::partsFromJson(parts.toStdString(), 100, read[0]));
        SCRIT_OK(store::partsFromJson(' ' + parts.toStdString(), 100, read[1]));
        QCOMPARE(store::partsToJson(read[0]), store::partsToJson(read[1]));
    }

    void brokenPartsAreRefused_data() {
        QTest::addColumn<QByteArray>("parts");
        for (const char* parts : {"", "{", "{\"steps\":[[0,1,2]]}", "{\"steps\":[[0,1,2,3],]}",
                                  "{\"steps\":[]} x", "{\"steps\":[],\"problems\":[\"open]}",
                                  "{\"steps\":[],\"problems\":[1]}", "{\"analysis\":[1,2]}"}) {
            QTest::newRow(parts) << QByteArray(parts);
        }
    }
    void brokenPartsAreRefused() {
        QFETCH(QByteArray, parts);
        model::ParsedCritique parsed;
        const auto read = store::partsFromJson(parts.toStdString(), 100, parsed);
        QVERIFY(!read);
        QCOMPARE(read.error().code, base::ErrorCode::Corrupt);
    }
};

SCRIT_TEST(StoreStreamTest)
#include "store_stream_test.moc"
