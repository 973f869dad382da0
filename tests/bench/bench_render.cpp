// SPDX-License-Identifier: GPL-3.0-or-later
// Measures rendering on real records and prints the figures; with --shots it also draws them.
//   bench_render [FILE.jsonl] [--records N] [--shots DIR]
// FILE has one object a line with question, gt_cot and reasoning (RealCritic).
#include "ui/render/math_split.h"
#include "ui/render/rich_text.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QHBoxLayout>
#include <QImage>
#include <QJsonDocument>
#include <QJsonObject>
#include <QPainter>
#include <QPixmapCache>
#include <QScrollArea>
#include <QTemporaryDir>
#include <QVBoxLayout>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <functional>
#include <set>
#include <vector>

using namespace scrit::ui::render;

namespace {

struct Record {
    // Problem, reference, candidate, critique; the last two are shown as one card a step.
    std::vector<std::vector<std::string>> panes;
};

std::vector<std::string> paragraphs(const QString& text) {
    std::vector<std::string> out;
    for (const QString& part : text.split(QStringLiteral("\n\n"), Qt::SkipEmptyParts)) {
        out.push_back(part.toStdString());
    }
    return out;
}

std::vector<Record> readRecords(const QString& path, int limit) {
    std::vector<Record> records;
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) {
        return records;
    }
    while (!file.atEnd() && static_cast<int>(records.size()) < limit) {
        const QJsonObject object = QJsonDocument::fromJson(file.readLine()).object();
        const QString reasoning = object[QStringLiteral("reasoning")].toString();
        if (reasoning.isEmpty()) {
            continue;
        }
        Record record;
        record.panes.push_back({object[QStringLiteral("question")].toString().toStdString()});
        record.panes.push_back({object[QStringLiteral("gt_cot")].toString().toStdString()});
        record.panes.push_back(paragraphs(reasoning));
        std::vector<std::string> critique;
        int step = 0;
        for (const std::string& part : record.panes.back()) {
            critique.push_back("### Critique of Step " + std::to_string(++step) +
                               "\n\nThe step says: " + part + "\n\nThis is **correct**.");
        }
        record.panes.push_back(std::move(critique));
        records.push_back(std::move(record));
    }
    return records;
}

std::vector<MathKey> keysOf(const Record& record) {
    std::vector<MathKey> keys;
    for (const auto& pane : record.panes) {
        for (const std::string& text : pane) {
            for (const Formula& formula : splitMath(text).formulas) {
                keys.push_back({formula.tex, formula.display});
            }
        }
    }
    return keys;
}

void waitUntilIdle(MathTypesetter& typesetter) {
    while (typesetter.statistics().waiting > 0) {
        QCoreApplication::processEvents(QEventLoop::AllEvents | QEventLoop::WaitForMoreEvents, 20);
    }
    for (int i = 0; i < 4; ++i) {
        QCoreApplication::processEvents(QEventLoop::AllEvents, 40);
    }
}

long residentKb() {
    QFile status(QStringLiteral("/proc/self/status"));
    if (!status.open(QIODevice::ReadOnly)) {
        return 0;
    }
    for (const QByteArray& line : status.readAll().split('\n')) {
        if (line.startsWith("VmRSS:")) {
            return line.mid(6).trimmed().split(' ').first().toLong();
        }
    }
    return 0;
}

double percentile(std::vector<double> values, double p) {
    if (values.empty()) {
        return 0;
    }
    std::sort(values.begin(), values.end());
    return values[static_cast<std::size_t>(p * static_cast<double>(values.size() - 1))];
}

// Processor time of this thread: on a busy machine the clock on the wall measures the others too.
double cpuMillis() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

struct Cost {
    double build = 0; // Markdown to document
    double layout = 0;
    double paint = 0;
};

// Builds, lays out and paints all four panes as the reading screen would: 300 pixels wide each, and
// of each pane what 700 pixels of height show.
Cost showRecord(const Record& record, MathTypesetter& typesetter, const RichTextStyle& style) {
    Cost cost;
    std::vector<std::unique_ptr<RichTextDocument>> documents;
    std::vector<std::size_t> panes;
    double start = cpuMillis();
    for (std::size_t pane = 0; pane < record.panes.size(); ++pane) {
        for (const std::string& text : record.panes[pane]) {
            documents.push_back(std::make_unique<RichTextDocument>(&typesetter));
            documents.back()->setStyle(style);
            documents.back()->setTextWidth(300);
            documents.back()->setMarkdown(text);
            panes.push_back(pane);
        }
    }
    cost.build = cpuMillis() - start;
    start = cpuMillis();
    for (auto& document : documents) {
        (void)document->height();
    }
    cost.layout = cpuMillis() - start;
    QImage image(1280, 700, QImage::Format_RGB32);
    image.fill(Qt::white);
    QPainter painter(&image);
    start = cpuMillis();
    std::vector<double> y(record.panes.size(), 0);
    for (std::size_t i = 0; i < documents.size(); ++i) {
        double& top = y[panes[i]];
        if (top < 700) {
            painter.save();
            painter.translate(static_cast<double>(panes[i]) * 320, top);
            documents[i]->paint(painter, QRectF(0, 0, 300, 700 - top));
            painter.restore();
        }
        top += documents[i]->height() + 8;
    }
    cost.paint = cpuMillis() - start;
    return cost;
}

void shoot(const Record& record, MathTypesetter& typesetter, const QString& file, bool dark) {
    QWidget window;
    QPalette palette;
    if (dark) {
        palette.setColor(QPalette::Window, QColor(0x1e, 0x20, 0x24));
        palette.setColor(QPalette::Base, QColor(0x1e, 0x20, 0x24));
        palette.setColor(QPalette::Text, QColor(0xdc, 0xde, 0xe2));
        palette.setColor(QPalette::WindowText, QColor(0xdc, 0xde, 0xe2));
    } else {
        palette.setColor(QPalette::Window, Qt::white);
    }
    window.setPalette(palette);
    auto* columns = new QHBoxLayout(&window);
    columns->setSpacing(20);
    for (const auto& pane : record.panes) {
        auto* column = new QVBoxLayout;
        for (const std::string& text : pane) {
            auto* view = new RichTextView(&typesetter, &window);
            view->setPalette(palette);
            view->setMarkdown(text);
            column->addWidget(view);
        }
        column->addStretch(1);
        columns->addLayout(column, 1);
    }
    window.resize(1280, 900);
    window.show();
    waitUntilIdle(typesetter);
    window.grab().save(file);
}

} // namespace

int main(int argc, char** argv) {
    QApplication app(argc, argv);
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    QCommandLineParser parser;
    parser.addHelpOption();
    parser.addPositionalArgument(QStringLiteral("file"), QStringLiteral("records"));
    parser.addOption({QStringLiteral("records"), QStringLiteral("how many"), QStringLiteral("n"),
                      QStringLiteral("40")});
    parser.addOption(
        {QStringLiteral("shots"), QStringLiteral("where to draw"), QStringLiteral("dir")});
    parser.process(app);
    const QString path = parser.positionalArguments().value(
        0, QStringLiteral(SCRIT_SHARED_DIR "/data/realcritic/math.jsonl"));
    const auto records = readRecords(path, parser.value(QStringLiteral("records")).toInt());
    if (records.empty()) {
        std::printf("no records in %s\n", qPrintable(path));
        return 1;
    }
    std::set<std::pair<std::string, bool>> distinct;
    std::size_t all = 0;
    for (const Record& record : records) {
        for (const MathKey& key : keysOf(record)) {
            ++all;
            distinct.emplace(key.tex, key.display);
        }
    }
    std::vector<MathKey> keys;
    for (const auto& [tex, display] : distinct) {
        keys.push_back({tex, display});
    }
    std::printf("records %zu, formulas %zu, distinct %zu\n", records.size(), all, keys.size());
    const auto count = static_cast<double>(keys.size());

    QTemporaryDir cache;
    MathTypesetterOptions options;
    options.cacheFolder = cache.path();
    const long before = residentKb();
    QElapsedTimer clock;
    clock.start();
    {
        MathTypesetter first(options);
        if (!first.isAvailable()) {
            std::printf("%s\n", qPrintable(first.unavailableReason()));
            return 1;
        }
        const std::vector<MathKey> one = {{"x", false}};
        first.request(first.newGroup(), one, MathPriority::Visible);
        waitUntilIdle(first);
        std::printf("MathJax start and first formula   %8.1f ms (own thread)\n",
                    static_cast<double>(clock.elapsed()));
        clock.restart();
        const auto startMicros = first.statistics().engineMicros;
        first.request(first.newGroup(), keys, MathPriority::Visible);
        waitUntilIdle(first);
        const auto statistics = first.statistics();
        std::printf(
            "cold, per formula                 %8.2f ms in MathJax, %.2f ms elapsed; %lld failed\n",
            static_cast<double>(statistics.engineMicros - startMicros) / 1000 / count,
            static_cast<double>(clock.elapsed()) / count,
            static_cast<long long>(statistics.failed));
        std::printf(
            "memory                            %8.1f MB more resident, %.2f MB in the cache\n",
            static_cast<double>(residentKb() - before) / 1024,
            static_cast<double>(statistics.memoryBytes) / 1048576);
    }
    MathTypesetter typesetter(options);
    clock.restart();
    typesetter.request(typesetter.newGroup(), keys, MathPriority::Visible);
    waitUntilIdle(typesetter);
    std::printf("from the disk cache, per formula  %8.3f ms (%lld from disk, %lld typeset)\n",
                static_cast<double>(clock.nsecsElapsed()) / 1e6 / count,
                static_cast<long long>(typesetter.statistics().fromDisk),
                static_cast<long long>(typesetter.statistics().typeset));

    const RichTextStyle style = RichTextStyle::fromPalette(QPalette(), QFont());
    std::vector<double> total;
    std::vector<double> build;
    std::vector<double> layout;
    std::vector<double> paint;
    std::size_t documents = 0;
    for (int pass = 0; pass < 2; ++pass) { // the first pass fills font caches
        for (const Record& record : records) {
            const Cost cost = showRecord(record, typesetter, style);
            if (pass == 0) {
                continue;
            }
            for (const auto& pane : record.panes) {
                documents += pane.size();
            }
            build.push_back(cost.build);
            layout.push_back(cost.layout);
            paint.push_back(cost.paint);
            total.push_back(cost.build + cost.layout + cost.paint);
        }
    }
    std::printf(
        "warm record, four panes           %8.2f ms median, %.2f ms p95, %.2f ms worst (CPU) "
        "(%.1f documents a record)\n",
        percentile(total, 0.5), percentile(total, 0.95), percentile(total, 1),
        static_cast<double>(documents) / static_cast<double>(records.size()));
    std::printf("  Markdown to document            %8.2f ms median, %.2f ms p95\n",
                percentile(build, 0.5), percentile(build, 0.95));
    std::printf("  layout                          %8.2f ms median, %.2f ms p95\n",
                percentile(layout, 0.5), percentile(layout, 0.95));
    std::printf("  painting what is in sight       %8.2f ms median, %.2f ms p95\n",
                percentile(paint, 0.5), percentile(paint, 0.95));
    {
        std::string big;
        while (big.size() < 3 * 1024 * 1024) {
            big += "Then we have $x^2 + y^2 = 25$ and **so on**, step by step.\n\n";
        }
        // In a window, with all that follows a piece: new heights, scroll bars, painting.
        QScrollArea area;
        auto* view = new RichTextView(&typesetter);
        area.setWidget(view);
        area.setWidgetResizable(true);
        area.resize(420, 600);
        area.show();
        QCoreApplication::processEvents();
        const auto fill = [view](const char* name, const std::function<void()>& begin) {
            double start = cpuMillis();
            begin();
            std::vector<double> turns{cpuMillis() - start};
            while (view->document().isFilling() || view->document().isPending()) {
                start = cpuMillis();
                QCoreApplication::processEvents(QEventLoop::AllEvents |
                                                QEventLoop::WaitForMoreEvents);
                turns.push_back(cpuMillis() - start);
            }
            double together = 0;
            for (const double turn : turns) {
                together += turn;
            }
            std::printf("3 MB text, %-22s %8.1f ms CPU in %zu turns: median %.1f, p95 %.1f, "
                        "longest %.1f ms\n",
                        name, together, turns.size(), percentile(turns, 0.5),
                        percentile(turns, 0.95), percentile(turns, 1));
        };
        fill("first 64 KB", [&] { view->setMarkdown(big); });
        QCoreApplication::processEvents();
        fill("show all (first 1 MB)", [&] { view->document().showAll(); });
    }
    if (parser.isSet(QStringLiteral("shots"))) {
        const QString folder = parser.value(QStringLiteral("shots"));
        QDir().mkpath(folder);
        for (std::size_t i = 0; i < std::min<std::size_t>(records.size(), 6); ++i) {
            shoot(records[i], typesetter, folder + QStringLiteral("/record-%1-light.png").arg(i),
                  false);
            shoot(records[i], typesetter, folder + QStringLiteral("/record-%1-dark.png").arg(i),
                  true);
        }
    }
    return 0;
}
