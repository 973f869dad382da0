// SPDX-License-Identifier: GPL-3.0-or-later
// The decoder on the processor and what is sampled with it.
#include "core/base/resources.h"
#include "core/mini/decoder.h"
#include "core/mini/sampler.h"
#include "core/mini/trainer_batches.h"
#include "core/mini/trial.h"
#include "mini_network_support.h"
#include "tests/support/test_program.h"

#include <QTest>

#include <array>
#include <cmath>
#include <cstring>

using namespace scrit;
using namespace scrit::mini;
using namespace scrit::mini::test;
using base::ErrorCode;

namespace {

constexpr std::size_t kVocabulary = 150;

std::vector<DecoderRow> rowsOf(const std::vector<Token>& tokens, int slot) {
    std::vector<DecoderRow> rows;
    PlaceTracker tracker;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        rows.push_back({slot, static_cast<int>(i), tokens[i],
                        limited(tracker.push(tokens[i]), smallShape()), true});
    }
    return rows;
}

// The logits after each token, read in one go.
std::vector<float> logitsOf(Decoder& decoder, const std::vector<DecoderRow>& rows) {
    std::vector<float> logits(rows.size() * kVocabulary);
    if (!decoder.advance(rows, logits)) {
        logits.clear();
    }
    return logits;
}

bool sameBits(const std::vector<float>& a, const std::vector<float>& b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

std::vector<SampleRequest> requestsFor(std::size_t count, double temperature) {
    Random random(3);
    std::vector<SampleRequest> requests(count);
    for (std::size_t i = 0; i < count; ++i) {
        requests[i].prompt = randomTokens(random, 1 + random.below(40));
        requests[i].temperature = temperature;
        requests[i].seed = i;
        requests[i].maxTokens = 1 + random.below(30);
        requests[i].topP = i % 3 == 0 ? 0.8 : 1;
    }
    return requests;
}

bool same(const std::vector<SampleResult>& a, const std::vector<SampleResult>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const SampleResult& x, const SampleResult& y) {
                          return x.tokens == y.tokens && x.ended == y.ended;
                      });
}

} // namespace

class MiniSamplerTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void kernels_data() {
        QTest::addColumn<int>("index");
        for (std::size_t i = 0; i < availableKernels().size(); ++i) {
            QTest::newRow(availableKernels()[i]->name) << static_cast<int>(i);
        }
    }
    // One row at a time, all at once, or among others in any slot: the same bits.
    void kernels() {
        QFETCH(int, index);
        const Kernels& kernels = *availableKernels()[static_cast<std::size_t>(index)];
        const auto network = smallNetwork();
        const PackedWeights weights(network->shape(), network->values(), kernels);
        Random random(9);
        const std::vector<Token> tokens = randomTokens(random, 37);
        const auto rows = rowsOf(tokens, 0);
        const auto whole = logitsOf(*cpuDecoder(weights, 1, 64), rows);

        const auto single = cpuDecoder(weights, 1, 64);
        std::vector<float> stepwise;
        for (const DecoderRow& row : rows) {
            const auto part = logitsOf(*single, {row});
            stepwise.insert(stepwise.end(), part.begin(), part.end());
        }
        QVERIFY(sameBits(whole, stepwise));

        const auto crowd = cpuDecoder(weights, 9, 200);
        std::vector<DecoderRow> all;
        for (int slot = 0; slot < 9; ++slot) {
            const auto others = slot == 6
                                    ? rowsOf(tokens, 6)
                                    : rowsOf(randomTokens(random, 5 + random.below(60)), slot);
            all.insert(all.end(), others.begin(), others.end());
        }
        const auto crowded = logitsOf(*crowd, all);
        std::vector<float> mine;
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (all[i].slot == 6) {
                const auto begin = crowded.begin() + static_cast<long>(i * kVocabulary);
                mine.insert(mine.end(), begin, begin + kVocabulary);
            }
        }
        QVERIFY(sameBits(whole, mine));

        // Kernels differ in the last digits only.
        const PackedWeights plain(network->shape(), network->values(), *availableKernels().back());
        const auto reference = logitsOf(*cpuDecoder(plain, 1, 64), rows);
        float most = 0;
        float largest = 0;
        for (std::size_t i = 0; i < whole.size(); ++i) {
            most = std::max(most, std::abs(whole[i] - reference[i]));
            largest = std::max(largest, std::abs(reference[i]));
        }
        QVERIFY2(most < 1e-4F * largest, qPrintable(QString::number(double(most))));
    }

    void exponentialsAreExact() {
        for (const Kernels* kernels : availableKernels()) {
            std::vector<float> values;
            for (int i = 0; i < 1600; ++i) {
                values.push_back(static_cast<float>(-86.0 + 0.1071 * i));
            }
            std::vector<float> result = values;
            kernels->exponentials(result.data(), result.size(), 0, 1);
            for (std::size_t i = 0; i < values.size(); ++i) {
                const double exact = std::exp(static_cast<double>(std::min(values[i], 88.0F)));
                QVERIFY2(std::abs(result[i] / exact - 1) < 5e-7,
                         qPrintable(QStringLiteral("%1 %2").arg(kernels->name).arg(values[i])));
            }
        }
    }

    // A slot that begins again has forgotten what was in it.
    void aSlotIsReused() {
        const auto network = smallNetwork();
        Random random(4);
        const auto first = rowsOf(randomTokens(random, 50), 0);
        const auto second = rowsOf(randomTokens(random, 20), 0);
        const auto used = cpuDecoder(network->packed(), 1, 64);
        (void)logitsOf(*used, first);
        QVERIFY(sameBits(logitsOf(*used, second),
                         logitsOf(*cpuDecoder(network->packed(), 1, 64), second)));
    }

    void aResultDependsOnItsRequestAlone() {
        const auto network = smallNetwork();
        const auto requests = requestsFor(40, 1);
        SampleSettings settings;
        settings.batch = 64;
        const auto together = sample(*network, requests, {}, settings).value();
        settings.batch = 3;
        QVERIFY(same(together, sample(*network, requests, {}, settings).value()));
        settings.threads = 3;
        QVERIFY(same(together, sample(*network, requests, {}, settings).value()));
        auto reversed = requests;
        std::reverse(reversed.begin(), reversed.end());
        auto back = sample(*network, reversed).value();
        std::reverse(back.begin(), back.end());
        QVERIFY(same(together, back));
        for (std::size_t i = 0; i < requests.size(); i += 7) {
            const auto alone = sample(*network, std::span(requests).subspan(i, 1)).value();
            QCOMPARE(alone.front().tokens, together[i].tokens);
        }
    }

    void seedsMatterAtATemperatureOnly() {
        const auto network = smallNetwork();
        auto requests = requestsFor(8, 1);
        const auto first = sample(*network, requests).value();
        for (SampleRequest& request : requests) {
            request.seed += 100;
        }
        QVERIFY(!same(first, sample(*network, requests).value()));
        for (SampleRequest& request : requests) {
            request.temperature = 0;
        }
        const auto greedy = sample(*network, requests).value();
        for (SampleRequest& request : requests) {
            request.seed += 100;
        }
        QVERIFY(same(greedy, sample(*network, requests).value()));
    }

    void greedyTakesTheLikeliest() {
        const auto network = smallNetwork();
        Random random(11);
        SampleRequest request;
        request.prompt = randomTokens(random, 12);
        request.maxTokens = 6;
        request.end = -1;
        const auto result = sample(*network, std::span(&request, 1)).value().front();
        QCOMPARE(result.tokens.size(), 6U);
        std::vector<Token> all = request.prompt;
        for (const Token token : result.tokens) {
            const auto logits = logitsOf(*cpuDecoder(network->packed(), 1, 64), rowsOf(all, 0));
            const auto last = logits.end() - static_cast<long>(kVocabulary);
            QCOMPARE(int(token), int(std::max_element(last, logits.end()) - last));
            all.push_back(token);
        }
    }

    void endsAndLimits() {
        const auto network = smallNetwork();
        auto requests = requestsFor(60, 1.5);
        std::size_t ended = 0;
        std::vector<int> calls(requests.size());
        SampleSettings settings;
        settings.threads = 2;
        settings.finished = [&](std::size_t index, const SampleResult& result) {
            ++calls[index];
            QVERIFY(!result.tokens.empty());
        };
        for (SampleRequest& request : requests) {
            request.maxTokens = 200;
            request.end = 7;
        }
        const auto results = sample(*network, requests, {}, settings).value();
        for (const SampleResult& result : results) {
            ended += result.ended ? 1 : 0;
            QCOMPARE(result.tokens.back() == 7, result.ended);
            QVERIFY(std::find(result.tokens.begin(), result.tokens.end() - 1, Token{7}) ==
                    result.tokens.end() - 1);
            QVERIFY(result.ended || result.tokens.size() == 200);
        }
        QVERIFY2(ended > 5 && ended < 60, qPrintable(QString::number(ended)));
        QVERIFY(std::all_of(calls.begin(), calls.end(), [](int n) { return n == 1; }));
        requests.front().maxTokens = 0;
        QVERIFY(sample(*network, requests).value().front().tokens.empty());
    }

    void refusedRequests() {
        const auto network = smallNetwork();
        const auto code = [&](auto change) {
            SampleRequest request;
            request.prompt = {1, 2, 3};
            change(request);
            const auto result = sample(*network, std::span(&request, 1));
            return result ? ErrorCode::Internal : result.error().code;
        };
        QCOMPARE(code([](SampleRequest& r) { r.prompt.clear(); }), ErrorCode::Invalid);
        QCOMPARE(code([](SampleRequest& r) { r.prompt[1] = 150; }), ErrorCode::Invalid);
        QCOMPARE(code([](SampleRequest& r) { r.prompt[1] = -1; }), ErrorCode::Invalid);
        QCOMPARE(code([](SampleRequest& r) { r.maxTokens = 5000; }), ErrorCode::Invalid);
        QCOMPARE(code([](SampleRequest& r) { r.temperature = -1; }), ErrorCode::Invalid);
        QCOMPARE(code([](SampleRequest& r) { r.temperature = std::nan(""); }), ErrorCode::Invalid);
        QCOMPARE(code([](SampleRequest& r) { r.topP = 0; }), ErrorCode::Invalid);
        QVERIFY(sample(*network, {}).value().empty());
        SampleRequest request;
        request.prompt = {1};
        SampleSettings settings;
        settings.device = "tpu";
        QCOMPARE(sample(*network, std::span(&request, 1), {}, settings).error().code,
                 ErrorCode::Invalid);
        const base::CancelToken cancel;
        cancel.cancel();
        QCOMPARE(sample(*network, std::span(&request, 1), cancel).error().code,
                 ErrorCode::Cancelled);
    }

    void drawsFollowTheProbabilities() {
        const std::array<float, 4> logits = {0, 1, 2, -1};
        for (const double temperature : {1.0, 0.5, 2.0}) {
            std::array<double, 4> expected{};
            double sum = 0;
            for (std::size_t i = 0; i < 4; ++i) {
                expected[i] = std::exp(static_cast<double>(logits[i]) / temperature);
                sum += expected[i];
            }
            std::array<int, 4> count{};
            Chooser chooser;
            Random random(2);
            constexpr int kDraws = 20'000;
            for (int i = 0; i < kDraws; ++i) {
                ++count[static_cast<std::size_t>(chooser.choose(logits, temperature, 1, random))];
            }
            for (std::size_t i = 0; i < 4; ++i) {
                const double share = expected[i] / sum;
                const double deviation = std::sqrt(share * (1 - share) / kDraws);
                QVERIFY(std::abs(double(count[i]) / kDraws - share) < 5 * deviation);
            }
        }
    }

    // softmax(2, 1, 0, −1) is 0.64, 0.24, 0.09, 0.03.
    void theNucleusIsKept_data() {
        QTest::addColumn<double>("topP");
        QTest::addColumn<int>("kept");
        QTest::newRow("tiny") << 1e-6 << 1;
        QTest::newRow("one") << 0.6 << 1;
        QTest::newRow("two") << 0.7 << 2;
        QTest::newRow("three") << 0.9 << 3;
        QTest::newRow("all") << 1.0 << 4;
    }
    void theNucleusIsKept() {
        QFETCH(double, topP);
        QFETCH(int, kept);
        const std::array<float, 4> logits = {0, 2, -1, 1};
        std::array<bool, 4> seen{};
        Chooser chooser;
        Random random(2);
        for (int i = 0; i < 2000; ++i) {
            seen[static_cast<std::size_t>(chooser.choose(logits, 1, topP, random))] = true;
        }
        QCOMPARE(int(std::count(seen.begin(), seen.end(), true)), kept);
        QVERIFY(seen[1]);
    }

    // The behaviour that everything else counts on, in round figures; base.log has them exactly.
    void theShippedCheckpoint() {
        const std::filesystem::path folder = SCRIT_SOURCE_DIR "/resources/mini";
        QVERIFY(std::filesystem::file_size(folder / "base.safetensors") <= 6'000'000);
        const auto network = Network::load(folder / "base.safetensors");
        QVERIFY2(network.has_value(), network ? "" : network.error().text().c_str());
        QCOMPARE((*network)->shape().vocabulary, vocabularySize());
        const std::string log = base::readFile(folder / "base.log").value();
        QVERIFY2(log.ends_with("identity " + (*network)->identity() + "\n"),
                 "base.log is of another checkpoint");
        TrialSettings settings;
        settings.seed = 5;
        settings.pairs = 120;
        const auto scores = measureTrial(
            [&](std::span<const SampleRequest> requests) { return sample(**network, requests); },
            settings);
        QVERIFY2(scores.has_value(), scores ? "" : scores.error().text().c_str());
        const std::string text = describe(*scores);
        QVERIFY2(scores->solved > 0.25 && scores->solved < 0.5, text.c_str());
        QVERIFY2(scores->malformed < 0.02 && scores->atContested > 0.9, text.c_str());
        QVERIFY2(scores->direct.f1 > 0.3 && scores->direct.f1 < 0.6, text.c_str());
        QVERIFY2(scores->contrastive.f1 > 0.97 && scores->contrastive.answers > 0.97, text.c_str());
    }

    void placesAreWithinTheLimits() {
        Random random(6);
        NetworkShape narrow = smallShape();
        narrow.steps = 3;
        for (int i = 0; i < 200; ++i) {
            PlaceTracker tracker;
            for (const Token token : randomTokens(random, 200, vocabularySize())) {
                const Place place = tracker.push(token);
                QVERIFY(place.segment < kSegments && place.step < kStepPlaces &&
                        place.offset < kOffsets);
                QVERIFY(limited(place, narrow).step < 3);
            }
        }
    }
};

SCRIT_TEST(MiniSamplerTest)
#include "mini_sampler_test.moc"
