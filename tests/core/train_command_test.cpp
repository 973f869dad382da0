// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/command_trainer.h"
#include "tests/core/train_support.h"
#include "tests/support/test_program.h"

#include <csignal>
#include <thread>

using namespace scrit;
using namespace scrit::train;
using namespace scrit::test;

// The trainer "command" with a program that trains nothing (tests/support/fake_trainer.sh).
class TrainCommandTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    int m_jobs = 0;
    fs::path folder() const { return m_folder.path().toStdString(); }

    Job job(const std::string& mode, const std::string& pause = "0") {
        Job made;
        made.base = vllmModel();
        made.name = "new";
        made.data = folder() / "data";
        made.folder = folder() / ("job" + std::to_string(++m_jobs));
        made.commandTemplate = SCRIT_SOURCE_DIR "/tests/support/fake_trainer.toml";
        made.values = {{"script", SCRIT_SOURCE_DIR "/tests/support/fake_trainer.sh"},
                       {"mode", mode},
                       {"pause", pause}};
        return made;
    }
    static std::unique_ptr<Trainer> trainer(std::int64_t grace = 10000) {
        return makeCommandTrainer({grace, 20});
    }
    static bool isGone(const Job& job, const char* file) {
        const pid_t pid = std::stoi(textOf(job.output() / file));
        return kill(pid, 0) != 0 ||
               textOf("/proc/" + std::to_string(pid) + "/stat").find(") Z") != std::string::npos;
    }
    static std::string starts(const Job& job) { return textOf(job.output() / "starts"); }

private Q_SLOTS:
    void initTestCase() { putData(folder() / "data", "{}\n{}\n", 2); }

    void trains() {
        const Job made = job("ok");
        Told told;
        const auto trained = trainer()->run(made, told.function(), {});
        QVERIFY2(trained.has_value(), trained ? "" : trained.error().text().c_str());
        QCOMPARE(trained->kind, std::string("vllm"));
        QCOMPARE(trained->settings, "{\"model\":\"" + made.output().string() + "\"}");
        QCOMPARE(told.losses.size(), std::size_t{5});
        QCOMPARE(told.losses.back(), (LossPoint{5, 1.94}));
        QCOMPARE(told.last.step, std::int64_t{5});
        QCOMPARE(told.last.steps, std::int64_t{5});
        QCOMPARE(told.last.epoch, 0.5);
        QCOMPARE(told.stages, (std::vector<std::string>{"train"}));
        QCOMPARE(textOf(made.folder / "train.yaml"), std::string("rate: 5.0e-06\n"));
        QVERIFY(textOf(made.log()).find("loss': 1.94") != std::string::npos);
        // What is done is not done again.
        const auto again = trainer()->run(made, {}, {});
        QVERIFY(again.has_value());
        QCOMPARE(again->settings, trained->settings);
        QCOMPARE(QString::fromStdString(starts(made)).count('\n'), 1);
    }

    void fails_data() {
        QTest::addColumn<std::string>("mode");
        QTest::addColumn<int>("code");
        QTest::addColumn<std::string>("says");
        const auto row = [](const char* mode, base::ErrorCode code, const std::string& says) {
            QTest::newRow(mode) << std::string(mode) << static_cast<int>(code) << says;
        };
        row("fail", base::ErrorCode::Server,
            "ended with exit code 7: RuntimeError: the dataset is broken");
        row("nan", base::ErrorCode::Invalid, "the loss is not a number at step 3");
        row("silent", base::ErrorCode::Server, "ended without output: ");
        row("short", base::ErrorCode::Corrupt, "is not as long as its header says");
    }
    void fails() {
        QFETCH(std::string, mode);
        QFETCH(int, code);
        QFETCH(std::string, says);
        Job made = job(mode);
        const auto failed = trainer()->run(made, {}, {});
        QVERIFY(!failed);
        QCOMPARE(static_cast<int>(failed.error().code), code);
        QVERIFY2(failed.error().text().find(says) != std::string::npos,
                 failed.error().text().c_str());
        QVERIFY(isGone(made, "child-pid"));
        // Repaired, the same job goes on to its end.
        made.values["mode"] = "ok";
        const auto repaired = trainer()->run(made, {}, {});
        QVERIFY2(repaired.has_value(), repaired ? "" : repaired.error().text().c_str());
    }

    void cancelsAndGoesOn_data() {
        QTest::addColumn<std::string>("mode");
        QTest::newRow("at once") << std::string("hang");
        QTest::newRow("killed") << std::string("stubborn");
    }
    void cancelsAndGoesOn() {
        QFETCH(std::string, mode);
        Job made = job(mode);
        const base::CancelToken cancel;
        const auto stopped = trainer(300)->run(
            made,
            [&](const Progress& now) {
                if (now.step >= 2 &&
                    fs::exists(made.output() / "checkpoint-2/trainer_state.json")) {
                    cancel.cancel();
                }
            },
            cancel);
        QVERIFY(!stopped);
        QCOMPARE(stopped.error().code, base::ErrorCode::Cancelled);
        QTRY_VERIFY(isGone(made, "pid"));
        QTRY_VERIFY(isGone(made, "child-pid")); // also what the program had started
        made.values["mode"] = "ok";
        Told told;
        QVERIFY(trainer()->run(made, told.function(), {}).has_value());
        QCOMPARE(told.losses.front().step, std::int64_t{3});
        QVERIFY(starts(made).find("started at step 2 ") != std::string::npos);
    }

    // The guard: when the thread that started it is gone, so is the program with its children.
    void programEndsWithItsOwner() {
        const Job made = job("hang");
        std::optional<backend::ChildProcess> child; // outlives the thread that started it
        std::thread([&] {
            backend::Command command;
            command.program = "/bin/sh";
            command.arguments = {SCRIT_SOURCE_DIR "/tests/support/fake_trainer.sh", "hang",
                                 made.output().string(), made.data.string()};
            command.guarded = true;
            if (auto started = backend::ChildProcess::start(command)) {
                child.emplace(std::move(*started));
            }
            for (int i = 0; i < 600 && !fs::exists(made.output() / "checkpoint-2"); ++i) {
                std::this_thread::sleep_for(std::chrono::milliseconds(50));
            }
        }).join();
        QVERIFY(child && fs::exists(made.output() / "child-pid"));
        QTRY_VERIFY(isGone(made, "pid"));
        QTRY_VERIFY(isGone(made, "child-pid"));
    }
    void guardPassesOnHowItEnded() {
        for (const auto& [script, end] : {std::pair{"exit 3", "exit code 3"},
                                          {"kill -9 $$", "signal 9"},
                                          {"true", "exit code 0"}}) {
            backend::Command command;
            command.program = "/bin/sh";
            command.arguments = {"-c", script};
            command.workingFolder = "/";
            command.guarded = true;
            auto child = backend::ChildProcess::start(command);
            QVERIFY(child.has_value());
            std::optional<std::string> how;
            QTRY_VERIFY((how = child->ended()).has_value());
            QCOMPARE(*how, std::string(end));
        }
    }

    void startsSmallerWhenMemoryRunsOut() {
        Job made = job("oom");
        made.values["micro_batch"] = "4";
        Told told;
        const auto trained = trainer()->run(made, told.function(), {});
        QVERIFY2(trained.has_value(), trained ? "" : trained.error().text().c_str());
        QCOMPARE(starts(made), std::string("started at step 0 with micro batch 4\n"
                                           "started at step 0 with micro batch 2\n"
                                           "started at step 0 with micro batch 1\n"));
        QVERIFY(std::count_if(told.lines.begin(), told.lines.end(), [](const std::string& line) {
                    return line.starts_with("out of GPU memory");
                }) == 2);
    }

    void diskThatIsFull() {
        const Job made = job("ok");
        fs::create_directories(made.folder);
        fs::create_symlink("/dev/full", made.log());
        const auto full = trainer()->run(made, {}, {});
        QVERIFY(!full);
        QCOMPARE(full.error().code, base::ErrorCode::DiskFull);
    }

    void programThatIsMissing() {
        put(folder() / "missing.toml", "name = \"m\"\nexport_view = \"sharegpt\"\n[[command]]\n"
                                       "program = \"no-such-trainer\"\n[result]\n"
                                       "files = [\"a\"]\nkind = \"vllm\"\n");
        Job made = job("ok");
        made.commandTemplate = (folder() / "missing.toml").string();
        made.values.clear();
        const auto checked = trainer()->check(made);
        QVERIFY(!checked);
        QCOMPARE(checked.error().code, base::ErrorCode::Unavailable);
    }
    void emptyData() {
        Job made = job("ok");
        made.data = folder() / "nothing";
        putData(made.data, "", 0);
        const auto empty = trainer()->run(made, {}, {});
        QVERIFY(!empty);
        QCOMPARE(empty.error().message, std::string("the training set is empty"));
    }
    void unknownTrainer() {
        const auto none = makeTrainer("comand");
        QVERIFY(!none);
        QCOMPARE(none.error().advice, std::string("did you mean command?"));
        for (const std::string_view name : trainerNames()) {
            QVERIFY(makeTrainer(name).has_value());
        }
    }
};

SCRIT_TEST(TrainCommandTest)
#include "train_command_test.moc"
