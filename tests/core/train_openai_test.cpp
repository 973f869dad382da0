// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/openai_fine_tuning.h"
#include "tests/core/train_support.h"
#include "tests/support/fake_http_server.h"
#include "tests/support/test_program.h"

#include <nlohmann/json.hpp>

#include <deque>
#include <mutex>

using namespace scrit;
using namespace scrit::train;
using namespace scrit::test;
using nlohmann::json;
using testing::FakeHttpServer;
using testing::FakeReply;
using testing::FakeRequest;

namespace {

constexpr const char* kKey = "sk-test-0123456789";

// A server that fine-tunes in its imagination: each look at the job takes it one status further.
class FakeTuning {
public:
    std::mutex mutex;
    std::vector<std::string> calls; // "POST /files" …
    std::vector<json> created;      // bodies of jobs
    std::vector<std::string> uploads;
    std::deque<std::string> statuses{"validating_files", "queued", "running", "running",
                                     "succeeded"};
    std::map<std::string, std::deque<FakeReply>> faults; // by call, each taken once
    json error;                                          // of a failed job
    std::string model = "ft:gpt:org:new:1";
    bool authorised = true;
    FakeHttpServer server{[this](const FakeRequest& request) {
        return answer(request);
    }};

    int count(const std::string& call) {
        const std::lock_guard lock(mutex);
        return static_cast<int>(std::count(calls.begin(), calls.end(), call));
    }

private:
    FakeReply answer(const FakeRequest& request) {
        const std::lock_guard lock(mutex);
        const std::string path = request.path.substr(0, request.path.find('?'));
        const std::string call = request.method + " " + path;
        calls.push_back(call);
        authorised = authorised && request.header("authorization") == std::string("Bearer ") + kKey;
        const bool creates = call == "POST /v1/fine_tuning/jobs";
        if (creates && request.header("x-lost").empty()) {
            created.push_back(json::parse(request.body));
        }
        if (auto& queue = faults[call]; !queue.empty()) {
            FakeReply reply = queue.front();
            queue.pop_front();
            return reply;
        }
        return testing::fakeAnswer(200, body(request, call).dump());
    }

    json body(const FakeRequest& request, const std::string& call) {
        if (call == "POST /v1/files") {
            uploads.push_back(request.body);
            return {{"id", "file-" + std::to_string(uploads.size())}, {"object", "file"}};
        }
        if (call == "POST /v1/fine_tuning/jobs") {
            return {{"id", "ftjob-1"}, {"status", "validating_files"}};
        }
        if (call == "GET /v1/fine_tuning/jobs") {
            json list = json::array();
            for (const json& job : created) {
                list.push_back({{"id", "ftjob-1"},
                                {"status", "running"},
                                {"training_file", job["training_file"]}});
            }
            return {{"data", list}};
        }
        if (call.ends_with("/events")) {
            json events = json::array(); // newest first
            for (int step = 5 - static_cast<int>(statuses.size()); step >= 1; --step) {
                events.push_back(
                    {{"id", "ev-" + std::to_string(step)},
                     {"message", "Step " + std::to_string(step)},
                     {"data", {{"step", step}, {"total_steps", 4}, {"train_loss", 2.0 / step}}}});
            }
            return {{"data", events}, {"has_more", false}};
        }
        if (call.ends_with("/cancel")) {
            return {{"id", "ftjob-1"}, {"status", "cancelled"}};
        }
        const std::string status = statuses.front();
        if (statuses.size() > 1) {
            statuses.pop_front();
        }
        json job{{"id", "ftjob-1"}, {"status", status}, {"error", error}};
        if (status == "succeeded") {
            job["fine_tuned_model"] = model;
        }
        return job;
    }
};

FakeReply refusal(int status, const char* code, const char* message) {
    return testing::fakeAnswer(status,
                               json{{"error", {{"code", code}, {"message", message}}}}.dump());
}
FakeReply lostConnection() {
    FakeReply reply;
    reply.ending = FakeReply::Ending::Reset;
    return reply;
}

} // namespace

class TrainOpenAiTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    int m_jobs = 0;
    std::shared_ptr<net::HttpClient> m_http = std::make_shared<net::HttpClient>();
    fs::path folder() const { return m_folder.path().toStdString(); }

    Job job(FakeTuning& tuning) {
        Job made;
        made.base.name = "gpt";
        made.base.kind = "openai";
        made.base.settings = json{{"urls", {tuning.server.url("/v1")}},
                                  {"model", "gpt-mini"},
                                  {"key_env", "SCRIT_TEST_TUNING_KEY"}}
                                 .dump();
        made.name = "critic round 1";
        made.data = folder() / "data";
        made.folder = folder() / ("job" + std::to_string(++m_jobs));
        return made;
    }
    std::unique_ptr<Trainer> trainer(std::int64_t giveUp = 60000) {
        FineTuningSettings settings;
        settings.firstPollMillis = 1;
        settings.mostPollMillis = 2;
        settings.giveUpMillis = giveUp;
        settings.sleep = [](std::int64_t, const base::CancelToken& cancel) {
            return !cancel.isCancelled();
        };
        Surroundings surroundings;
        surroundings.http = m_http;
        return makeOpenAiFineTuning(surroundings, settings);
    }

private Q_SLOTS:
    void initTestCase() {
        qputenv("SCRIT_TEST_TUNING_KEY", kKey);
        // Larger than what is read from the disk at a time.
        std::string rows;
        for (int i = 0; i < 20000; ++i) {
            rows +=
                json{{"messages", {{{"role", "user"}, {"content", std::to_string(i)}}}}}.dump() +
                "\n";
        }
        putData(folder() / "data", rows, 20000);
    }

    void trains() {
        FakeTuning tuning;
        Job made = job(tuning);
        made.parameters.epochs = 3;
        made.parameters.seed = 11;
        made.values["learning_rate_multiplier"] = "0.5";
        Told told;
        const auto trained = trainer()->run(made, told.function(), {});
        QVERIFY2(trained.has_value(), trained ? "" : trained.error().text().c_str());
        QCOMPARE(trained->kind, std::string("openai"));
        const json settings = json::parse(trained->settings);
        QCOMPARE(settings["model"].get<std::string>(), tuning.model);
        QCOMPARE(settings["key_env"].get<std::string>(), std::string("SCRIT_TEST_TUNING_KEY"));
        QVERIFY(tuning.authorised);
        QCOMPARE(tuning.created.size(), std::size_t{1});
        const json& body = tuning.created.front();
        QCOMPARE(body["model"].get<std::string>(), std::string("gpt-mini"));
        QCOMPARE(body["training_file"].get<std::string>(), std::string("file-1"));
        QCOMPARE(body["suffix"].get<std::string>(), std::string("critic-round-1"));
        QCOMPARE(body["hyperparameters"].dump(),
                 std::string(R"({"learning_rate_multiplier":0.5,"n_epochs":3})"));
        // The whole file, between the parts of the form.
        QVERIFY(tuning.uploads.front().find(textOf(made.data / "train.jsonl")) !=
                std::string::npos);
        QVERIFY(tuning.uploads.front().find("name=\"purpose\"\r\n\r\nfine-tune\r\n") !=
                std::string::npos);
        QCOMPARE(told.last.externalJob, std::string("ftjob-1"));
        QCOMPARE(told.losses.size(), std::size_t{4}); // each event once
        QCOMPARE(told.losses.back(), (LossPoint{4, 0.5}));
        QVERIFY(textOf(made.folder / "job.json").find(kKey) == std::string::npos);
        // What is done is not asked for again.
        const int before = tuning.server.requests();
        QVERIFY(trainer()->run(made, {}, {}).has_value());
        QCOMPARE(tuning.server.requests(), before);
    }

    void badServers_data() {
        QTest::addColumn<QString>("call");
        QTest::addColumn<int>("status");
        QTest::addColumn<QString>("errorCode");
        QTest::addColumn<int>("times");
        QTest::addColumn<int>("code"); // -1: it gets over it
        const int fine = -1;
        const int auth = static_cast<int>(base::ErrorCode::Auth);
        const int server = static_cast<int>(base::ErrorCode::Server);
        QTest::newRow("key refused") << "POST /v1/files" << 401 << "invalid_api_key" << 1 << auth;
        QTest::newRow("busy at upload") << "POST /v1/files" << 429 << "rate_limit" << 2 << fine;
        QTest::newRow("no credit")
            << "POST /v1/files" << 429 << "insufficient_quota" << 1 << server;
        QTest::newRow("model cannot be tuned")
            << "POST /v1/fine_tuning/jobs" << 400 << "model_not_available" << 1 << server;
        QTest::newRow("busy while polling")
            << "GET /v1/fine_tuning/jobs/ftjob-1" << 503 << "overloaded" << 4 << fine;
        QTest::newRow("lost while polling")
            << "GET /v1/fine_tuning/jobs/ftjob-1" << 0 << "" << 3 << fine;
        QTest::newRow("lost at upload") << "POST /v1/files" << 0 << "" << 2 << fine;
        QTest::newRow("lost at events")
            << "GET /v1/fine_tuning/jobs/ftjob-1/events" << 0 << "" << 2 << fine;
    }
    void badServers() {
        QFETCH(QString, call);
        QFETCH(int, status);
        QFETCH(QString, errorCode);
        QFETCH(int, times);
        QFETCH(int, code);
        FakeTuning tuning;
        for (int i = 0; i < times; ++i) {
            tuning.faults[call.toStdString()].push_back(
                status == 0
                    ? lostConnection()
                    : refusal(status, errorCode.toUtf8().constData(), "no: sk-test-0123456789"));
        }
        const auto trained = trainer()->run(job(tuning), {}, {});
        if (code < 0) {
            QVERIFY2(trained.has_value(), trained ? "" : trained.error().text().c_str());
            return;
        }
        QVERIFY(!trained);
        QCOMPARE(static_cast<int>(trained.error().code), code);
        QVERIFY(trained.error().text().find(kKey) == std::string::npos);
    }

    // The answer to the creation is lost: the job that was made is found, no second one is paid.
    void creationThatWasLost() {
        FakeTuning tuning;
        tuning.faults["POST /v1/fine_tuning/jobs"].push_back(lostConnection());
        QVERIFY(trainer()->run(job(tuning), {}, {}).has_value());
        QCOMPARE(tuning.created.size(), std::size_t{1});
        QCOMPARE(tuning.count("GET /v1/fine_tuning/jobs"), 1);
    }
    void resumesByTheStoredJob() {
        FakeTuning tuning;
        const Job made = job(tuning);
        tuning.faults["GET /v1/fine_tuning/jobs/ftjob-1"].assign(
            1, refusal(404, "gone", "for a moment"));
        QVERIFY(!trainer()->run(made, {}, {}));
        QVERIFY(trainer()->run(made, {}, {}).has_value());
        QCOMPARE(tuning.uploads.size(), std::size_t{1});
        QCOMPARE(tuning.created.size(), std::size_t{1});
    }
    void killedBetweenAskingAndKnowing() {
        FakeTuning tuning;
        const Job made = job(tuning);
        put(made.folder / "job.json",
            R"({"trainer":"openai-ft","file_id":"file-9","creating":true})");
        tuning.created.push_back({{"training_file", "file-9"}});
        QVERIFY(trainer()->run(made, {}, {}).has_value());
        QCOMPARE(tuning.count("POST /v1/fine_tuning/jobs"), 0);
        QCOMPARE(tuning.count("POST /v1/files"), 0);
    }

    void jobThatFails_data() {
        QTest::addColumn<QString>("status");
        QTest::addColumn<QString>("says");
        QTest::addColumn<int>("uploads"); // after the second start
        QTest::newRow("failed") << "failed"
                                << "failed at the server: line 3 is no chat" << 2;
        QTest::newRow("cancelled") << "cancelled"
                                   << "was cancelled at the server" << 1;
    }
    void jobThatFails() {
        QFETCH(QString, status);
        QFETCH(QString, says);
        QFETCH(int, uploads);
        FakeTuning tuning;
        tuning.statuses = {"running", status.toStdString()};
        tuning.error = {{"code", "invalid_training_file"}, {"message", "line 3 is no chat"}};
        const Job made = job(tuning);
        const auto failed = trainer()->run(made, {}, {});
        QVERIFY(!failed);
        QCOMPARE(failed.error().code, base::ErrorCode::Server);
        QVERIFY2(failed.error().text().find(says.toStdString()) != std::string::npos,
                 failed.error().text().c_str());
        tuning.statuses = {"succeeded"};
        QVERIFY(trainer()->run(made, {}, {}).has_value());
        QCOMPARE(static_cast<int>(tuning.uploads.size()), uploads);
        QCOMPARE(tuning.created.size(), std::size_t{2});
    }

    void cancelsAtTheServer() {
        FakeTuning tuning;
        tuning.statuses = {"running"};
        const Job made = job(tuning);
        const base::CancelToken cancel;
        const auto stopped = trainer()->run(
            made,
            [&](const Progress& now) {
                if (now.stage == "train") {
                    cancel.cancel();
                }
            },
            cancel);
        QVERIFY(!stopped);
        QCOMPARE(stopped.error().code, base::ErrorCode::Cancelled);
        QCOMPARE(tuning.count("POST /v1/fine_tuning/jobs/ftjob-1/cancel"), 1);
    }
    void serverThatStaysAway() {
        FakeTuning tuning;
        for (int i = 0; i < 2000; ++i) {
            tuning.faults["GET /v1/fine_tuning/jobs/ftjob-1"].push_back(
                refusal(503, "down", "maintenance"));
        }
        const auto failed = trainer(30)->run(job(tuning), {}, {});
        QVERIFY(!failed);
        QVERIFY(failed.error().message.starts_with("watching ftjob-1: "));
    }

    void refuses() {
        FakeTuning tuning;
        Job made = job(tuning);
        made.parameters.learningRate = 1e-5;
        QVERIFY(!trainer()->check(made));
        made = job(tuning);
        made.values["gpus"] = "2";
        QVERIFY(!trainer()->check(made));
        made = job(tuning);
        made.base = vllmModel();
        QVERIFY(!trainer()->check(made));
        made = job(tuning);
        made.base.settings = json{{"urls", {tuning.server.url("/v1")}},
                                  {"model", "m"},
                                  {"key_env", "SCRIT_TEST_NO_SUCH_KEY"}}
                                 .dump();
        QCOMPARE(trainer()->check(made).error().code, base::ErrorCode::Auth);
        QCOMPARE(tuning.server.requests(), 0);
    }
};

SCRIT_TEST(TrainOpenAiTest)
#include "train_openai_test.moc"
