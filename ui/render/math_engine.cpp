// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/render/math_engine.h"

#include <QCryptographicHash>
#include <QFile>
#include <QJSEngine>
#include <QJSValue>
#include <QLoggingCategory>

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <ctime>
#include <mutex>
#include <optional>
#include <thread>

// Outside every namespace, as Qt's macro wants it.
static void initMathResource() {
#ifdef SCRIT_HAS_MATHJAX
    Q_INIT_RESOURCE(mathjax);
#endif
}

namespace scrit::ui::render {

namespace {

constexpr int kLoadMillis = 30000; // the bundle itself, also on a slow machine

QString resourcePath() {
    return QStringLiteral(":/scrit/mathjax/bundle.js");
}

QString pathOf(const QString& given) {
    initMathResource();
    return given.isEmpty() ? resourcePath() : given;
}

// Qt's compiler remarks on MathJax's style ("used before its declaration") are no news for our
// users.
void quietScriptCompiler() {
    static std::once_flag once;
    static QLoggingCategory::CategoryFilter before = nullptr;
    std::call_once(once, [] {
        before = QLoggingCategory::installFilter([](QLoggingCategory* category) {
            if (before) {
                before(category);
            }
            if (qstrcmp(category->categoryName(), "qt.qml.compiler") == 0) {
                category->setEnabled(QtWarningMsg, false);
            }
        });
    });
}

// Interrupts an engine that is still busy at its deadline. start() and stop() come from the
// engine's thread; the lock is held while interrupting, so that stop() never returns before a late
// interrupt.
class Watchdog {
public:
    Watchdog() : m_thread([this] { run(); }) {
        pthread_setname_np(m_thread.native_handle(), "scrit-math-clk");
    }
    ~Watchdog() {
        {
            const std::lock_guard lock(m_mutex);
            m_quit = true;
        }
        m_changed.notify_one();
        m_thread.join();
    }
    Watchdog(const Watchdog&) = delete;
    Watchdog& operator=(const Watchdog&) = delete;

    void start(QJSEngine* engine, int millis) {
        {
            const std::lock_guard lock(m_mutex);
            m_engine = engine;
            m_budget = std::chrono::milliseconds(millis);
            m_began = std::chrono::steady_clock::now();
            m_deadline = m_began + m_budget;
            pthread_getcpuclockid(pthread_self(), &m_clock);
            m_cpuBegan = cpuTime();
        }
        m_changed.notify_one();
    }
    // True when the time was over.
    bool stop() {
        const std::lock_guard lock(m_mutex);
        const bool over = m_engine == nullptr;
        m_engine = nullptr;
        return over;
    }

private:
    static constexpr int kMostWaits = 20;

    [[nodiscard]] std::chrono::nanoseconds cpuTime() const {
        timespec now{};
        clock_gettime(m_clock, &now);
        return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
    }
    void run() {
        std::unique_lock lock(m_mutex);
        while (true) {
            m_changed.wait(lock, [this] { return m_quit || m_engine != nullptr; });
            if (m_quit) {
                return;
            }
            const auto deadline = m_deadline;
            m_changed.wait_until(lock, deadline, [&] {
                return m_quit || m_engine == nullptr || m_deadline != deadline;
            });
            const auto now = std::chrono::steady_clock::now();
            if (m_engine == nullptr || now < m_deadline) {
                continue;
            }
            // On a busy machine time passes without the formula being worked on: what counts is the
            // processor's time, up to a bound.
            const auto used = cpuTime() - m_cpuBegan;
            if (used < m_budget && now - m_began < kMostWaits * m_budget) {
                m_deadline = now + std::max<std::chrono::nanoseconds>(m_budget - used,
                                                                      std::chrono::milliseconds(5));
                continue;
            }
            m_engine->setInterrupted(true);
            m_engine = nullptr;
        }
    }

    std::mutex m_mutex;
    std::condition_variable m_changed;
    QJSEngine* m_engine = nullptr;
    clockid_t m_clock{};
    std::chrono::nanoseconds m_budget{};
    std::chrono::nanoseconds m_cpuBegan{};
    std::chrono::steady_clock::time_point m_began;
    std::chrono::steady_clock::time_point m_deadline;
    bool m_quit = false;
    std::thread m_thread; // last: it uses the members above
};

} // namespace

bool hasMathBundle(const QString& path) {
    return QFile::exists(pathOf(path));
}

base::Expected<MathBundle> loadMathBundle(const QString& path) {
    QFile file(pathOf(path));
    if (!file.open(QIODevice::ReadOnly)) {
        return base::fail(base::ErrorCode::NotFound, "this build has no MathJax",
                          "run packaging/mathjax/fetch and build again");
    }
    MathBundle bundle;
    bundle.program = file.readAll();
    const QByteArray hash =
        QCryptographicHash::hash(bundle.program, QCryptographicHash::Sha256).toHex();
    bundle.version = QString::fromLatin1(hash.left(16));
    return bundle;
}

QString refusalOf(const MathKey& key, const MathTypesetterOptions& options) {
    const std::string& tex = key.tex;
    if (tex.size() > static_cast<std::size_t>(std::max(options.maxTexBytes, 0))) {
        return MathTypesetter::tr("The formula is too long to typeset (%1 bytes).").arg(tex.size());
    }
    int depth = 0;
    int deepest = 0;
    const auto is = [&](std::size_t at, std::string_view word) {
        return tex.compare(at, word.size(), word) == 0;
    };
    // Superscripts and roots nest without braces too: x^x^x is an error, \sqrt\sqrt\sqrt is not.
    int chained = 0;
    for (std::size_t at = 0; at < tex.size(); ++at) {
        if (tex[at] == '\\') {
            if (is(at, "\\left") || is(at, "\\begin")) {
                ++depth;
            } else if (is(at, "\\right") || is(at, "\\end")) {
                --depth;
            }
            ++chained;
            ++at;
        } else if (tex[at] == '{') {
            ++depth;
        } else if (tex[at] == '}') {
            --depth;
            chained = 0;
        } else if ((tex[at] | 0x20) < 'a' || (tex[at] | 0x20) > 'z') {
            chained = 0;
        }
        deepest = std::max({deepest, depth, chained});
    }
    if (deepest > options.maxNesting) {
        return MathTypesetter::tr("The formula is nested too deeply to typeset (%1 levels).")
            .arg(deepest);
    }
    return {};
}

class MathEngine::Private {
public:
    Private(MathBundle b, MathTypesetterOptions o) : bundle(std::move(b)), options(std::move(o)) {}

    // Empty when ready, else why not.
    QString ensureLoaded();
    void reset() {
        typesetFunction = QJSValue();
        engine.reset();
    }

    MathBundle bundle;
    MathTypesetterOptions options;
    Watchdog watchdog;
    std::optional<QJSEngine> engine;
    QJSValue typesetFunction;
    QString brokenBecause; // the bundle itself does not run
};

QString MathEngine::Private::ensureLoaded() {
    if (!brokenBecause.isEmpty() || engine) {
        return brokenBecause;
    }
    quietScriptCompiler();
    engine.emplace();
    // MathJax looks for globalThis first, which Qt's engine does not define.
    engine->globalObject().setProperty(QStringLiteral("globalThis"), engine->globalObject());
    watchdog.start(&*engine, kLoadMillis);
    const QJSValue loaded = engine->evaluate(QString::fromUtf8(bundle.program));
    const bool late = watchdog.stop();
    typesetFunction = engine->globalObject()
                          .property(QStringLiteral("scritMath"))
                          .property(QStringLiteral("typeset"));
    if (loaded.isError() || late || !typesetFunction.isCallable()) {
        brokenBecause =
            MathTypesetter::tr("MathJax could not be started: %1").arg(loaded.toString());
        reset();
    }
    return brokenBecause;
}

MathEngine::MathEngine(MathBundle bundle, MathTypesetterOptions options)
    : d(std::make_unique<Private>(std::move(bundle), std::move(options))) {}

MathEngine::~MathEngine() = default;

base::Expected<std::string> MathEngine::typesetSvg(const MathKey& key) {
    if (const QString broken = d->ensureLoaded(); !broken.isEmpty()) {
        return base::fail(base::ErrorCode::Unavailable, broken.toStdString());
    }
    d->watchdog.start(&*d->engine, d->options.formulaMillis);
    const QJSValue value =
        d->typesetFunction.call({QString::fromStdString(key.tex), QJSValue(key.display)});
    if (d->watchdog.stop()) {
        d->reset();
        return base::fail(base::ErrorCode::Limit, MathTypesetter::tr("The formula took longer than "
                                                                     "%1 ms to typeset.")
                                                      .arg(d->options.formulaMillis)
                                                      .toStdString());
    }
    if (!value.isError() && value.isString()) {
        return value.toString().toStdString();
    }
    // TeX's own errors are objects of MathJax's class and not of the language's Error.
    const QString message = value.property(QStringLiteral("message")).toString();
    const bool ofTeX = !value.property(QStringLiteral("id")).isUndefined() && !value.isError();
    if (!ofTeX && value.errorType() != QJSValue::NoError) {
        d->reset();
    }
    return base::fail(base::ErrorCode::Parse, message.toStdString());
}

MathEngine::Outcome MathEngine::typeset(const MathKey& key) {
    auto result = std::make_shared<MathResult>();
    result->error = refusalOf(key, d->options);
    if (!result->error.isEmpty()) {
        return {result, false};
    }
    const auto svg = typesetSvg(key);
    if (!svg) {
        result->error = QString::fromStdString(svg.error().message);
        if (result->error.isEmpty()) {
            result->error = MathTypesetter::tr("MathJax could not typeset this formula.");
        }
        return {result, svg.error().code == base::ErrorCode::Parse};
    }
    if (auto list = parseMathSvg(*svg, result->error)) {
        result->list = std::move(*list);
    }
    return {result, true};
}

} // namespace scrit::ui::render
