// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/render/math_typesetter.h"

#include "core/base/log.h"
#include "ui/render/math_engine.h"
#include "ui/render/math_queue.h"
#include "ui/render/math_split.h"

#include <QElapsedTimer>
#include <QStandardPaths>
#include <QThread>
#include <QTimer>

#include <algorithm>
#include <atomic>
#include <functional>
#include <mutex>
#include <utility>

namespace scrit::ui::render {

namespace {

constexpr uint kEngineStackBytes = 32U * 1024 * 1024;
constexpr int kReportMillis = 30;

QString cacheFolderOf(const MathTypesetterOptions& options) {
    if (!options.cacheFolder.isEmpty()) {
        return options.cacheFolder;
    }
    return QStandardPaths::writableLocation(QStandardPaths::GenericCacheLocation) +
           QStringLiteral("/scrit-studio/math");
}

QThread* startThread(const QString& name, uint stackBytes, std::function<void()> body) {
    QThread* thread = QThread::create(std::move(body));
    thread->setObjectName(name);
    if (stackBytes > 0) {
        thread->setStackSize(stackBytes);
    }
    thread->start(QThread::LowPriority);
    return thread;
}

} // namespace

class MathTypesetter::Private {
public:
    Private(MathTypesetter* owner, MathTypesetterOptions o)
        : q(owner), options(std::move(o)),
          memory(static_cast<std::size_t>(std::max<qint64>(options.memoryBytes, 0))) {}

    void start();
    void runEngine();
    void runDisk();
    void publish(const MathKey& key, MathResultPtr result);
    void collect();
    void report();

    MathTypesetter* q;
    MathTypesetterOptions options;
    MathResultPtr unavailable; // the answer to everything when there is no MathJax
    MathMemoryCache memory;
    MathQueue queue;
    MathGroup lastGroup = 0;

    // From the worker threads to the UI thread.
    std::mutex doneMutex;
    std::vector<std::pair<MathKey, MathResultPtr>> done;
    bool collectPosted = false;

    QList<MathKey> unreported;
    QElapsedTimer sinceReport;
    QTimer reportTimer;

    std::atomic<qint64> typesetCount = 0;
    std::atomic<qint64> failedCount = 0;
    std::atomic<qint64> diskCount = 0;
    std::atomic<qint64> engineMicros = 0;

    std::unique_ptr<QThread> engineThread;
    std::unique_ptr<QThread> diskThread;
};

void MathTypesetter::Private::start() {
    if (engineThread) {
        return;
    }
    engineThread.reset(
        startThread(QStringLiteral("scrit-math"), kEngineStackBytes, [this] { runEngine(); }));
    if (options.diskCache) {
        diskThread.reset(startThread(QStringLiteral("scrit-math-disk"), 0, [this] { runDisk(); }));
    }
}

void MathTypesetter::Private::runEngine() {
    auto bundle = loadMathBundle(options.bundlePath);
    if (!bundle) {
        base::log::warn("MathJax: " + bundle.error().text());
        bundle = MathBundle{}; // each formula then fails with the reason
    }
    MathEngine engine(std::move(*bundle), options);
    while (const auto key = queue.take(MathQueue::Stage::Engine)) {
        QElapsedTimer clock;
        clock.start();
        const MathEngine::Outcome outcome = engine.typeset(*key);
        engineMicros += clock.nsecsElapsed() / 1000;
        ++typesetCount;
        if (!outcome.result->ok()) {
            ++failedCount;
        }
        if (options.diskCache && outcome.lasting) {
            queue.save(*key, outcome.result);
        }
        publish(*key, outcome.result);
    }
}

void MathTypesetter::Private::runDisk() {
    QString version = QStringLiteral("none");
    if (const auto bundle = loadMathBundle(options.bundlePath)) {
        version = bundle->version;
    }
    MathDiskCache cache(cacheFolderOf(options), version, options.diskBytes);
    cache.open();
    while (!queue.isClosed()) {
        if (const auto key = queue.take(MathQueue::Stage::Disk)) {
            if (const MathResultPtr result = cache.load(*key)) {
                ++diskCount;
                publish(*key, result);
            } else {
                queue.passToEngine(*key);
            }
        } else if (const auto save = queue.takeSave()) {
            cache.save(save->first, *save->second);
        }
    }
    while (const auto save = queue.takeSave()) {
        cache.save(save->first, *save->second);
    }
}

// On a worker thread.
void MathTypesetter::Private::publish(const MathKey& key, MathResultPtr result) {
    // Kept in memory even when nobody wants it any more: somebody may come back.
    queue.finish(key);
    {
        // The UI thread waits for this mutex: nobody is told while it is held.
        const std::lock_guard lock(doneMutex);
        done.emplace_back(key, std::move(result));
        if (std::exchange(collectPosted, true)) {
            return;
        }
    }
    QMetaObject::invokeMethod(
        q, [this] { collect(); }, Qt::QueuedConnection);
}

// On the UI thread.
void MathTypesetter::Private::collect() {
    std::vector<std::pair<MathKey, MathResultPtr>> arrived;
    {
        const std::lock_guard lock(doneMutex);
        arrived.swap(done);
        collectPosted = false;
    }
    for (auto& [key, result] : arrived) {
        memory.insert(key, std::move(result));
        unreported.append(key);
    }
    const bool soon = sinceReport.isValid() && sinceReport.elapsed() < kReportMillis;
    if (!soon || queue.size() == 0) {
        report();
    } else if (!reportTimer.isActive()) {
        reportTimer.start(static_cast<int>(kReportMillis - sinceReport.elapsed()));
    }
}

void MathTypesetter::Private::report() {
    reportTimer.stop();
    if (unreported.isEmpty()) {
        return;
    }
    const QList<MathKey> keys = std::exchange(unreported, {});
    Q_EMIT q->typeset(keys);
    sinceReport.start();
}

MathTypesetter::MathTypesetter(MathTypesetterOptions options, QObject* parent)
    : QObject(parent), d(std::make_unique<Private>(this, std::move(options))) {
    d->reportTimer.setSingleShot(true);
    connect(&d->reportTimer, &QTimer::timeout, this, [this] { d->report(); });
    if (!hasMathBundle(d->options.bundlePath)) {
        auto result = std::make_shared<MathResult>();
        result->error = tr("This build has no MathJax, so formulas show as their source. Run "
                           "packaging/mathjax/fetch and build again.");
        d->unavailable = std::move(result);
    }
}

MathTypesetter::~MathTypesetter() {
    d->queue.close();
    for (const auto& thread : {d->engineThread.get(), d->diskThread.get()}) {
        if (thread) {
            thread->wait();
        }
    }
}

bool MathTypesetter::isAvailable() const {
    return d->unavailable == nullptr;
}

QString MathTypesetter::unavailableReason() const {
    return d->unavailable ? d->unavailable->error : QString();
}

MathResultPtr MathTypesetter::find(const MathKey& key) const {
    return d->unavailable ? d->unavailable : d->memory.find(key);
}

MathGroup MathTypesetter::newGroup() {
    return ++d->lastGroup;
}

void MathTypesetter::request(MathGroup group, std::span<const MathKey> keys,
                             MathPriority priority) {
    if (d->unavailable) {
        return;
    }
    const auto first = d->options.diskCache ? MathQueue::Stage::Disk : MathQueue::Stage::Engine;
    for (const MathKey& key : keys) {
        if (!d->memory.find(key)) {
            d->queue.add(group, key, priority, first);
        }
    }
    // Threads start with the first formula, so that a start without mathematics pays nothing.
    if (d->queue.size() > 0) {
        d->start();
    }
}

void MathTypesetter::prefetch(MathGroup group, std::string_view markdown, MathPriority priority) {
    constexpr std::size_t kMaxBytes = std::size_t{64} * 1024; // what a document shows at first
    std::vector<MathKey> keys;
    for (Formula& formula : splitMath(markdown.substr(0, kMaxBytes)).formulas) {
        keys.push_back({std::move(formula.tex), formula.display});
    }
    request(group, keys, priority);
}

void MathTypesetter::cancel(MathGroup group) {
    d->queue.cancel(group);
}

QString MathTypesetter::cacheFolder() const {
    return cacheFolderOf(d->options);
}

MathTypesetter::Statistics MathTypesetter::statistics() const {
    return {d->typesetCount, d->failedCount, d->diskCount, static_cast<qint64>(d->memory.bytes()),
            d->engineMicros, d->queue.size()};
}

} // namespace scrit::ui::render
