// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backend/gguf.h"
#include "core/backend/gpu.h"
#include "core/backend/server_plan.h"
#include "tests/support/test_program.h"
#include "tests/support/tiny_gguf.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <fstream>
#include <sstream>

using namespace scrit;
using namespace scrit::backend;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr std::uint64_t kGiB = std::uint64_t{1} << 30U;

Machine machineWith(const std::vector<std::pair<int, int>>& totalAndFreeGiB, std::uint64_t memory) {
    Machine machine;
    for (const auto& [total, free] : totalAndFreeGiB) {
        Gpu gpu;
        gpu.index = static_cast<int>(machine.gpus.size());
        gpu.name = "Test GPU";
        gpu.totalBytes = static_cast<std::uint64_t>(total) * kGiB;
        gpu.freeBytes = static_cast<std::uint64_t>(free) * kGiB;
        machine.gpus.push_back(gpu);
    }
    machine.freeMemory = memory;
    return machine;
}

// About a 7B model in 4 bits with grouped queries: 128 KiB of cache a token.
ModelFacts sevenB() {
    return {5 * kGiB, 4 * kGiB, 32, 32, 8, 128, 128, 32'768};
}
// About a 70B model in 16 bits.
ModelFacts seventyB() {
    return {140 * kGiB, 136 * kGiB, 80, 64, 8, 128, 128, 131'072};
}

QByteArray joined(const std::vector<std::string>& words) {
    QByteArray text;
    for (const std::string& word : words) {
        text += (text.isEmpty() ? "" : " ") + QByteArray::fromStdString(word);
    }
    return text;
}

std::vector<std::string> split(const QByteArray& text) {
    std::vector<std::string> words;
    for (const QByteArray& word : text.split(' ')) {
        if (!word.isEmpty()) {
            words.push_back(word.toStdString());
        }
    }
    return words;
}

std::string number(std::uint64_t value, std::size_t bytes) {
    std::string text;
    for (std::size_t i = 0; i < bytes; ++i) {
        text += static_cast<char>(static_cast<unsigned char>(value >> (8 * i) & 0xFFU));
    }
    return text;
}
std::string text(const std::string& value) {
    return number(value.size(), 8) + value;
}
std::string header(std::uint64_t tensors, std::uint64_t keys, std::uint32_t version = 3) {
    return "GGUF" + number(version, 4) + number(tensors, 8) + number(keys, 8);
}

base::Expected<GgufInfo> read(const std::string& bytes) {
    std::istringstream stream(bytes);
    return readGguf(stream, bytes.size());
}

} // namespace

// How local servers are started: what is known of the machine and of the model, and what follows.
class BackendPlanTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void gpus_data() {
        QTest::addColumn<QByteArray>("csv");
        QTest::addColumn<QByteArray>("out");
        QTest::newRow("none") << QByteArray() << QByteArray();
        QTest::newRow("one") << QByteArray("0, NVIDIA H100 80GB HBM3, 81559, 80995\n")
                             << QByteArray("0 NVIDIA H100 80GB HBM3 81559 80995;");
        QTest::newRow("two, a comma in a name, no last line end")
            << QByteArray("0, A, B, 100, 50\r\n1, C, 200, 0")
            << QByteArray("0 A, B 100 50;1 C 200 0;");
        QTest::newRow("not available")
            << QByteArray("0, NVIDIA GB10, [N/A], [N/A]\n")
            << QByteArray("GPU 0 (NVIDIA GB10) does not say how much memory it has");
        QTest::newRow("more free than there is")
            << QByteArray("0, X, 100, 200") << QByteArray("GPU 0 (X) does not say");
        QTest::newRow("other text") << QByteArray("NVIDIA-SMI has failed")
                                    << QByteArray("could not be read: NVIDIA-SMI has failed");
        QTest::newRow("too few fields") << QByteArray("0, 5") << QByteArray("could not be read");
        QTest::newRow("negative") << QByteArray("-1, X, 5, 5") << QByteArray("could not be read");
    }
    void gpus() {
        QFETCH(QByteArray, csv);
        QFETCH(QByteArray, out);
        const auto gpus = parseGpus(csv.toStdString());
        if (!gpus) {
            QVERIFY2(gpus.error().text().find(out.constData()) != std::string::npos,
                     gpus.error().text().c_str());
            return;
        }
        std::string shown;
        for (const Gpu& gpu : *gpus) {
            shown += std::to_string(gpu.index) + " " + gpu.name + " " +
                     std::to_string(gpu.totalBytes >> 20U) + " " +
                     std::to_string(gpu.freeBytes >> 20U) + ";";
        }
        QCOMPARE(QByteArray::fromStdString(shown), out);
    }

    void visibleDevices_data() {
        QTest::addColumn<QByteArray>("variable");
        QTest::addColumn<QByteArray>("left");
        QTest::newRow("all") << QByteArray() << QByteArray("0123");
        QTest::newRow("two in another order") << QByteArray("2,0") << QByteArray("20");
        QTest::newRow("none") << QByteArray("") << QByteArray("");
        QTest::newRow("minus one hides the rest") << QByteArray("1,-1,2") << QByteArray("1");
        QTest::newRow("by UUID") << QByteArray("GPU-1234") << QByteArray("0123");
    }
    void visibleDevices() {
        QFETCH(QByteArray, variable);
        QFETCH(QByteArray, left);
        const Machine machine = machineWith({{8, 8}, {8, 8}, {8, 8}, {8, 8}}, 0);
        QByteArray shown;
        for (const Gpu& gpu :
             visibleGpus(machine.gpus, variable.isNull() ? nullptr : variable.constData())) {
            shown += QByteArray::number(gpu.index);
        }
        QCOMPARE(shown, left);
    }

    void asksNvidiaSmi_data() {
        QTest::addColumn<QByteArray>("script");
        QTest::addColumn<int>("count");
        QTest::addColumn<QByteArray>("says");
        QTest::newRow("one GPU") << QByteArray("echo '0, Fake, 8192, 8000'") << 1 << QByteArray();
        QTest::newRow("no device")
            << QByteArray("echo No devices were found; exit 6") << 0 << QByteArray();
        QTest::newRow("driver gone") << QByteArray("echo no driver; exit 9") << -1
                                     << QByteArray("ended with exit code 9: no driver");
        QTest::newRow("hangs") << QByteArray("sleep 60") << -1 << QByteArray("does not answer");
        QTest::newRow("missing") << QByteArray() << 0 << QByteArray();
    }
    void asksNvidiaSmi() {
        QFETCH(QByteArray, script);
        QFETCH(int, count);
        QFETCH(QByteArray, says);
        QTemporaryDir dir;
        if (!script.isEmpty()) {
            QFile file(dir.filePath(QStringLiteral("nvidia-smi")));
            QVERIFY(file.open(QIODevice::WriteOnly));
            file.write("#!/bin/sh\n" + script + "\n");
            file.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
        }
        const QByteArray path = qgetenv("PATH");
        qputenv("PATH", script.isEmpty() ? dir.path().toUtf8() : dir.path().toUtf8() + ":" + path);
        qunsetenv("CUDA_VISIBLE_DEVICES");
        const auto gpus = queryGpus(script.contains("sleep") ? 300 : 10'000);
        qputenv("PATH", path);
        QCOMPARE(gpus ? static_cast<int>(gpus->size()) : -1, count);
        QVERIFY(gpus || gpus.error().text().find(says.constData()) != std::string::npos);
    }

    void readsTheTinyModel() {
        QTemporaryDir dir;
        const std::string path = dir.filePath(QStringLiteral("tiny.gguf")).toStdString();
        QVERIFY(testing::writeTinyGguf(path).has_value());
        const auto info = readGgufFile(path);
        QVERIFY2(info.has_value(), info ? "" : info.error().text().c_str());
        QCOMPARE(info->architecture, std::string("llama"));
        QCOMPARE(info->layers, std::int64_t{2});
        QCOMPARE(info->embedding, std::int64_t{64});
        QCOMPARE(info->heads, std::int64_t{4});
        QCOMPARE(info->kvHeads, std::int64_t{4});
        QCOMPARE(info->keyLength, std::int64_t{16});
        QCOMPARE(info->trainedContext, std::int64_t{8192});
        QVERIFY(info->hasChatTemplate && !info->isAdapter);
        // Four attention matrices, three of the hidden layer, two norms, 32-bit, two layers.
        QCOMPARE(info->layerBytes, std::uint64_t{2 * 4 * (4 * 64 * 64 + 3 * 64 * 128 + 2 * 64)});
        QCOMPARE(info->tensorBytes, info->layerBytes + 4 * (2 * 64 * 262 + 64));
        QCOMPARE(cacheBytesPerToken(factsOf(*info)), std::uint64_t{2 * 4 * 32 * 2});

        QVERIFY(testing::writeTinyLora(path).has_value());
        QVERIFY(readGgufFile(path).value_or(GgufInfo{}).isAdapter);
        QCOMPARE(readGgufFile(path + ".missing").error().code, base::ErrorCode::NotFound);
    }

    void everyCutIsAnError() {
        QTemporaryDir dir;
        const std::string path = dir.filePath(QStringLiteral("tiny.gguf")).toStdString();
        QVERIFY(testing::writeTinyGguf(path).has_value());
        std::ifstream file(path, std::ios::binary);
        const std::string whole((std::istreambuf_iterator<char>(file)), {});
        for (std::size_t size = 0; size < whole.size(); size += size < 9000 ? 7 : 9999) {
            // The last tensor may be cut inside: that is for llama-server to find.
            if (size > whole.size() - 4 * 64 * 262) {
                break;
            }
            QVERIFY2(!read(whole.substr(0, size)).has_value(), std::to_string(size).c_str());
        }
        QVERIFY(read(whole).has_value());
    }

    void parts() {
        QTemporaryDir dir;
        const std::string key = text("split.count") + number(2, 4) + number(2, 2);
        const std::string tensor =
            text("blk.0.x") + number(1, 4) + number(8, 8) + number(0, 4) + number(0, 8);
        const auto path = [&](const char* name) {
            return dir.filePath(QLatin1String(name)).toStdString();
        };
        std::string bytes = header(1, 1) + key + tensor;
        bytes.resize((bytes.size() + 31) / 32 * 32 + 32, 'x');
        std::ofstream(path("m-00001-of-00002.gguf"), std::ios::binary) << bytes;
        QCOMPARE(readGgufFile(path("m-00001-of-00002.gguf")).error().code,
                 base::ErrorCode::NotFound);
        std::ofstream(path("m-00002-of-00002.gguf"), std::ios::binary) << bytes;
        const auto info = readGgufFile(path("m-00001-of-00002.gguf"));
        QVERIFY(info.has_value());
        QCOMPARE(info->layerBytes, std::uint64_t{64});
        QCOMPARE(readGgufFile(path("m-00002-of-00002.gguf")).error().code,
                 base::ErrorCode::Invalid);
    }

    void hostileHeaders_data() {
        QTest::addColumn<QByteArray>("bytes");
        const auto row = [](const char* name, const std::string& bytes) {
            QTest::newRow(name) << QByteArray::fromStdString(bytes);
        };
        const std::string huge = number(~std::uint64_t{0}, 8);
        row("empty", "");
        row("not a model", "not a model at all");
        row("version 1", header(0, 0, 1));
        row("version 9", header(0, 0, 9));
        row("many tensors", header(~std::uint64_t{0}, 0));
        row("many keys", header(0, ~std::uint64_t{0}));
        row("long key", header(0, 1) + huge + "x");
        row("long text", header(0, 1) + text("general.name") + number(8, 4) + huge);
        row("long unread text", header(0, 1) + text("other") + number(8, 4) + huge);
        row("unknown kind", header(0, 1) + text("a") + number(77, 4) + number(1, 8));
        row("list of lists", header(0, 1) + text("a") + number(9, 4) + number(9, 4) + number(1, 8));
        row("long list", header(0, 1) + text("a") + number(9, 4) + number(10, 4) + huge);
        row("many texts", header(0, 1) + text("a") + number(9, 4) + number(8, 4) + huge);
        row("dimensions", header(1, 0) + text("blk.0.x") + number(1'000'000, 4));
        row("tensor beyond the end", header(1, 0) + text("blk.0.x") + number(1, 4) + number(1, 8) +
                                         number(0, 4) + huge + std::string(64, 'x'));
    }
    void hostileHeaders() {
        QFETCH(QByteArray, bytes);
        const auto info = read(bytes.toStdString());
        QVERIFY(!info.has_value());
        QVERIFY(info.error().code == base::ErrorCode::Corrupt ||
                info.error().code == base::ErrorCode::NewerSchema);
    }

    // The fuzz harness over its corpus, whole and with each byte in turn set to 255: it aborts on a
    // broken promise.
    void corpus() {
        QDir folder(QStringLiteral(SCRIT_SOURCE_DIR "/tests/fuzz/corpus/gguf"));
        const QStringList names = folder.entryList(QDir::Files);
        QVERIFY(names.size() >= 5);
        for (const QString& name : names) {
            QFile file(folder.filePath(name));
            QVERIFY(file.open(QIODevice::ReadOnly));
            QByteArray bytes = file.readAll();
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

    void llamaServer_data() {
        QTest::addColumn<int>("model"); // 7, 70; 0: nothing known
        QTest::addColumn<QByteArray>("gpus");
        QTest::addColumn<int>("memory");
        QTest::addColumn<QByteArray>("wishes"); // slots context layers
        QTest::addColumn<QByteArray>("extra");
        QTest::addColumn<QByteArray>("arguments");
        QTest::addColumn<QByteArray>("says");
        QTest::addColumn<QByteArray>("warns");
        const auto row = [](const char* name, int model, const char* gpus, int memory,
                            const char* wishes, const char* extra, const char* arguments,
                            const char* says, const char* warns) {
            QTest::newRow(name) << model << QByteArray(gpus) << memory << QByteArray(wishes)
                                << QByteArray(extra) << QByteArray(arguments) << QByteArray(says)
                                << QByteArray(warns);
        };
        row("no GPU", 7, "", 64, "0 0 -1", "", "--parallel 4 --ctx-size 32768", "no NVIDIA GPU",
            "");
        row("no GPU, little memory", 7, "", 8, "0 0 -1", "", "--parallel 2 --ctx-size 16384",
            "no NVIDIA GPU", "");
        row("no GPU, no memory", 7, "", 3, "0 0 -1", "", "--parallel 1 --ctx-size 8192", "",
            "it needs 6.0 GiB of memory, 3.0 GiB are free");
        row("large GPU", 7, "80/78", 64, "0 0 -1", "",
            "--n-gpu-layers 33 --parallel 8 --ctx-size 65536", "all 32 layers on GPU 0", "");
        // 12 GiB free: 10.9 for us, 5 of weights, so 4 GiB of cache fit, 8 do not.
        row("middle GPU", 7, "12/12", 64, "0 0 -1", "",
            "--n-gpu-layers 33 --parallel 4 --ctx-size 32768", "4 slots of 8192 tokens", "");
        row("small GPU", 7, "4/4", 64, "0 0 -1", "",
            "--n-gpu-layers 21 --parallel 1 --ctx-size 8192", "21 of 32 layers on GPU 0", "");
        row("tiny GPU", 7, "1/1", 64, "0 0 -1", "", "--n-gpu-layers 2 --parallel 1 --ctx-size 8192",
            "2 of 32 layers", "");
        row("full GPU", 7, "80/0", 64, "0 0 -1", "",
            "--n-gpu-layers 0 --parallel 1 --ctx-size 8192", "no layer on GPU 0", "");
        row("huge model", 70, "80/78", 200, "0 0 -1", "",
            "--n-gpu-layers 42 --parallel 1 --ctx-size 8192", "42 of 80 layers", "");
        row("huge model, little memory", 70, "80/78", 16, "0 0 -1", "",
            "--n-gpu-layers 42 --parallel 1 --ctx-size 8192", "42 of 80", "of memory, 16.0 GiB");
        row("huge model, several GPUs", 70, "80/78 80/78", 64, "0 0 -1", "",
            "--n-gpu-layers 81 --parallel 2 --ctx-size 16384", "GPU 1", "");
        row("more slots wished than fit", 7, "12/12", 64, "16 0 -1", "",
            "--n-gpu-layers 17 --parallel 16 --ctx-size 131072", "17 of 32", "");
        row("short context wished", 7, "12/12", 64, "16 2048 -1", "",
            "--n-gpu-layers 33 --parallel 16 --ctx-size 32768", "16 slots of 2048", "");
        row("more context than trained", 7, "80/78", 64, "1 65536 -1", "",
            "--n-gpu-layers 33 --parallel 1 --ctx-size 65536", "",
            "trained for a context of 32768");
        row("layers wished", 7, "80/78", 64, "0 0 10", "",
            "--n-gpu-layers 10 --parallel 8 --ctx-size 65536", "10 of 32", "");
        row("more layers wished than fit", 7, "4/4", 64, "0 0 33", "",
            "--n-gpu-layers 33 --parallel 1 --ctx-size 8192", "", "probably only 21 layers fit");
        row("arguments win", 7, "80/78", 64, "0 0 -1", "-ngl 5 -np 3 -c 3000", "", "5 of 32", "");
        row("long arguments win", 7, "80/78", 64, "0 0 -1",
            "--gpu-layers=5 --parallel=3 --ctx-size=3000", "", "3 slots of 1000 tokens", "");
        row("one argument wins", 7, "80/78", 64, "0 0 -1", "-c 4096",
            "--n-gpu-layers 33 --parallel 8", "8 slots of 512", "");
        row("nothing known", 0, "80/78", 64, "0 0 -1", "", "--parallel 4 --ctx-size 32768",
            "does not say how many", "");
    }
    void llamaServer() {
        QFETCH(int, model);
        QFETCH(QByteArray, gpus);
        QFETCH(int, memory);
        QFETCH(QByteArray, wishes);
        QFETCH(QByteArray, extra);
        QFETCH(QByteArray, arguments);
        QFETCH(QByteArray, says);
        QFETCH(QByteArray, warns);
        std::vector<std::pair<int, int>> sizes;
        for (const std::string& gpu : split(gpus)) {
            const QList<QByteArray> both = QByteArray::fromStdString(gpu).split('/');
            sizes.emplace_back(both[0].toInt(), both[1].toInt());
        }
        const QList<QByteArray> wished = wishes.split(' ');
        const ServerPlan plan = planLlamaServer(
            model == 7    ? sevenB()
            : model == 70 ? seventyB()
                          : ModelFacts{},
            machineWith(sizes, static_cast<std::uint64_t>(memory) * kGiB),
            {wished[0].toInt(), wished[1].toInt(), wished[2].toInt(), split(extra)});
        QCOMPARE(joined(plan.arguments), arguments);
        QVERIFY2(plan.reason.find(says.constData()) != std::string::npos, plan.reason.c_str());
        QVERIFY2(warns.isEmpty() ? plan.warning.empty()
                                 : plan.warning.find(warns.constData()) != std::string::npos,
                 plan.warning.c_str());
    }

    void unreadableGpusAreSaid() {
        Machine machine = machineWith({}, 64 * kGiB);
        machine.gpuError = "nvidia-smi does not answer";
        const ServerPlan plan = planLlamaServer(sevenB(), machine, {});
        QVERIFY2(plan.reason.find("(nvidia-smi does not answer)") != std::string::npos,
                 plan.reason.c_str());
        QVERIFY(planVllm(sevenB(), machine, {}).warning == machine.gpuError);
    }

    void vllm_data() {
        QTest::addColumn<int>("model");
        QTest::addColumn<QByteArray>("gpus");
        QTest::addColumn<QByteArray>("wishes"); // slots context
        QTest::addColumn<QByteArray>("extra");
        QTest::addColumn<QByteArray>("arguments");
        QTest::addColumn<QByteArray>("warns");
        QTest::newRow("no GPU") << 7 << QByteArray() << QByteArray("0 0") << QByteArray()
                                << QByteArray() << QByteArray("needs an NVIDIA GPU");
        QTest::newRow("large GPU")
            << 7 << QByteArray("80/78") << QByteArray("0 0") << QByteArray()
            << QByteArray("--gpu-memory-utilization 0.91 --max-model-len 32768 --max-num-seqs 68")
            << QByteArray();
        QTest::newRow("small GPU, shorter requests")
            << 7 << QByteArray("8/8") << QByteArray("0 0") << QByteArray()
            << QByteArray("--gpu-memory-utilization 0.88 --max-model-len 16384 --max-num-seqs 4")
            << QByteArray();
        QTest::newRow("too large")
            << 70 << QByteArray("80/80") << QByteArray("0 0") << QByteArray()
            << QByteArray("--gpu-memory-utilization 0.94") << QByteArray("the weights do not fit");
        QTest::newRow("two of three GPUs")
            << 70 << QByteArray("80/80 80/80 80/80") << QByteArray("0 0") << QByteArray()
            << QByteArray("--gpu-memory-utilization 0.94 --tensor-parallel-size 2 --max-model-len "
                          "32768 --max-num-seqs 4")
            << QByteArray();
        QTest::newRow("four GPUs")
            << 70 << QByteArray("80/80 80/80 80/80 80/80") << QByteArray("0 0") << QByteArray()
            << QByteArray("--gpu-memory-utilization 0.94 --tensor-parallel-size 4 --max-model-len "
                          "32768 --max-num-seqs 64")
            << QByteArray();
        QTest::newRow("wishes")
            << 7 << QByteArray("80/78") << QByteArray("12 4096") << QByteArray()
            << QByteArray("--gpu-memory-utilization 0.91 --max-model-len 4096 --max-num-seqs 12")
            << QByteArray();
        QTest::newRow("arguments win")
            << 7 << QByteArray("80/78") << QByteArray("12 4096")
            << QByteArray("--gpu-memory-utilization 0.5 --max-num-seqs=3 --tensor-parallel-size 1")
            << QByteArray("--max-model-len 4096") << QByteArray();
        QTest::newRow("nothing known")
            << 0 << QByteArray("80/78") << QByteArray("0 0") << QByteArray()
            << QByteArray("--gpu-memory-utilization 0.91") << QByteArray();
    }
    void vllm() {
        QFETCH(int, model);
        QFETCH(QByteArray, gpus);
        QFETCH(QByteArray, wishes);
        QFETCH(QByteArray, extra);
        QFETCH(QByteArray, arguments);
        QFETCH(QByteArray, warns);
        std::vector<std::pair<int, int>> sizes;
        for (const std::string& gpu : split(gpus)) {
            const QList<QByteArray> both = QByteArray::fromStdString(gpu).split('/');
            sizes.emplace_back(both[0].toInt(), both[1].toInt());
        }
        const QList<QByteArray> wished = wishes.split(' ');
        const std::optional<ModelFacts> facts = model == 7    ? std::optional(sevenB())
                                                : model == 70 ? std::optional(seventyB())
                                                              : std::nullopt;
        const ServerPlan plan = planVllm(facts, machineWith(sizes, 64 * kGiB),
                                         {wished[0].toInt(), wished[1].toInt(), -1, split(extra)});
        QCOMPARE(joined(plan.arguments), arguments);
        QVERIFY2(warns.isEmpty() ? plan.warning.empty()
                                 : plan.warning.find(warns.constData()) != std::string::npos,
                 plan.warning.c_str());
    }

    void readsAHubFolder() {
        QTemporaryDir dir;
        const auto write = [&](const char* name, const QByteArray& bytes) {
            QFile file(dir.filePath(QLatin1String(name)));
            return file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size();
        };
        QCOMPARE(readHubFolder(dir.path().toStdString()).error().code, base::ErrorCode::NotFound);
        QVERIFY(write("config.json", R"({"num_hidden_layers":28,"num_attention_heads":28,)"
                                     R"("num_key_value_heads":4,"hidden_size":3584,)"
                                     R"("max_position_embeddings":32768})"));
        QVERIFY(write("model-1.safetensors", QByteArray(1000, 'x')));
        QVERIFY(write("model-2.safetensors", QByteArray(500, 'x')));
        const auto facts = readHubFolder(dir.path().toStdString());
        QVERIFY(facts.has_value());
        QCOMPARE(facts->weightBytes, std::uint64_t{1500});
        // Qwen2.5-7B: 28 layers, 4 key-value heads of 128, 16-bit.
        QCOMPARE(cacheBytesPerToken(*facts), std::uint64_t{28 * 4 * 256 * 2});
        QCOMPARE(facts->trainedContext, std::int64_t{32'768});
        QVERIFY(write("config.json", "[1"));
        QCOMPARE(readHubFolder(dir.path().toStdString()).error().code, base::ErrorCode::Corrupt);
    }
};

SCRIT_TEST(BackendPlanTest)
#include "backend_plan_test.moc"
