// SPDX-License-Identifier: GPL-3.0-or-later
// Networks and their files: fresh weights, saving and loading, and what is not accepted.
#include "core/mini/network.h"
#include "core/mini/network_layout.h"
#include "core/mini/safetensors.h"
#include "core/mini/trainer_state.h"
#include "mini_network_support.h"
#include "tests/support/test_program.h"

#include <QDir>
#include <QTemporaryDir>
#include <QTest>

#include <sys/resource.h>

#include <cmath>
#include <csignal>
#include <cstring>
#include <fstream>
#include <limits>

using namespace scrit;
using namespace scrit::mini;
using namespace scrit::mini::test;
using base::ErrorCode;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

std::string fileOf(const std::string& header, std::size_t dataBytes) {
    const std::uint64_t length = header.size();
    std::string bytes(8, '\0');
    std::memcpy(bytes.data(), &length, 8);
    return bytes + header + std::string(dataBytes, '\0');
}

void put(const std::filesystem::path& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
}
std::string bytesOf(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::shared_ptr<const Network> tinyNetwork() {
    return Network::fresh({10, 2, 2, 2, 32, 1, 1}, 1).value();
}

} // namespace

class MiniNetworkTest : public QObject {
    Q_OBJECT

private:
    QTemporaryDir m_dir;
    std::filesystem::path path(const char* name) const {
        return std::filesystem::path(m_dir.path().toStdString()) / name;
    }

private Q_SLOTS:
    void freshWeightsFollowTheSeed() {
        const auto one = smallNetwork(1);
        const auto again = smallNetwork(1);
        const auto other = smallNetwork(2);
        QCOMPARE(one->identity(), again->identity());
        QVERIFY(std::equal(one->values().begin(), one->values().end(), again->values().begin()));
        QVERIFY(one->identity() != other->identity());
        QCOMPARE(one->values().size(), layoutOf(smallShape()).total);
    }

    void keysAreQueriesAtTheBottomOnly() {
        const auto network = smallNetwork();
        const NetworkLayout layout = layoutOf(network->shape());
        const auto same = [&](const LayerLayout& layer) {
            const TensorPlace& place = layout.tensors[layer.queryKeyValue];
            const auto begin = network->values().begin() + static_cast<long>(place.begin);
            const auto square = static_cast<long>(place.columns * place.columns);
            return std::equal(begin, begin + square, begin + square);
        };
        QVERIFY(same(layout.layers.front()));
        QVERIFY(!same(layout.layers.back()));
    }

    void theShippedShapeIsBelowSixMegabytes() {
        NetworkShape shape;
        shape.vocabulary = vocabularySize();
        shape.segments = kSegments;
        shape.steps = kStepPlaces;
        shape.offsets = kOffsets;
        QVERIFY(checkShape(shape).has_value());
        const std::size_t total = layoutOf(shape).total;
        QVERIFY2(total > 800'000 && total * sizeof(float) < 6'000'000,
                 qPrintable(QString::number(total)));
    }

    void shapesThatCannotBe_data() {
        QTest::addColumn<int>("vocabulary");
        QTest::addColumn<int>("steps");
        QTest::addColumn<int>("width");
        QTest::addColumn<int>("layers");
        QTest::addColumn<int>("heads");
        QTest::newRow("nothing") << 0 << 0 << 0 << 0 << 0;
        QTest::newRow("vocabulary") << 40'000 << 9 << 128 << 4 << 4;
        QTest::newRow("negative") << -3 << 9 << 128 << 4 << 4;
        QTest::newRow("steps") << 100 << 257 << 128 << 4 << 4;
        QTest::newRow("width") << 100 << 9 << 100 << 4 << 4;
        QTest::newRow("narrow heads") << 100 << 9 << 64 << 4 << 8;
        QTest::newRow("no heads") << 100 << 9 << 64 << 4 << 0;
        QTest::newRow("deep") << 100 << 9 << 64 << 1000 << 2;
        QTest::newRow("wide") << 100 << 9 << 2048 << 4 << 4;
    }
    void shapesThatCannotBe() {
        QFETCH(int, vocabulary);
        QFETCH(int, steps);
        QFETCH(int, width);
        QFETCH(int, layers);
        QFETCH(int, heads);
        const NetworkShape shape{vocabulary, 6, steps, 6, width, layers, heads};
        const auto network = Network::fresh(shape, 1);
        QVERIFY(!network);
        QCOMPARE(network.error().code, ErrorCode::Invalid);
    }

    void savedAndLoadedItIsTheSame() {
        const auto network = smallNetwork();
        const auto file = path("same.safetensors");
        QVERIFY(network->save(file).has_value());
        const auto loaded = Network::load(file);
        QVERIFY2(loaded.has_value(), loaded ? "" : loaded.error().text().c_str());
        QCOMPARE((*loaded)->identity(), network->identity());
        QCOMPARE((*loaded)->shape(), network->shape());
        QVERIFY(std::equal(network->values().begin(), network->values().end(),
                           (*loaded)->values().begin()));
        // Readers of other makes rely on numbers that begin at a multiple of eight.
        std::uint64_t length = 0;
        std::memcpy(&length, bytesOf(file).data(), 8);
        QCOMPARE(length % 8, 0U);
    }

    void missingAndForeignFiles() {
        QCOMPARE(Network::load(path("none")).error().code, ErrorCode::NotFound);
        QVERIFY(!Network::load(m_dir.path().toStdString()));
        put(path("text"), "no safetensors at all, but long enough to look like one");
        QCOMPARE(Network::load(path("text")).error().code, ErrorCode::Corrupt);
        const std::vector<float> numbers(4);
        const TensorView view{"x", {4}, numbers};
        QVERIFY(writeSafetensors(path("foreign"), {}, std::span(&view, 1)).has_value());
        const auto foreign = Network::load(path("foreign"));
        QCOMPARE(foreign.error().code, ErrorCode::Corrupt);
        QVERIFY(foreign.error().message.find("kind") != std::string::npos ||
                foreign.error().message.find("miniature") != std::string::npos);
    }

    void aTrainingsStateIsNoNetwork() {
        const auto network = smallNetwork();
        TrainState state;
        state.weights.assign(network->values().begin(), network->values().end());
        state.firstMoment = state.secondMoment = state.weights;
        QVERIFY(saveState(path("state"), "key", state).has_value());
        QCOMPARE(Network::load(path("state")).error().code, ErrorCode::Corrupt);
    }

    void everyTruncationIsCorrupt() {
        const auto network = tinyNetwork();
        QVERIFY(network->save(path("whole")).has_value());
        const std::string bytes = bytesOf(path("whole"));
        std::vector<std::size_t> lengths;
        for (std::size_t i = 0; i < 600; i += 7) {
            lengths.push_back(i);
        }
        for (std::size_t i = 1; i < 40; ++i) {
            lengths.push_back(bytes.size() * i / 40);
        }
        lengths.push_back(bytes.size() - 1);
        for (const std::size_t length : lengths) {
            const auto parsed = parseSafetensors(std::string_view(bytes).substr(0, length));
            QVERIFY2(!parsed, qPrintable(QString::number(length)));
            QCOMPARE(parsed.error().code, ErrorCode::Corrupt);
        }
        QVERIFY(parseSafetensors(bytes).has_value());
        QVERIFY(!parseSafetensors(bytes + "more"));
    }

    void flippedHeaderBytesNeverCrash() {
        QVERIFY(tinyNetwork()->save(path("flip")).has_value());
        const std::string bytes = bytesOf(path("flip"));
        std::uint64_t length = 0;
        std::memcpy(&length, bytes.data(), 8);
        Random random(5);
        int refused = 0;
        for (int i = 0; i < 150; ++i) {
            std::string changed = bytes;
            changed[random.below(8 + length)] = static_cast<char>(random.below(256));
            put(path("flipped"), changed);
            refused += Network::load(path("flipped")) ? 0 : 1;
        }
        QVERIFY2(refused > 75, qPrintable(QString::number(refused))); // white space may change
    }

    void corruptHeaders_data() {
        QTest::addColumn<QByteArray>("header");
        QTest::addColumn<int>("bytes");
        const auto row = [](const char* name, const char* header, int bytes) {
            QTest::newRow(name) << QByteArray(header) << bytes;
        };
        row("empty", "", 0);
        row("no JSON", "{\"a\":", 0);
        row("a list", "[]", 0);
        row("not UTF-8", "{\"\xff\":{}}", 0);
        row("tensor is a number", R"({"a":3})", 0);
        row("no dtype", R"({"a":{"shape":[1],"data_offsets":[0,4]}})", 4);
        row("dtype F16", R"({"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}})", 4);
        row("dtype is a list", R"({"a":{"dtype":["F32"],"shape":[1],"data_offsets":[0,4]}})", 4);
        row("shape is text", R"({"a":{"dtype":"F32","shape":"1","data_offsets":[0,4]}})", 4);
        row("negative shape", R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", 4);
        row("fractional shape", R"({"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}})", 4);
        row("shape overflows",
            R"({"a":{"dtype":"F32","shape":[4294967296,4294967296,4294967297],"data_offsets":[0,4]}})",
            4);
        row("shape beyond the file",
            R"({"a":{"dtype":"F32","shape":[1000000000],"data_offsets":[0,4000000000]}})", 4);
        row("too many dimensions",
            R"({"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,4]}})", 4);
        row("offsets reversed", R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}})", 4);
        row("one offset", R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4]}})", 4);
        row("offsets beyond the file", R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})",
            4);
        row("shape and place differ", R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})",
            4);
        row("a part of a number", R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,5]}})", 5);
        row("overlap",
            R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
            4);
        row("gap", R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", 8);
        row("left over", R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 8);
        row("metadata is a list", R"({"__metadata__":[]})", 0);
        row("metadata with numbers", R"({"__metadata__":{"a":1}})", 0);
        QTest::newRow("deep") << QByteArray(500'000, '[') << 0;
    }
    void corruptHeaders() {
        QFETCH(QByteArray, header);
        QFETCH(int, bytes);
        const auto parsed =
            parseSafetensors(fileOf(header.toStdString(), static_cast<std::size_t>(bytes)));
        QVERIFY(!parsed);
        QCOMPARE(parsed.error().code, ErrorCode::Corrupt);
    }

    // The fuzz harness over its corpus, whole and with each byte in turn set to 255: it aborts on a
    // broken promise.
    void corpus() {
        QDir folder(QStringLiteral(SCRIT_SOURCE_DIR "/tests/fuzz/corpus/safetensors"));
        const QStringList names = folder.entryList(QDir::Files);
        QVERIFY(names.size() >= 5);
        for (const QString& name : names) {
            QFile file(folder.filePath(name));
            QVERIFY(file.open(QIODevice::ReadOnly));
            const QByteArray bytes = file.readAll();
            for (qsizetype i = -1; i < bytes.size(); ++i) {
                QByteArray changed = bytes;
                if (i >= 0) {
                    changed[i] = '\xff';
                }
                LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(changed.constData()),
                                       static_cast<std::size_t>(changed.size()));
            }
        }
    }

    void soundHeaders() {
        const auto parsed = parseSafetensors(fileOf(
            R"({"__metadata__":{"k":"v"},"b":{"dtype":"F32","shape":[],"data_offsets":[8,12]},)"
            R"("a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},)"
            R"("none":{"dtype":"F32","shape":[0,7],"data_offsets":[12,12]}})",
            12));
        QVERIFY2(parsed.has_value(), parsed ? "" : parsed.error().text().c_str());
        QCOMPARE(parsed->tensors.size(), 3U);
        QCOMPARE(parsed->tensors[0].name, std::string("a"));
        QCOMPARE(parsed->find("b")->values.size(), 1U);
        QCOMPARE(parsed->metadata.at("k"), std::string("v"));
        QVERIFY(parsed->find("c") == nullptr);
    }

    void changedNetworks_data() {
        QTest::addColumn<QString>("change");
        for (const char* change : {"nan", "infinite", "tensor missing", "tensor too many",
                                   "transposed", "width", "no heads", "other kind"}) {
            QTest::newRow(change) << QString::fromLatin1(change);
        }
    }
    void changedNetworks() {
        QFETCH(QString, change);
        QVERIFY(smallNetwork()->save(path("sound")).has_value());
        Safetensors stored = readSafetensors(path("sound")).value();
        Tensor& second = stored.tensors[4]; // the first layer's, a vector
        if (change == QLatin1String("nan")) {
            second.values[3] = std::nanf("");
        } else if (change == QLatin1String("infinite")) {
            second.values[3] = std::numeric_limits<float>::infinity();
        } else if (change == QLatin1String("tensor missing")) {
            stored.tensors.erase(stored.tensors.begin() + 4);
        } else if (change == QLatin1String("tensor too many")) {
            stored.tensors.push_back(stored.tensors[4]);
            stored.tensors.back().name = "another";
        } else if (change == QLatin1String("transposed")) {
            std::swap(stored.tensors[0].shape[0], stored.tensors[0].shape[1]);
        } else if (change == QLatin1String("width")) {
            stored.metadata["width"] = "128";
        } else if (change == QLatin1String("no heads")) {
            stored.metadata.erase("heads");
        } else {
            stored.metadata["kind"] = "scrit-mini-training/1";
        }
        std::vector<TensorView> views;
        for (const Tensor& tensor : stored.tensors) {
            views.push_back({tensor.name, tensor.shape, tensor.values});
        }
        QVERIFY(writeSafetensors(path("changed"), stored.metadata, views).has_value());
        const auto loaded = Network::load(path("changed"));
        QVERIFY(!loaded);
        QCOMPARE(loaded.error().code, ErrorCode::Corrupt);
    }

    void aFullDiskLeavesTheOldFile() {
        const auto file = path("full.safetensors");
        const auto old = smallNetwork(1);
        QVERIFY(old->save(file).has_value());
        const auto before = QDir(m_dir.path()).entryList(QDir::Files | QDir::Hidden);
        rlimit limit{};
        QCOMPARE(getrlimit(RLIMIT_FSIZE, &limit), 0);
        const auto handler = std::signal(SIGXFSZ, SIG_IGN);
        const rlimit small{100'000, limit.rlim_max};
        QCOMPARE(setrlimit(RLIMIT_FSIZE, &small), 0);
        const auto saved = smallNetwork(2)->save(file);
        QCOMPARE(setrlimit(RLIMIT_FSIZE, &limit), 0);
        std::signal(SIGXFSZ, handler);
        QVERIFY(!saved);
        QCOMPARE(saved.error().code, ErrorCode::DiskFull);
        QCOMPARE(Network::load(file).value()->identity(), old->identity());
        QCOMPARE(QDir(m_dir.path()).entryList(QDir::Files | QDir::Hidden), before);
    }
};

SCRIT_TEST(MiniNetworkTest)
#include "mini_network_test.moc"
