// SPDX-License-Identifier: GPL-3.0-or-later
// Problems, solutions, critiques and what is said about them: stored once, and read as they count.
#include "tests/core/store_lineage_support.h"
#include "tests/support/test_program.h"

#include <SQLiteCpp/SQLiteCpp.h>

using namespace scrit;
using namespace scrit::test;
using model::Outcome;
using model::SubjectKind;
using store::ListOf;
using store::Workspace;
using store::Writer;

class StoreLineageTest : public LineageWorkspace {
    Q_OBJECT

private Q_SLOTS:
    void init() { openNew(); }
    void cleanup() { close(); }

    void aRecordComesBackWhole() {
        model::Problem problem = makeProblem("What is 6 × 7?");
        problem.choices = {"41", "42"};
        problem.referenceAnswer = "42";
        problem.licence = "MIT";
        SCRIT_OK(write([&](Writer& writer) {
            const auto p = idOf(writer.addProblem(problem));
            const auto s = idOf(writer.addSolution(makeSolution(p, "It is 41.")));
            const auto reference = idOf(writer.addSolution(makeSolution(p, "It is 42.", "ref")));
            model::Critique critique = parsedCritique(s, "wrong: 41");
            critique.referenceId = reference;
            critique.promptHash = base::contentHash({"prompt"});
            idOf(writer.addCritique(critique));
            idOf(writer.addCritique(parsedCritique(s, "wrong again")));
            idOf(writer.addVerdict(makeVerdict(SubjectKind::Solution, s, "human", Outcome::No)));
            idOf(writer.addVerdict(
                makeVerdict(SubjectKind::Critique, 1, "self_validation", Outcome::Yes)));
            idOf(writer.addAnnotation(makeAnnotation(SubjectKind::Critique, 1, "comment", "ok")));
        }));
        {
            SQLite::Database database(inside(*m_folder).string(), SQLite::OPEN_READWRITE);
            SQLite::Statement insert(
                database, "INSERT INTO prompt (hash, encoding, text) SELECT "
                          "prompt_hash, 'plain', CAST('Please criticise' AS BLOB) FROM critique "
                          "WHERE prompt_hash IS NOT NULL");
            insert.exec();
        }
        SCRIT_TRY(record, m_reader->record(ListOf::Critiques, 1));
        QCOMPARE(record.problem.text, problem.text);
        QCOMPARE(record.problem.key, problem.key);
        QCOMPARE(record.problem.choices, problem.choices);
        QCOMPARE(record.problem.licence, "MIT");
        QCOMPARE(record.solution->text, "It is 41.");
        QCOMPARE(record.solution->steps.size(), 1U);
        QCOMPARE(record.reference->author, "ref");
        const model::Critique expected = parsedCritique(record.solution->id, "wrong: 41");
        QCOMPARE(record.critique->key, expected.key);
        QCOMPARE(record.critique->seed, expected.seed);
        QCOMPARE(record.critique->mode, expected.mode);
        const model::ParsedCritique& parsed = record.critique->parsed;
        QCOMPARE(parsed.parser, "scrit/1");
        QCOMPARE(parsed.steps.size(), 2U);
        QCOMPARE(parsed.steps[1].verdict, model::StepVerdict::Incorrect);
        QVERIFY(parsed.steps[1].span == expected.parsed.steps[1].span);
        QVERIFY(parsed.correction == expected.parsed.correction);
        QVERIFY(!parsed.conclusionSpan);
        QCOMPARE(parsed.problems, expected.parsed.problems);
        QCOMPARE(parsed.usedEnd, 9U);
        QCOMPARE(record.siblings.size(), 1U);
        QCOMPARE(record.siblings[0].id, 2);
        QCOMPARE(record.verdicts.size(), 2U);
        QCOMPARE(record.verdicts[0].verifier, "self_validation");
        QCOMPARE(record.annotations.size(), 1U);
        QCOMPARE(record.annotations[0].annotator, "anna");
        QCOMPARE(record.prompt, "Please criticise");
        QVERIFY(record.solutionCorrect == false);
        const auto none = m_reader->record(ListOf::Critiques, 99);
        QCOMPARE(none.error().code, base::ErrorCode::NotFound);
    }

    void storingTwiceAddsNothing() {
        for (int round = 0; round < 2; ++round) {
            SCRIT_OK(write([&](Writer& writer) {
                const auto p = writer.addProblem(makeProblem("P"));
                const auto s = writer.addSolution(makeSolution(p->id, "S"));
                const auto c = writer.addCritique(parsedCritique(s->id, "C is long enough"));
                const auto v = writer.addVerdict(
                    makeVerdict(SubjectKind::Critique, c->id, "answer_match", Outcome::Yes));
                for (const auto* stored : {&p, &s, &c, &v}) {
                    QCOMPARE((*stored)->added, round == 0);
                    QCOMPARE((*stored)->id, 1);
                }
            }));
        }
    }

    void gapsAreFilledAndTextsKept() {
        model::Problem first = makeProblem("P");
        model::Problem second = makeProblem("P", "another");
        second.split = "test";
        second.level = "5";
        second.referenceAnswer = "7";
        second.referenceSolution = "because";
        SCRIT_OK(write([&](Writer& writer) {
            const auto p = idOf(writer.addProblem(first));
            const auto s = idOf(writer.addSolution(makeSolution(p, "S")));
            idOf(writer.addCritique(makeCritique(s, "C")));
            idOf(writer.addProblem(second));
            second.referenceAnswer = "8";
            second.split = "train";
            idOf(writer.addProblem(second));
        }));
        SCRIT_TRY(record, m_reader->record(ListOf::Critiques, 1));
        QCOMPARE(record.problem.source, "gsm8k");
        QCOMPARE(record.problem.referenceAnswer, "7");
        QCOMPARE(record.problem.referenceSolution, "because");
        QCOMPARE(record.problem.split, "test");
        for (const ListOf of : {ListOf::Problems, ListOf::Solutions, ListOf::Critiques}) {
            SCRIT_TRY(count, m_reader->count({of, "split:test level:5", {}, false}));
            QCOMPARE(count, 1);
        }
    }

    void aProblemOfTwoDataSetsIsFoundInBoth() {
        model::Problem again = makeProblem("P", "second/hard");
        again.split = "test";
        again.externalId = "17";
        SCRIT_OK(write([&](Writer& writer) {
            const auto p = idOf(writer.addProblem(makeProblem("P", "first")));
            model::Solution solution = makeSolution(p, "S");
            solution.source = "first";
            idOf(writer.addSolution(solution));
            QVERIFY(!writer.addProblem(again)->added);
            QVERIFY(!writer.addProblem(again)->added);
            idOf(writer.addProblem(makeProblem("P", ""))); // says nothing about where it is from
            idOf(writer.addProblem(makeProblem("Q", "first")));
        }));
        const auto problems = [&](const char* filter) {
            return m_reader->count({ListOf::Problems, filter, {}, false}).value_or(-1);
        };
        QCOMPARE(problems("source:first"), 2);
        QCOMPARE(problems("source:second"), 1);
        QCOMPARE(problems("source:first source:second/*"), 1);
        QCOMPARE(problems("-source:second"), 1);
        SCRIT_TRY(solutions, m_reader->count({ListOf::Solutions, "source:second", {}, false}));
        QCOMPARE(solutions, 0); // the candidate came with the first one
        SCRIT_TRY(record, m_reader->record(ListOf::Solutions, 1));
        QCOMPARE(record.problem.source, "first");
        QCOMPARE(record.otherSources.size(), 1U);
        QCOMPARE(record.otherSources[0].source, "second/hard");
        QCOMPARE(record.otherSources[0].split, "test");
        QCOMPARE(record.otherSources[0].externalId, "17");
        SCRIT_TRY(status, m_reader->status());
        QCOMPARE(status.problems, 2);
        QCOMPARE(status.sources.size(), 2U);
        QVERIFY(status.sources[0] == std::pair(std::string("first"), std::int64_t{2}));
        QVERIFY(status.sources[1] == std::pair(std::string("second/hard"), std::int64_t{1}));
        SCRIT_TRY(values, m_reader->values("source", "sec", 5));
        QCOMPARE(values, std::vector<std::string>{"second/hard"});
    }

    // What is known about a solution may change and change back, and with it the flags of a parse.
    void aParseThatReturnsIsTheCurrentOne() {
        const auto parse = [](const char* parser, model::Flag flag) {
            model::ParsedCritique parsed = parsedCritique(1, "text").parsed;
            parsed.parser = parser;
            parsed.flags.add(flag);
            return parsed;
        };
        const auto knownCorrect = parse("p/1;solution=correct", model::Flag::Leak);
        const auto knownIncorrect = parse("p/1;solution=incorrect", model::Flag::RubberStamp);
        const auto current = [&] {
            return m_reader->rows(ListOf::Critiques, {1})->front().flags;
        };
        const auto say = [&](const model::ParsedCritique& parsed) {
            bool added = false;
            auto done = write([&](Writer& writer) { added = writer.addParse(1, parsed)->added; });
            return done.has_value() && added;
        };
        SCRIT_OK(write([&](Writer& writer) {
            const auto p = idOf(writer.addProblem(makeProblem("P")));
            const auto s = idOf(writer.addSolution(makeSolution(p, "S")));
            idOf(writer.addCritique(parsedCritique(s, "a critique")));
        }));
        QVERIFY(say(knownCorrect));
        QVERIFY(say(knownIncorrect));
        QVERIFY(!say(knownIncorrect));
        QVERIFY(current() == knownIncorrect.flags);
        QVERIFY(say(knownCorrect));
        QVERIFY(current() == knownCorrect.flags);
        SCRIT_TRY(record, m_reader->record(ListOf::Critiques, 1));
        QCOMPARE(record.critique->parsed.parser, knownCorrect.parser);
        // Importing the critique again brings its first parse along, which is old.
        SCRIT_OK(write(
            [&](Writer& writer) { idOf(writer.addCritique(parsedCritique(1, "a critique"))); }));
        QVERIFY(current() == knownCorrect.flags);
    }

    void verdictsAddUpAndTheNewestCounts() {
        SCRIT_OK(write([&](Writer& writer) {
            const auto p = idOf(writer.addProblem(makeProblem("P")));
            const auto s = idOf(writer.addSolution(makeSolution(p, "S")));
            const auto c = idOf(writer.addCritique(makeCritique(s, "C")));
            const auto say = [&](Outcome outcome, const char* protocol) {
                return *writer.addVerdict(
                    makeVerdict(SubjectKind::Critique, c, "self_validation", outcome, protocol));
            };
            QVERIFY(say(Outcome::Yes, "v/1").added);
            QVERIFY(!say(Outcome::Yes, "v/1").added);
            QVERIFY(say(Outcome::No, "v/1").added);
            QVERIFY(say(Outcome::Undecided, "v/2").added);
        }));
        SCRIT_TRY(rows, m_reader->rows(ListOf::Critiques, {1}));
        QVERIFY(rows[0].validated == Outcome::Undecided);
        SCRIT_TRY(record, m_reader->record(ListOf::Critiques, 1));
        QCOMPARE(record.verdicts.size(), 3U);
    }

    // An import of an export brings the history along, not only what is in force.
    void verdictsThatComeBackAreKnown() {
        SCRIT_OK(write([&](Writer& writer) {
            const auto p = idOf(writer.addProblem(makeProblem("P")));
            const auto s = idOf(writer.addSolution(makeSolution(p, "S")));
            auto older = makeVerdict(SubjectKind::Solution, s, "answer_match", Outcome::Yes);
            older.createdAt = 5;
            auto newer = makeVerdict(SubjectKind::Solution, s, "answer_match", Outcome::No);
            newer.createdAt = 6;
            QVERIFY(writer.addVerdict(older)->added);
            QVERIFY(writer.addVerdict(newer)->added);
            QVERIFY(!writer.addVerdict(older)->added);
            QVERIFY(!writer.addVerdict(newer)->added);
            older.createdAt = 7; // said again
            QVERIFY(writer.addVerdict(older)->added);
        }));
    }

    void personOverMatchOverLabel() {
        const auto correct = [&]() -> std::optional<bool> {
            return m_reader->rows(ListOf::Critiques, {1})->front().solutionCorrect;
        };
        SCRIT_OK(write([&](Writer& writer) {
            const auto p = idOf(writer.addProblem(makeProblem("P")));
            const auto s = idOf(writer.addSolution(makeSolution(p, "S")));
            idOf(writer.addCritique(makeCritique(s, "C")));
        }));
        QVERIFY(!correct());
        const auto say = [&](const char* verifier, Outcome outcome, const char* protocol) {
            return write([&](Writer& writer) {
                idOf(writer.addVerdict(
                    makeVerdict(SubjectKind::Solution, 1, verifier, outcome, protocol)));
            });
        };
        SCRIT_OK(say("label", Outcome::Yes, "label/answer"));
        QVERIFY(correct() == true);
        SCRIT_OK(say("answer_match", Outcome::Undecided, "m/1"));
        QVERIFY(correct() == true);
        SCRIT_OK(say("answer_match", Outcome::No, "m/2"));
        QVERIFY(correct() == false);
        SCRIT_OK(say("human", Outcome::Yes, "h/1"));
        QVERIFY(correct() == true);
    }

    void annotationsSupersedeAndComeBack() {
        const auto label = [&] {
            return m_reader->rows(ListOf::Critiques, {1})->front().annotationLabel;
        };
        const auto say = [&](const char* kind, const char* value,
                             std::optional<std::int64_t> supersedes) {
            std::int64_t id = 0;
            auto done = write([&](Writer& writer) {
                model::Annotation annotation =
                    makeAnnotation(SubjectKind::Critique, 1, kind, value);
                annotation.supersedes = supersedes;
                id = idOf(writer.addAnnotation(annotation));
            });
            return done ? id : -1;
        };
        SCRIT_OK(write([&](Writer& writer) {
            const auto p = idOf(writer.addProblem(makeProblem("P")));
            const auto s = idOf(writer.addSolution(makeSolution(p, "S")));
            idOf(writer.addCritique(makeCritique(s, "C")));
        }));
        const auto first = say("agreement", "agree", std::nullopt);
        QCOMPARE(label(), "agree");
        const auto second = say("agreement", "disagree", first);
        QCOMPARE(label(), "disagree");
        const auto undo = say("undo", "", second);
        QCOMPARE(label(), "agree");
        say("undo", "", undo);
        QCOMPARE(label(), "disagree");
        const auto tag = say("tag", "odd", std::nullopt);
        SCRIT_TRY(tagged, m_reader->count({ListOf::Critiques, "tag:odd", {}, false}));
        QCOMPARE(tagged, 1);
        say("undo", "", tag);
        SCRIT_TRY(untagged, m_reader->count({ListOf::Critiques, "tag:odd", {}, false}));
        QCOMPARE(untagged, 0);
        SCRIT_TRY(record, m_reader->record(ListOf::Critiques, 1));
        QCOMPARE(record.annotations.size(), 6U);
    }
};

SCRIT_TEST(StoreLineageTest)
#include "store_lineage_test.moc"
