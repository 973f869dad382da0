// SPDX-License-Identifier: GPL-3.0-or-later
// Training: batches, the loop around the engine, checkpoints, and LibTorch beside the own decoder.
#include "core/mini/decoder.h"
#include "core/mini/network_layout.h"
#include "core/mini/trainer.h"
#include "core/mini/trainer_batches.h"
#include "core/mini/trainer_module.h"
#include "core/mini/trainer_state.h"
#include "mini_network_support.h"
#include "tests/support/test_program.h"

#include <QTemporaryDir>
#include <QTest>

#include <sys/resource.h>

#include <cmath>
#include <csignal>
#include <cstring>
#include <fstream>
#include <set>

using namespace scrit;
using namespace scrit::mini;
using namespace scrit::mini::test;
using base::ErrorCode;

namespace {

// Repeats the prompt: something that is learned in seconds.
std::vector<Sequence> echoes(std::size_t count, std::uint64_t seed = 1) {
    Random random(seed);
    std::vector<Sequence> examples;
    for (std::size_t i = 0; i < count; ++i) {
        Sequence example;
        const auto word = static_cast<Token>(30 + random.below(20));
        const std::size_t length = 2 + random.below(6);
        example.tokens.assign(length, Token{20});
        example.tokens.push_back(word);
        example.learnedBegin = example.tokens.size();
        example.tokens.insert(example.tokens.end(), {word, Token{25}, word, Token{0}});
        examples.push_back(std::move(example));
    }
    return examples;
}

TrainSettings quick() {
    TrainSettings settings;
    settings.learningRate = 2e-3;
    settings.epochs = 2;
    settings.batch = 8;
    settings.device = "cpu";
    return settings;
}

bool sameWeights(const Network& a, const Network& b) {
    return a.values().size() == b.values().size() &&
           std::memcmp(a.values().data(), b.values().data(), a.values().size_bytes()) == 0;
}

// An engine of which the memory holds so many rows at once; counts what it is asked.
class SmallEngine final : public TrainEngine {
public:
    explicit SmallEngine(std::int64_t rows, TrainEngine* real = nullptr)
        : m_most(rows), m_real(real) {}

    base::Expected<double> accumulate(const TrainBatch& batch, double weight) override {
        if (batch.rows > m_most) {
            ++refused;
            return base::fail(ErrorCode::Limit, "the device is out of memory");
        }
        learned += batch.learned.size();
        if (m_real != nullptr) {
            return m_real->accumulate(batch, weight);
        }
        return lossOfEach * static_cast<double>(batch.learned.size());
    }
    base::Expected<void> forgetGradient() override {
        learned = 0;
        return m_real != nullptr ? m_real->forgetGradient() : base::Expected<void>{};
    }
    base::Expected<double> update(double learningRate) override {
        rates.push_back(learningRate);
        return m_real != nullptr ? m_real->update(learningRate) : base::Expected<double>{1.0};
    }
    base::Expected<TrainState> state() const override {
        if (m_real != nullptr) {
            return m_real->state();
        }
        return TrainState{0, weights, weights, weights};
    }
    base::Expected<void> restore(const TrainState& state) override {
        weights = state.weights;
        return m_real != nullptr ? m_real->restore(state) : base::Expected<void>{};
    }

    int refused = 0;
    std::size_t learned = 0;
    double lossOfEach = 0.5;
    std::vector<double> rates;
    std::vector<float> weights = std::vector<float>(layoutOf(smallShape()).total);

private:
    std::int64_t m_most;
    TrainEngine* m_real;
};

std::unique_ptr<TrainEngine> realEngine(const Network& start) {
    return (*torchModule())->engine(start.shape(), start.values(), "cpu", 1).value();
}

} // namespace

#define NEEDS_TORCH()                                                                              \
    if (const auto can = canTrain(); !can) {                                                       \
        QSKIP(can.error().text().c_str());                                                         \
    }

class MiniTrainingTest : public QObject {
    Q_OBJECT

private:
    QTemporaryDir m_dir;
    std::filesystem::path path(const char* name) const {
        return std::filesystem::path(m_dir.path().toStdString()) / name;
    }

private Q_SLOTS:
    // First, before the module was opened.
    void aMissingModuleIsSaid() {
        qputenv("SCRIT_TORCH_MODULE", "/nonexistent/scrit-torch.so");
        const auto can = canTrain();
        const auto trained = train(*smallNetwork(), echoes(4), quick());
        put("text.so", "no module");
        qputenv("SCRIT_TORCH_MODULE", QByteArray::fromStdString(path("text.so").string()));
        const auto foreign = canTrain();
        qunsetenv("SCRIT_TORCH_MODULE");
        for (const auto* error : {&can.error(), &trained.error(), &foreign.error()}) {
            QCOMPARE(error->code, ErrorCode::Unavailable);
            QVERIFY(!error->advice.empty());
        }
    }

    void eachExampleOnceAnEpoch() {
        const auto examples = echoes(101);
        const auto first = epochBatches(examples, 8, 1, 0);
        QCOMPARE(first.size(), 13U);
        std::multiset<std::size_t> seen;
        std::size_t padding = 0;
        for (const auto& batch : first) {
            QVERIFY(!batch.empty() && batch.size() <= 8);
            seen.insert(batch.begin(), batch.end());
            const TrainBatch made = makeBatch(smallShape(), examples, batch);
            for (const std::size_t index : batch) {
                padding +=
                    static_cast<std::size_t>(made.columns) + 1 - examples[index].tokens.size();
            }
        }
        QCOMPARE(seen.size(), 101U);
        QCOMPARE(std::set(seen.begin(), seen.end()).size(), 101U);
        QVERIFY2(padding < 40, qPrintable(QString::number(padding)));
        QVERIFY(first == epochBatches(examples, 8, 1, 0));
        QVERIFY(first != epochBatches(examples, 8, 1, 1));
        QVERIFY(first != epochBatches(examples, 8, 2, 0));
    }

    void aBatchLearnsWhatItShould() {
        const std::vector<Sequence> examples = {{{1, 2, 3, 4}, 2}, {{5, 6}, 0}};
        const std::array<std::size_t, 2> both = {0, 1};
        const TrainBatch batch = makeBatch(smallShape(), examples, both);
        QCOMPARE(batch.columns, 3);
        QCOMPARE(batch.tokens, (std::vector<std::int64_t>{1, 2, 3, 5, 0, 0}));
        QCOMPARE(batch.learned, (std::vector<std::int64_t>{1, 2, 3}));
        QCOMPARE(batch.targets, (std::vector<std::int64_t>{3, 4, 6}));
    }

    void refusedExamples_data() {
        QTest::addColumn<int>("kind");
        QTest::newRow("none") << 0;
        QTest::newRow("nothing learned") << 1;
        QTest::newRow("one token") << 2;
        QTest::newRow("foreign token") << 3;
        QTest::newRow("negative token") << 4;
        QTest::newRow("too long") << 5;
        QTest::newRow("no epoch") << 6;
        QTest::newRow("no batch") << 7;
        QTest::newRow("rate") << 8;
    }
    void refusedExamples() {
        QFETCH(int, kind);
        auto examples = echoes(3);
        TrainSettings settings = quick();
        switch (kind) {
        case 0:
            examples.clear();
            break;
        case 1:
            examples[1].learnedBegin = examples[1].tokens.size();
            break;
        case 2:
            examples[1] = {{1}, 0};
            break;
        case 3:
            examples[1].tokens[0] = 150;
            break;
        case 4:
            examples[1].tokens[0] = -1;
            break;
        case 5:
            examples[1].tokens.resize(2000);
            break;
        case 6:
            settings.epochs = 0;
            break;
        case 7:
            settings.batch = 0;
            break;
        default:
            settings.learningRate = std::nan("");
            break;
        }
        SmallEngine engine(100);
        const auto trained = trainWith(engine, *smallNetwork(), examples, settings, {}, {});
        QVERIFY(!trained);
        QCOMPARE(trained.error().code, ErrorCode::Invalid);
        QVERIFY(engine.rates.empty());
    }

    void theRateFalls() {
        SmallEngine engine(100);
        TrainSettings settings = quick();
        settings.warmupSteps = 2;
        settings.learningRate = 1;
        settings.finalLearningRate = 0.5;
        settings.epochs = 1;
        QVERIFY(trainWith(engine, *smallNetwork(), echoes(48), settings, {}, {}).has_value());
        QCOMPARE(engine.rates, (std::vector<double>{0.5, 1, 1, 0.875, 0.75, 0.625}));
    }

    void littleMemoryTakesSmallerParts() {
        SmallEngine engine(3);
        int batch = 0;
        double loss = 0;
        const auto trained = trainWith(engine, *smallNetwork(), echoes(40), quick(),
                                       [&](const TrainProgress& progress) {
                                           batch = progress.batch;
                                           loss = progress.loss;
                                       },
                                       {});
        QVERIFY(trained.has_value());
        QCOMPARE(engine.refused, 2); // 8, 4; then 2 for good
        QCOMPARE(batch, 2);
        QCOMPARE(loss, 0.5);
        SmallEngine none(0);
        const auto failed = trainWith(none, *smallNetwork(), echoes(40), quick(), {}, {});
        QCOMPARE(failed.error().code, ErrorCode::Limit);
        QVERIFY(!failed.error().advice.empty());
    }

    void partsGiveTheSameTraining() {
        NEEDS_TORCH();
        const auto start = smallNetwork();
        const auto whole = realEngine(*start);
        const auto parts = realEngine(*start);
        SmallEngine small(4, parts.get());
        TrainSettings settings = quick();
        settings.epochs = 1;
        const auto a = trainWith(*whole, *start, echoes(24), settings, {}, {}).value();
        const auto b = trainWith(small, *start, echoes(24), settings, {}, {}).value();
        QCOMPARE(small.refused, 1);
        float most = 0;
        for (std::size_t i = 0; i < a->values().size(); ++i) {
            most = std::max(most, std::abs(a->values()[i] - b->values()[i]));
        }
        // AdamW's first steps turn rounding of a gradient near 0 into a share of the learning rate.
        QVERIFY2(most < 1e-3F, qPrintable(QString::number(double(most))));
        QVERIFY(!sameWeights(*a, *start));
    }

    void lossIsNotANumber() {
        SmallEngine engine(100);
        engine.lossOfEach = std::nan("");
        const auto trained = trainWith(engine, *smallNetwork(), echoes(20), quick(), {}, {});
        QCOMPARE(trained.error().code, ErrorCode::Internal);
        QVERIFY(trained.error().message.find("step 1") != std::string::npos);
        NEEDS_TORCH();
        TrainSettings settings = quick();
        settings.learningRate = 1e30;
        settings.checkpoint = path("nan.state");
        const auto real = train(*smallNetwork(), echoes(20), settings);
        QVERIFY(!real);
        QCOMPARE(real.error().code, ErrorCode::Internal);
        QVERIFY(real.error().message.find("not a number at step") != std::string::npos);
        QVERIFY(!std::filesystem::exists(settings.checkpoint));
    }

    void itLearns() {
        NEEDS_TORCH();
        const auto start = smallNetwork();
        const auto examples = echoes(400);
        TrainSettings settings = quick();
        settings.epochs = 5;
        std::vector<double> losses;
        const auto trained = train(*start, examples, settings, [&](const TrainProgress& progress) {
                                 losses.push_back(progress.loss);
                                 QCOMPARE(progress.steps, 250);
                                 QVERIFY(progress.tokensPerSecond > 0);
                             }).value();
        QCOMPARE(losses.size(), 250U);
        QVERIFY2(losses.front() > 3 && losses.back() < 0.3,
                 qPrintable(QStringLiteral("%1 %2").arg(losses.front()).arg(losses.back())));
        // What was learned is what the own decoder samples.
        int right = 0;
        const auto fresh = echoes(50, 77);
        for (const Sequence& example : fresh) {
            SampleRequest request;
            request.prompt.assign(example.tokens.begin(),
                                  example.tokens.begin() + static_cast<long>(example.learnedBegin));
            const auto result = sample(*trained, std::span(&request, 1)).value().front();
            right += std::equal(result.tokens.begin(), result.tokens.end(),
                                example.tokens.begin() + static_cast<long>(example.learnedBegin),
                                example.tokens.end())
                         ? 1
                         : 0;
        }
        QVERIFY2(right >= 45, qPrintable(QString::number(right)));
    }

    void theSameSeedGivesTheSameWeights() {
        NEEDS_TORCH();
        const auto start = smallNetwork();
        const auto examples = echoes(40);
        TrainSettings settings = quick();
        const auto a = train(*start, examples, settings).value();
        QVERIFY(sameWeights(*a, *train(*start, examples, settings).value()));
        settings.seed = 9;
        QVERIFY(!sameWeights(*a, *train(*start, examples, settings).value()));
    }

    void aResumedTrainingEndsTheSame() {
        NEEDS_TORCH();
        const auto start = smallNetwork();
        const auto examples = echoes(40);
        TrainSettings settings = quick(); // ten steps
        settings.checkpointEvery = 2;
        const auto whole = train(*start, examples, settings).value();
        settings.checkpoint = path("resumed.state");
        for (const std::int64_t stop : {3, 4, 8}) {
            const base::CancelToken cancel;
            const auto stopped = train(
                *start, examples, settings,
                [&](const TrainProgress& progress) {
                    if (progress.step == stop) {
                        cancel.cancel();
                    }
                },
                cancel);
            QCOMPARE(stopped.error().code, ErrorCode::Cancelled);
            QVERIFY(!Network::load(settings.checkpoint));
        }
        std::int64_t first = 0;
        const auto resumed = train(*start, examples, settings, [&](const TrainProgress& progress) {
                                 first = first == 0 ? progress.step : first;
                             }).value();
        QCOMPARE(first, 9);
        QVERIFY(sameWeights(*whole, *resumed));
        // Finished, it ends at once with the same.
        bool asked = false;
        const auto again =
            train(*start, examples, settings, [&](const TrainProgress&) { asked = true; }).value();
        QVERIFY(!asked && sameWeights(*whole, *again));

        settings.seed = 5; // another training
        const auto other = train(*start, examples, settings);
        QCOMPARE(other.error().code, ErrorCode::Invalid);
        settings.seed = 0;
        std::filesystem::resize_file(settings.checkpoint, 5000); // what no crash of ours leaves
        QCOMPARE(train(*start, examples, settings).error().code, ErrorCode::Corrupt);
    }

    // Whoever keeps progress when told that a checkpoint comes has all of it up to its step.
    void progressComesBeforeItsCheckpoint_data() {
        QTest::addColumn<int>("stop");
        QTest::addColumn<QList<int>>("steps");
        QTest::newRow("to the end") << 0 << QList<int>{3, 6, 9, 10};
        QTest::newRow("stopped") << 5 << QList<int>{3, 5};
    }
    void progressComesBeforeItsCheckpoint() {
        QFETCH(int, stop);
        QFETCH(QList<int>, steps);
        SmallEngine engine(100);
        TrainSettings settings = quick(); // ten steps
        settings.checkpoint = path(stop == 0 ? "before-whole.state" : "before-stopped.state");
        settings.checkpointEvery = 3;
        QList<int> kept;
        int reported = 0;
        settings.beforeCheckpoint = [&] {
            kept << reported;
        };
        const base::CancelToken cancel;
        const auto told = [&](const TrainProgress& progress) {
            reported = static_cast<int>(progress.step);
            if (reported == stop) {
                cancel.cancel();
            }
        };
        const auto trained = trainWith(engine, *smallNetwork(), echoes(40), settings, told, cancel);
        QCOMPARE(trained.has_value(), stop == 0);
        QCOMPARE(kept, steps);
    }

    void aFullDiskAtACheckpoint() {
        SmallEngine engine(100);
        TrainSettings settings = quick();
        settings.checkpoint = path("full.state");
        settings.checkpointEvery = 1;
        rlimit limit{};
        QCOMPARE(getrlimit(RLIMIT_FSIZE, &limit), 0);
        const auto handler = std::signal(SIGXFSZ, SIG_IGN);
        const rlimit small{50'000, limit.rlim_max};
        QCOMPARE(setrlimit(RLIMIT_FSIZE, &small), 0);
        const auto trained = trainWith(engine, *smallNetwork(), echoes(20), settings, {}, {});
        QCOMPARE(setrlimit(RLIMIT_FSIZE, &limit), 0);
        std::signal(SIGXFSZ, handler);
        QVERIFY(!trained);
        QCOMPARE(trained.error().code, ErrorCode::DiskFull);
        QVERIFY(!std::filesystem::exists(settings.checkpoint));
        settings.checkpoint = path("missing folder") / "state";
        const auto lost = trainWith(engine, *smallNetwork(), echoes(20), settings, {}, {});
        QCOMPARE(lost.error().code, ErrorCode::NotFound);
    }

    // The decoder in LibTorch, with the code that trains, beside the own one.
    void libTorchReadsTheSame() {
        NEEDS_TORCH();
        const auto network = smallNetwork();
        const auto other = torchDecoder(*network, "torch-cpu", 5, 64).value();
        const auto own = cpuDecoder(network->packed(), 5, 64);
        Random random(8);
        std::vector<PlaceTracker> trackers(5);
        std::vector<int> lengths(5, 0);
        for (int pass = 0; pass < 12; ++pass) {
            std::vector<DecoderRow> rows;
            std::size_t wanted = 0;
            for (int slot = 4; slot >= 0; --slot) {
                if (pass > 0 && random.chance(0.3)) {
                    continue; // not every sequence goes on in every pass
                }
                auto& tracker = trackers[static_cast<std::size_t>(slot)];
                int& length = lengths[static_cast<std::size_t>(slot)];
                const std::size_t count = pass == 0 ? 3 + random.below(20) : 1 + random.below(3);
                for (const Token token : randomTokens(random, count)) {
                    const bool want = random.chance(0.7);
                    rows.push_back({slot, length++, token,
                                    limited(tracker.push(token), network->shape()), want});
                    wanted += want ? 1 : 0;
                }
            }
            std::vector<float> a(wanted * 150);
            std::vector<float> b(wanted * 150);
            QVERIFY(own->advance(rows, a).has_value());
            const auto read = other->advance(rows, b);
            QVERIFY2(read.has_value(), read ? "" : read.error().text().c_str());
            for (std::size_t i = 0; i < a.size(); ++i) {
                QVERIFY2(std::abs(a[i] - b[i]) < 1e-4F,
                         qPrintable(QStringLiteral("%1: %2 %3").arg(i).arg(a[i]).arg(b[i])));
            }
        }
    }

    void libTorchSamplesTheSame() {
        NEEDS_TORCH();
        const auto network = smallNetwork();
        Random random(8);
        std::vector<SampleRequest> requests(20);
        for (std::size_t i = 0; i < requests.size(); ++i) {
            requests[i].prompt = randomTokens(random, 1 + random.below(20));
            requests[i].temperature = 1;
            requests[i].seed = i;
            requests[i].maxTokens = 10;
        }
        SampleSettings settings;
        settings.device = "torch-cpu";
        settings.batch = 6;
        const auto a = sample(*network, requests).value();
        const auto b = sample(*network, requests, {}, settings).value();
        int equal = 0; // rounding may turn one draw, and all after it
        for (std::size_t i = 0; i < a.size(); ++i) {
            equal += a[i].tokens == b[i].tokens ? 1 : 0;
        }
        QVERIFY2(equal >= 19, qPrintable(QString::number(equal)));
    }

    void devices() {
        NEEDS_TORCH();
        TrainSettings settings = quick();
        settings.device = "abacus";
        QCOMPARE(train(*smallNetwork(), echoes(4), settings).error().code, ErrorCode::Invalid);
        settings.device = "cuda";
        settings.epochs = 1;
        const auto trained = train(*smallNetwork(), echoes(4), settings);
        if (!trained) {
            QCOMPARE(trained.error().code, ErrorCode::Unavailable);
            QSKIP("no CUDA device: the CUDA path was not run");
        }
    }

private:
    void put(const char* name, const char* text) const { std::ofstream(path(name)) << text; }
};

SCRIT_TEST(MiniTrainingTest)
#include "mini_training_test.moc"
