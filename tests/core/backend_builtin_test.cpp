// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backend/builtin_backend.h"
#include "core/backend/open_model.h"
#include "core/critique/prompt_template.h"
#include "core/mini/language.h"
#include "core/mini/vocabulary.h"
#include "core/net/http_client.h"
#include "tests/core/backend_support.h"
#include "tests/support/test_program.h"

#include <QTemporaryDir>
#include <QtTest>

#include <atomic>
#include <fstream>
#include <future>
#include <set>

using namespace scrit;
using namespace scrit::backend;

namespace {

using Prompts = std::map<std::string, critique::PromptTemplate>;

// A network that has learned nothing: what it writes is nonsense.
std::shared_ptr<const mini::Network> freshNetwork(std::uint64_t seed, int vocabulary = 0) {
    mini::NetworkShape shape;
    shape.vocabulary = vocabulary > 0 ? vocabulary : mini::vocabularySize();
    shape.segments = mini::kSegments;
    shape.steps = mini::kStepPlaces;
    shape.offsets = mini::kOffsets;
    shape.width = 32;
    shape.layers = 1;
    shape.heads = 2;
    return mini::Network::fresh(shape, seed).value();
}

mini::Problem anyProblem(std::uint64_t seed) {
    mini::Random random(seed);
    return mini::nextProblem(random, mini::Split::Train);
}

ChatRequest solveRequest(std::uint64_t seed, double temperature = 1) {
    static const critique::PromptTemplate kPrompt =
        critique::shippedPrompt("student_solve").value();
    ChatRequest request;
    const auto rendered =
        kPrompt.render({{"problem", mini::problemText(anyProblem(seed))}}).value();
    for (const critique::Message& message : rendered.messages) {
        request.messages.push_back({message.role, message.content});
    }
    request.sampling.temperature = temperature;
    return request;
}

} // namespace

class BackendBuiltinTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;

    std::string file(const char* name) {
        return m_folder.filePath(QLatin1String(name)).toStdString();
    }
    model::Model modelOf(const std::string& settings) {
        model::Model model;
        model.name = "mini";
        model.kind = "builtin";
        model.settings = settings;
        return model;
    }

private Q_SLOTS:
    void initTestCase() {
        QVERIFY(freshNetwork(1)->save(file("one.safetensors")));
        QVERIFY(freshNetwork(2)->save(file("two.safetensors")));
        QVERIFY(freshNetwork(1, 50)->save(file("other.safetensors")));
        std::ofstream(file("broken.safetensors")) << "no weights";
    }

    // Nonsense comes through as it is, with what it cost.
    void answers() {
        BuiltinBackend backend(freshNetwork(1));
        std::set<std::string> texts;
        for (std::uint64_t i = 0; i < 20; ++i) {
            const ChatOutcome outcome = send(backend, solveRequest(i)).get();
            QVERIFY(outcome.has_value());
            const mini::Problem problem = anyProblem(i);
            const mini::Request meaning{mini::Task::Solve, problem, {}, {}};
            const auto tokens = mini::answerTokens(meaning, outcome->text);
            QVERIFY2(tokens, outcome->text.c_str());
            QCOMPARE(outcome->completionTokens.value(), static_cast<std::int64_t>(tokens->size()));
            QCOMPARE(outcome->promptTokens.value(),
                     static_cast<std::int64_t>(mini::promptTokens(meaning).size()));
            QCOMPARE(outcome->finish == FinishReason::Stop,
                     !tokens->empty() && tokens->back() == mini::token::kEnd);
            QVERIFY(outcome->text.find('[') != std::string::npos);
            texts.insert(outcome->text);
        }
        QVERIFY(texts.size() > 10);
    }
    void seeds() {
        BuiltinBackend backend(freshNetwork(1));
        ChatRequest request = solveRequest(1);
        const auto text = [&](std::optional<std::int64_t> seed) {
            request.sampling.seed = seed;
            return send(backend, request).get()->text;
        };
        QCOMPARE(text(5), text(5));
        QVERIFY(text(5) != text(6));
        QCOMPARE(text(std::nullopt), text(std::nullopt));
        request.sampling.temperature = 0;
        QCOMPARE(text(5), text(6));
    }
    void isCutAtTheLimit() {
        BuiltinBackend backend(freshNetwork(1));
        ChatRequest request = solveRequest(1);
        request.sampling.maxTokens = 3;
        const ChatOutcome outcome = send(backend, request).get();
        QCOMPARE(outcome->completionTokens.value(), std::int64_t{3});
        QVERIFY(outcome->finish == FinishReason::Length);
    }
    // One answer does not depend on what else is asked.
    void manyAtOnce() {
        BuiltinBackend backend(freshNetwork(1));
        std::vector<std::string> alone;
        for (std::uint64_t i = 0; i < 40; ++i) {
            alone.push_back(send(backend, solveRequest(i)).get()->text);
        }
        std::vector<std::future<ChatOutcome>> together;
        for (std::uint64_t i = 0; i < 600; ++i) {
            together.push_back(send(backend, solveRequest(i)));
        }
        for (std::size_t i = 0; i < together.size(); ++i) {
            const ChatOutcome outcome = together[i].get();
            QVERIFY(outcome.has_value());
            if (i < alone.size()) {
                QCOMPARE(outcome->text, alone[i]);
            }
        }
    }
    void otherWorlds() {
        BuiltinBackend backend(freshNetwork(1));
        ChatRequest request;
        const auto refused = [&] {
            const ChatOutcome outcome = send(backend, request).get();
            return !outcome && outcome.error().error.code == base::ErrorCode::Invalid &&
                   !outcome.error().error.retryable;
        };
        QVERIFY(refused());
        request.messages = {{"system", "You solve problems."}, {"user", "What is 2 + 2?"}};
        QVERIFY(refused());
        request = solveRequest(1);
        request.jsonSchema = "{}";
        QVERIFY(refused());
        // Beside one that is fine.
        auto good = send(backend, solveRequest(1));
        request = {};
        auto bad = send(backend, request);
        QVERIFY(good.get().has_value());
        QVERIFY(!bad.get().has_value());
        // A text that is longer than the model can hold fails alone.
        const mini::Problem problem = anyProblem(1);
        request.messages = {{"user", "## Math Problem\n" + mini::problemText(problem) +
                                         "\n\n## Student Solution\n"}};
        for (int i = 0; i < 300; ++i) {
            request.messages[0].content += "hat ";
        }
        QVERIFY(refused());
    }
    void cancelled() {
        BuiltinBackend backend(freshNetwork(1));
        std::vector<std::future<ChatOutcome>> outcomes;
        std::vector<Backend::RequestId> ids;
        for (std::uint64_t i = 0; i < 300; ++i) {
            const auto promise = std::make_shared<std::promise<ChatOutcome>>();
            outcomes.push_back(promise->get_future());
            ids.push_back(backend.complete(solveRequest(i), [promise](ChatOutcome&& outcome) {
                promise->set_value(std::move(outcome));
            }));
        }
        for (std::size_t i = 100; i < ids.size(); ++i) {
            backend.cancel(ids[i]);
        }
        backend.cancel(ids.back() + 1000);
        int ended = 0;
        for (std::size_t i = 0; i < outcomes.size(); ++i) {
            const ChatOutcome outcome = outcomes[i].get();
            if (!outcome) {
                QVERIFY(i >= 100);
                QVERIFY(outcome.error().error.code == base::ErrorCode::Cancelled);
                ++ended;
            }
        }
        QVERIFY(ended > 0);
        backend.cancel(ids.front()); // long answered
        QVERIFY(send(backend, solveRequest(1)).get().has_value());
    }
    void goesWhileRequestsWait() {
        std::atomic<int> answered = 0;
        {
            BuiltinBackend backend(freshNetwork(1));
            for (std::uint64_t i = 0; i < 500; ++i) {
                backend.complete(solveRequest(i), [&](ChatOutcome&&) { ++answered; });
            }
        }
        QCOMPARE(answered.load(), 500);
    }

    void opens() {
        ModelServers servers(std::make_shared<net::HttpClient>());
        const std::string one = "{\"checkpoint\":\"" + file("one.safetensors") + "\"}";
        const std::string two = "{\"checkpoint\":\"" + file("two.safetensors") + "\"}";
        const auto critic = servers.open(modelOf(one));
        const auto validator = servers.open(modelOf(one));
        const auto other = servers.open(modelOf(two));
        QVERIFY2(critic.has_value(), critic ? "" : critic.error().text().c_str());
        QCOMPARE((*critic)->endpoints().size(), std::size_t{1});
        QCOMPARE(QString::fromStdString((*critic)->endpoints()[0].label),
                 QStringLiteral("builtin"));
        QVERIFY((*critic)->endpoints()[0].ready);
        QVERIFY((*critic)->endpoints()[0].backend == (*validator)->endpoints()[0].backend);
        QVERIFY((*critic)->endpoints()[0].backend != (*other)->endpoints()[0].backend);
        QVERIFY((*critic)->identity() != (*other)->identity());
        QCOMPARE((*critic)->identity(),
                 modelIdentity(ModelKind::Builtin, *settingsOf(modelOf(one))).value());
        QVERIFY(send(*(*critic)->endpoints()[0].backend, solveRequest(3)).get().has_value());
    }
    void cannotBeOpened_data() {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<int>("code");
        QTest::newRow("missing") << QByteArray("none.safetensors")
                                 << static_cast<int>(base::ErrorCode::NotFound);
        QTest::newRow("broken") << QByteArray("broken.safetensors")
                                << static_cast<int>(base::ErrorCode::Corrupt);
        QTest::newRow("another vocabulary")
            << QByteArray("other.safetensors") << static_cast<int>(base::ErrorCode::Invalid);
    }
    void cannotBeOpened() {
        QFETCH(QByteArray, name);
        QFETCH(int, code);
        ModelServers servers(std::make_shared<net::HttpClient>());
        const std::string path = file(name.constData());
        const auto handle = servers.open(modelOf("{\"checkpoint\":\"" + path + "\"}"));
        QVERIFY(!handle);
        QCOMPARE(static_cast<int>(handle.error().code), code);
        QVERIFY(QString::fromStdString(handle.error().message)
                    .startsWith(QStringLiteral("model mini")));
        ModelSettings settings;
        settings.checkpoint = path;
        QVERIFY(!checkModelFiles(ModelKind::Builtin, settings));
    }
    // The one that comes with the program.
    void shipped() {
        const auto path = builtinCheckpoint("");
        QVERIFY(path);
        if (!std::filesystem::exists(*path)) {
            QSKIP("there is no shipped checkpoint yet");
        }
        ModelServers servers(std::make_shared<net::HttpClient>());
        const auto handle = servers.open(modelOf("{}"));
        QVERIFY2(handle.has_value(), handle ? "" : handle.error().text().c_str());
        const std::shared_ptr<Backend> backend = (*handle)->endpoints()[0].backend;
        int whole = 0;
        for (std::uint64_t i = 0; i < 20; ++i) {
            const ChatOutcome outcome = send(*backend, solveRequest(i)).get();
            whole += outcome->text.find("Therefore, the final answer is") != std::string::npos;
        }
        QVERIFY2(whole >= 18, qPrintable(QString::number(whole)));
    }
};

SCRIT_TEST(BackendBuiltinTest)
#include "backend_builtin_test.moc"
