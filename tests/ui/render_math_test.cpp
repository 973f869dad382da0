// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/test_program.h"
#include "ui/render/display_list_painter.h"
#include "ui/render/math_cache.h"
#include "ui/render/math_engine.h"
#include "ui/render/math_queue.h"
#include "ui/render/math_split.h"
#include "ui/render/math_typesetter.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QImage>
#include <QJsonDocument>
#include <QJsonObject>
#include <QPainter>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QThread>

#include <algorithm>
#include <functional>
#include <set>

using namespace scrit::ui::render;

namespace {

// Formulas of our own: what mathematics homework is made of.
const char* const kFormulas[] = {
    "x^2+y^2=25",
    "\\frac{91}{26}=\\frac{7}{2}",
    "\\sqrt{b^2-4ac}",
    "\\left(\\frac{a}{\\frac{b}{c}}\\right)^{n}",
    "\\begin{pmatrix}1&2\\\\3&4\\\\5&6\\\\7&8\\end{pmatrix}",
    "f(x)=\\begin{cases}x&\\text{if }x\\ge 0\\\\-x&\\text{otherwise}\\end{cases}",
    "\\begin{aligned}a&=b+c\\\\&=d\\end{aligned}",
    "\\sum_{k=1}^{\\infty}\\frac{1}{k^2}=\\frac{\\pi^2}{6}",
    "\\int_0^1 x\\,dx",
    "\\boxed{\\left(3,\\frac{\\pi}{2}\\right)}",
    "\\begin{array}{c|cc}1&2&3\\\\\\hline 4&5&6\\end{array}",
    "\\overline{AB}\\parallel\\overrightarrow{CD}",
    "\\angle ABC=60^\\circ",
    "\\cancel{x}\\underbrace{a+b}_{c}",
    "\\text{cost}=\\$5\\times 3\\%",
    "\\binom{n}{k}\\equiv 1\\pmod{7}",
    "\\lfloor x\\rfloor+\\lceil y\\rceil",
    "\\color{red}{x}+\\mathbb{R}\\mathcal{F}\\mathfrak{g}",
    "\\log_2 8=3\\implies 2^3=8",
    "\\begin{align*}x&=1\\tag{2}\\\\y&=2\\end{align*}",
};

// Runs a body on a thread with the stack that the typesetter gives MathJax.
void onEngineThread(std::function<void()> body) {
    std::unique_ptr<QThread> thread(QThread::create(std::move(body)));
    thread->setStackSize(32U * 1024 * 1024);
    thread->start();
    thread->wait();
}

MathResultPtr typesetOne(const MathKey& key) {
    MathTypesetterOptions options;
    options.diskCache = false;
    static MathTypesetter typesetter(options);
    const std::vector<MathKey> keys = {key};
    typesetter.request(typesetter.newGroup(), keys, MathPriority::Visible);
    while (!typesetter.find(key)) {
        QCoreApplication::processEvents(QEventLoop::AllEvents | QEventLoop::WaitForMoreEvents, 20);
    }
    return typesetter.find(key);
}

QImage painted(const DisplayList& list, double em, const QColor& ink, const QColor& paper,
               double ratio = 1) {
    const QSizeF size((list.width + 1) * em, (list.ascent + list.descent + 1) * em);
    QImage image((size * ratio).toSize(), QImage::Format_RGB32);
    image.setDevicePixelRatio(ratio);
    image.fill(paper);
    QPainter painter(&image);
    paintDisplayList(painter, list, QPointF(em / 2, em / 2 + list.ascent * em), em, ink, QFont());
    return image;
}

// Smallest rectangle with all pixels that differ from the paper.
QRect inkedArea(const QImage& image, const QColor& paper) {
    QRect area;
    for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x) {
            if (image.pixel(x, y) != paper.rgb()) {
                area |= QRect(x, y, 1, 1);
            }
        }
    }
    return area;
}

void waitFor(MathTypesetter& typesetter, const std::vector<MathKey>& keys) {
    QTRY_VERIFY_WITH_TIMEOUT(std::all_of(keys.begin(), keys.end(),
                                         [&](const MathKey& key) { return typesetter.find(key); }),
                             120000);
}

} // namespace

class TestRenderMath : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void typesetsOurFormulas();
    void typesetsRealFormulas();
    void flatAttributesGiveTheSameImage();
    void aFormulaLeavesNothingBehind();
    void hostileFormulasEndAndFail_data();
    void hostileFormulasEndAndFail();
    void parsesSvg();
    void refusesWhatIsNoSvg();
    void paintsInTheTextColour();
    void rulesAreSharp();
    void bracketsAreWhole();
    void memoryCacheDropsTheOldest();
    void diskFormatRoundTrip();
    void damagedFilesAreNotRead();
    void diskCacheIsBounded();
    void diskCacheKeepsNoOtherVersions();
    void queueOrdersAndForgets();
    void typesetterUsesTheDisk();
    void typesetterWithoutMathJax();
};

void TestRenderMath::initTestCase() {
    if (!hasMathBundle({})) {
        QSKIP("SKIPPED ALL: this build has no MathJax (packaging/mathjax/fetch)");
    }
}

void TestRenderMath::typesetsOurFormulas() {
    onEngineThread([] {
        MathEngine engine(*loadMathBundle({}), {});
        for (const char* tex : kFormulas) {
            for (const bool display : {false, true}) {
                const auto outcome = engine.typeset({tex, display});
                QVERIFY2(outcome.result->ok(),
                         qPrintable(QString::fromUtf8(tex) + QStringLiteral(": ") +
                                    outcome.result->error));
                QVERIFY2(outcome.result->list.width > 0.3 && !outcome.result->list.ops.empty(),
                         tex);
            }
        }
    });
}

void TestRenderMath::typesetsRealFormulas() {
    const QString folder = QStringLiteral(SCRIT_SHARED_DIR "/data/");
    if (!QFile::exists(folder)) {
        QSKIP("the shared data folder is not there");
    }
    std::set<std::pair<std::string, bool>> distinct;
    for (const char* name : {"math500/dev.jsonl", "realcritic/math.jsonl"}) {
        QFile file(folder + QLatin1String(name));
        QVERIFY(file.open(QIODevice::ReadOnly));
        while (!file.atEnd()) {
            const QJsonObject record = QJsonDocument::fromJson(file.readLine()).object();
            for (const char* field : {"problem", "question", "solution", "gt_cot", "reasoning"}) {
                for (const Formula& formula :
                     splitMath(record[QLatin1String(field)].toString().toStdString()).formulas) {
                    distinct.emplace(formula.tex, formula.display);
                }
            }
        }
    }
    // All of them take minutes: a sample by default, all with SCRIT_TEST_ALL_FORMULAS=1 (and
    // QTEST_FUNCTION_TIMEOUT=1800000).
    const std::size_t step = qEnvironmentVariableIsSet("SCRIT_TEST_ALL_FORMULAS") ? 1 : 60;
    std::size_t tried = 0;
    std::size_t failed = 0;
    qint64 micros = 0;
    onEngineThread([&] {
        MathEngine engine(*loadMathBundle({}), {});
        std::size_t i = 0;
        for (const auto& [tex, display] : distinct) {
            if (i++ % step != 0) {
                continue;
            }
            QElapsedTimer clock;
            clock.start();
            const auto outcome = engine.typeset({tex, display});
            micros += clock.nsecsElapsed() / 1000;
            ++tried;
            if (!outcome.result->ok()) {
                ++failed;
                qInfo("failed: %s\n    %s", qPrintable(outcome.result->error), tex.c_str());
            }
        }
    });
    qInfo("%zu of %zu distinct formulas typeset, %zu failed, %.1f ms each", tried, distinct.size(),
          failed,
          static_cast<double>(micros) / 1000 /
              static_cast<double>(std::max<std::size_t>(tried, 1)));
    QVERIFY(tried > 0);
    QVERIFY2(failed * 100 <= tried, "more than one in a hundred failed");
}

void TestRenderMath::flatAttributesGiveTheSameImage() {
#ifdef SCRIT_MATHJAX_STOCK
    const auto stock = loadMathBundle(QStringLiteral(SCRIT_MATHJAX_STOCK));
    QVERIFY2(stock.has_value(), "the comparison bundle was not built");
    onEngineThread([&] {
        MathTypesetterOptions options;
        options.formulaMillis = 60000;
        MathEngine flat(*loadMathBundle({}), options);
        MathEngine original(*stock, options);
        QVERIFY(loadMathBundle({})->version != stock->version);
        for (const char* tex : kFormulas) {
            const auto a = flat.typesetSvg({tex, true});
            const auto b = original.typesetSvg({tex, true});
            QVERIFY2(a.has_value() && b.has_value(), tex);
            QVERIFY2(*a == *b, tex);
        }
    });
#else
    QSKIP("no comparison bundle: MathJax was given as a finished bundle");
#endif
}

void TestRenderMath::aFormulaLeavesNothingBehind() {
    onEngineThread([] {
        MathEngine engine(*loadMathBundle({}), {});
        QVERIFY(engine.typeset({"\\def\\mine{7}\\mine", false}).result->ok());
        QVERIFY(!engine.typeset({"\\mine", false}).result->ok());
        QVERIFY(engine.typeset({"\\newcommand{\\two}[1]{#1#1}\\two{x}", false}).result->ok());
        QVERIFY(!engine.typeset({"\\two{x}", false}).result->ok());
        QVERIFY(engine.typeset({"\\let\\frac=\\sqrt\\frac{x}", false}).result->ok());
        QVERIFY(engine.typeset({"\\frac{1}{2}", false}).result->ok());
        QVERIFY(
            engine.typeset({"\\definecolor{ours}{rgb}{1,0,0}\\color{ours}x", false}).result->ok());
        // The same label again is no error in another formula.
        QVERIFY(engine.typeset({"x\\label{a}", true}).result->ok());
        QVERIFY(engine.typeset({"x\\label{a}", true}).result->ok());
    });
}

void TestRenderMath::hostileFormulasEndAndFail_data() {
    QTest::addColumn<QString>("tex");
    QTest::addColumn<bool>("mayWork");
    const auto times = [](const char* piece, int n) {
        return QString::fromUtf8(piece).repeated(n);
    };
    QTest::newRow("braces") << times("{", 10000) + times("}", 10000) << false;
    QTest::newRow("open braces") << times("{", 2000) << false;
    QTest::newRow("fractions") << times("\\frac{1}{", 1000) + times("}", 1000) << false;
    QTest::newRow("left") << times("\\left(", 1300) << false;
    QTest::newRow("roots without braces") << times("\\sqrt", 2000) + QStringLiteral("x") << false;
    QTest::newRow("nested at the bound") << times("\\sqrt{", 110) + times("}", 110) << true;
    QTest::newRow("environments") << times("\\begin{matrix}", 500) << false;
    QTest::newRow("macro loop") << QStringLiteral("\\def\\a{\\a}\\a") << false;
    QTest::newRow("growing macro") << QStringLiteral("\\def\\a{\\a\\a}\\a") << false;
    QTest::newRow("doubling macros")
        << QStringLiteral(
               "\\def\\a{xx}\\def\\b{\\a\\a}\\def\\c{\\b\\b}\\def\\d{\\c\\c}\\def\\e{\\d\\d}"
               "\\def\\f{\\e\\e}\\def\\g{\\f\\f}\\def\\h{\\g\\g}\\def\\i{\\h\\h}"
               "\\def\\j{\\i\\i}\\def\\k{\\j\\j}\\def\\l{\\k\\k}\\l\\l\\l\\l")
        << true;
    QTest::newRow("long") << times("x+", 100000) << false;
    QTest::newRow("many rows") << QStringLiteral("\\begin{matrix}") + times("\\\\", 3000) +
                                      QStringLiteral("\\end{matrix}")
                               << true;
    QTest::newRow("huge rule") << QStringLiteral("\\rule{100000em}{100000em}") << false;
    QTest::newRow("endless rule") << QStringLiteral("\\rule{1e300em}{3em}") << false;
    QTest::newRow("negative rule") << QStringLiteral("\\rule{-5em}{-5em}x") << true;
    QTest::newRow("link") << QStringLiteral("\\href{file:///etc/passwd}{x}") << false;
    QTest::newRow("require") << QStringLiteral("\\require{physics}x") << false;
    QTest::newRow("style") << QStringLiteral("\\style{color:red}{x}") << false;
    QTest::newRow("undefined") << QStringLiteral("\\nosuchthing") << false;
    QTest::newRow("unbalanced") << QStringLiteral("\\frac{1}{") << false;
    QTest::newRow("unicode") << QString::fromUtf8(
                                    "\xE6\x97\xA5\xE6\x9C\xAC \xF0\x9F\x98\x80 \xE2\x89\xA4 x")
                             << true;
    QTest::newRow("markup") << QStringLiteral("\\text{<script>alert(1)</script>}") << true;
    QTest::newRow("NUL") << QString(QChar(0)) + QStringLiteral("x") << true;
    QTest::newRow("empty group") << QStringLiteral("{}") << true;
    QTest::newRow("double superscript") << QStringLiteral("x^y^z") << false;
}

void TestRenderMath::hostileFormulasEndAndFail() {
    QFETCH(QString, tex);
    QFETCH(bool, mayWork);
    const MathResultPtr result = typesetOne({tex.toStdString(), true});
    QVERIFY(result);
    QVERIFY2(mayWork || !result->ok(), "this formula must fail");
    if (!result->ok()) {
        QVERIFY(result->error.size() > 3);
    } else {
        QVERIFY(!painted(result->list, 16, Qt::black, Qt::white).isNull() ||
                result->list.width == 0);
    }
}

void TestRenderMath::parsesSvg() {
    QString error;
    const auto list = parseMathSvg(
        "<svg viewBox=\"0 -750 2000 1000\"><g transform=\"scale(1,-1)\" stroke-width=\"0\">"
        "<g transform=\"translate(100,50)\"><path d=\"M0 0L100 0L100 100Z\"></path></g>"
        "<rect x=\"10\" y=\"20\" width=\"300\" height=\"60\"></rect>"
        "<svg x=\"5\" y=\"-10\" width=\"50\" height=\"40\" viewBox=\"0 100 50 40\">"
        "<path d=\"M0 0H10V10Z\" transform=\"scale(1,2)\"></path></svg>"
        "<line class=\"mjx-dashed\" data-line=\"h\" x1=\"0\" y1=\"0\" x2=\"9\" y2=\"0\"></line>"
        "<text font-size=\"884px\">a &lt; b</text></g></svg>",
        error);
    QVERIFY2(list.has_value(), qPrintable(error));
    QCOMPARE(list->width, 2.0);
    QCOMPARE(list->ascent, 0.75);
    QCOMPARE(list->descent, 0.25);
    QCOMPARE(list->ops.size(), std::size_t{5});
    QCOMPARE(list->ops[0].transform.map(QPointF(0, 0)), QPointF(100, -50));
    QCOMPARE(list->ops[1].transform.mapRect(list->ops[1].rect), QRectF(10, -80, 300, 60));
    QCOMPARE(list->clips.size(), std::size_t{1});
    QCOMPARE(list->clips[0], QRectF(5, -30, 50, 40));
    QCOMPARE(list->ops[2].clip, 0);
    QCOMPARE(list->ops[2].transform.map(QPointF(0, 50)), QPointF(5, 10));
    QVERIFY(list->ops[3].dashed);
    QCOMPARE(list->ops[4].text, QStringLiteral("a < b"));
    QCOMPARE(glyphPath("M0 0L1 1Z").get(), glyphPath("M0 0L1 1Z").get());
}

void TestRenderMath::refusesWhatIsNoSvg() {
    for (const char* text :
         {"", "<", "<svg", "<svg>", "<svg viewBox=\"a\">", "plain", "</svg>",
          "<svg viewBox=\"0 0 1e9 1\">", "<svg viewBox=\"0 -1 9000000 1\"></svg>"}) {
        QString error;
        QVERIFY2(!parseMathSvg(text, error).has_value(), text);
        QVERIFY(!error.isEmpty());
    }
    std::string deep = "<svg viewBox=\"0 0 1 1\">";
    for (int i = 0; i < 100000; ++i) {
        deep += "<g>";
    }
    QString error;
    QVERIFY(!parseMathSvg(deep, error).has_value());
}

void TestRenderMath::paintsInTheTextColour() {
    const MathResultPtr result = typesetOne({"\\frac{a}{b}", false});
    QVERIFY(result->ok());
    for (const bool dark : {false, true}) {
        const QColor ink = dark ? Qt::white : Qt::black;
        const QColor paper = dark ? Qt::black : Qt::white;
        const QImage image = painted(result->list, 40, ink, paper);
        int full = 0;
        for (int y = 0; y < image.height(); ++y) {
            for (int x = 0; x < image.width(); ++x) {
                full += image.pixel(x, y) == ink.rgb() ? 1 : 0;
            }
        }
        QVERIFY(full > 100);
        // Everything is inside the box that the list claims.
        const QRect area = inkedArea(image, paper);
        QVERIFY(area.left() >= 19 && area.right() <= image.width() - 19);
        QVERIFY(area.top() >= 18 && area.bottom() <= image.height() - 18);
    }
}

void TestRenderMath::rulesAreSharp() {
    const MathResultPtr result = typesetOne({"\\frac{\\quad}{\\quad}", false});
    QVERIFY(result->ok());
    for (const double ratio : {1.0, 1.25, 2.0}) {
        const QImage image = painted(result->list, 15.3, Qt::black, Qt::white, ratio);
        const int x = image.width() / 2;
        int dark = 0;
        for (int y = 0; y < image.height(); ++y) {
            const int grey = qGray(image.pixel(x, y));
            QVERIFY2(grey < 10 || grey > 245, "a fraction bar is blurred");
            dark += grey < 10 ? 1 : 0;
        }
        QVERIFY(dark >= 1 && dark <= 3);
    }
}

void TestRenderMath::bracketsAreWhole() {
    // A tall bracket is put together from pieces with a clipped extender: no gaps, nothing outside.
    const MathResultPtr result =
        typesetOne({"\\left[\\begin{matrix}1\\\\2\\\\3\\\\4\\\\5\\\\6\\end{matrix}\\right.", true});
    QVERIFY(result->ok());
    QVERIFY(!result->list.clips.empty());
    const QImage image = painted(result->list, 20, Qt::black, Qt::white);
    const QRect area = inkedArea(image, Qt::white);
    int gaps = 0;
    for (int y = area.top() + 2; y < area.bottom() - 2; ++y) {
        bool inked = false;
        for (int x = area.left(); x < area.left() + 10; ++x) {
            inked = inked || qGray(image.pixel(x, y)) < 160;
        }
        gaps += inked ? 0 : 1;
    }
    QCOMPARE(gaps, 0);
    QVERIFY(area.height() > 6 * 20);
    QVERIFY(area.top() >= 8 && area.bottom() <= image.height() - 8);
}

void TestRenderMath::memoryCacheDropsTheOldest() {
    auto result = std::make_shared<MathResult>();
    result->list.ops.resize(10);
    MathMemoryCache probe(1);
    probe.insert({"a", false}, result);
    const std::size_t one = probe.bytes();
    MathMemoryCache cache(3 * one + one / 2);
    for (const char* tex : {"a", "b", "c"}) {
        cache.insert({tex, false}, result);
    }
    QVERIFY(cache.find({"a", false})); // now the most recent
    cache.insert({"d", false}, result);
    QVERIFY(cache.find({"a", false}));
    QVERIFY(!cache.find({"b", false}));
    QVERIFY(!cache.find({"a", true}));
    QCOMPARE(cache.size(), std::size_t{3});
    cache.insert({"d", false}, result);
    QCOMPARE(cache.size(), std::size_t{3});
    QCOMPARE(cache.bytes(), 3 * one);
}

void TestRenderMath::diskFormatRoundTrip() {
    onEngineThread([] {
        MathEngine engine(*loadMathBundle({}), {});
        for (const char* tex : {kFormulas[4], kFormulas[10], kFormulas[17], "\\nosuchthing"}) {
            const MathKey key{tex, true};
            const MathResultPtr before = engine.typeset(key).result;
            const MathResultPtr after = decodeMathResult(key, encodeMathResult(key, *before));
            QVERIFY(after);
            QCOMPARE(after->error, before->error);
            QCOMPARE(after->list.ops.size(), before->list.ops.size());
            if (before->ok()) {
                QCOMPARE(painted(after->list, 20, Qt::black, Qt::white),
                         painted(before->list, 20, Qt::black, Qt::white));
            }
            QVERIFY(!decodeMathResult({tex, false}, encodeMathResult(key, *before)));
        }
    });
}

void TestRenderMath::damagedFilesAreNotRead() {
    const MathKey key{"x", false};
    const MathResultPtr result = typesetOne(key);
    const QByteArray good = encodeMathResult(key, *result);
    QVERIFY(decodeMathResult(key, good));
    for (qsizetype i = 0; i < good.size(); i += 3) {
        QByteArray bad = good;
        bad[i] = static_cast<char>(bad[i] ^ 0x41);
        QVERIFY2(!decodeMathResult(key, bad), qPrintable(QString::number(i)));
        QVERIFY(!decodeMathResult(key, good.left(i)));
    }
    QTemporaryDir folder;
    MathDiskCache cache(folder.path(), QStringLiteral("0123456789abcdef"), 1 << 20);
    cache.open();
    cache.save(key, *result);
    QVERIFY(cache.load(key));
    QFile file(cache.fileOf(key));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("nonsense");
    file.close();
    QVERIFY(!cache.load(key));
    QVERIFY2(!QFile::exists(cache.fileOf(key)), "a damaged file stays");
    cache.save(key, *result);
    QVERIFY(cache.load(key));
}

void TestRenderMath::diskCacheIsBounded() {
    QTemporaryDir folder;
    MathDiskCache cache(folder.path(), QStringLiteral("0123456789abcdef"), 20000);
    cache.open();
    MathResult result;
    result.error = QString(400, u'x');
    for (int i = 0; i < 400; ++i) {
        result.error[i % 400] = QChar(0x4e00 + i);
        cache.save({std::to_string(i), false}, result);
        QVERIFY(cache.bytes() <= 20000);
    }
    const qint64 bytes = cache.bytes();
    QVERIFY(bytes > 5000);
    cache.open(); // counts again what is really there
    QCOMPARE(cache.bytes(), bytes);
}

void TestRenderMath::diskCacheKeepsNoOtherVersions() {
    QTemporaryDir folder;
    MathResult result;
    const MathKey key{"x", false};
    MathDiskCache old(folder.path(), QStringLiteral("0000000000000000"), 1 << 20);
    old.open();
    old.save(key, result);
    QVERIFY(QDir(folder.path()).mkdir(QStringLiteral("somebody-elses")));
    MathDiskCache now(folder.path(), QStringLiteral("1111111111111111"), 1 << 20);
    now.open();
    QVERIFY(!now.load(key));
    QVERIFY(!QFile::exists(old.fileOf(key)));
    QVERIFY(QDir(folder.path()).exists(QStringLiteral("somebody-elses")));
}

void TestRenderMath::queueOrdersAndForgets() {
    using Stage = MathQueue::Stage;
    MathQueue queue;
    queue.add(1, {"idle", false}, MathPriority::Idle, Stage::Engine);
    queue.add(2, {"near", false}, MathPriority::Near, Stage::Engine);
    queue.add(3, {"first", false}, MathPriority::Visible, Stage::Engine);
    queue.add(3, {"second", false}, MathPriority::Visible, Stage::Engine);
    queue.add(4, {"stale", false}, MathPriority::Visible, Stage::Engine);
    queue.add(4, {"second", false}, MathPriority::Idle, Stage::Engine);
    queue.add(5, {"idle", false}, MathPriority::Visible, Stage::Engine); // becomes urgent
    queue.cancel(4);
    QCOMPARE(queue.size(), 4);
    for (const char* expected : {"first", "second", "idle", "near"}) {
        QCOMPARE(queue.take(Stage::Engine)->tex, std::string(expected));
    }
    queue.cancel(3);
    QVERIFY(!queue.finish({"first", false}));
    QVERIFY(queue.finish({"near", false}));
    queue.close();
    QVERIFY(!queue.take(Stage::Engine));
}

void TestRenderMath::typesetterUsesTheDisk() {
    QTemporaryDir folder;
    MathTypesetterOptions options;
    options.cacheFolder = folder.path();
    const std::vector<MathKey> keys = {
        {"x^2", false}, {"\\frac12", true}, {"\\nosuchthing", false}};
    {
        MathTypesetter typesetter(options);
        QSignalSpy spy(&typesetter, &MathTypesetter::typeset);
        typesetter.request(typesetter.newGroup(), keys, MathPriority::Visible);
        QVERIFY(!typesetter.find(keys[0])); // nothing was waited for
        waitFor(typesetter, keys);
        QVERIFY(typesetter.find(keys[0])->ok());
        QVERIFY(!typesetter.find(keys[2])->ok());
        QCOMPARE(typesetter.statistics().typeset, qint64{3});
        QCOMPARE(typesetter.statistics().failed, qint64{1});
        QTRY_VERIFY(spy.count() >= 1);
    } // writes what is left
    MathTypesetter typesetter(options);
    const MathGroup group = typesetter.newGroup();
    typesetter.prefetch(group, "Here $x^2$ and \\[\\frac12\\] and $\\nosuchthing$",
                        MathPriority::Near);
    waitFor(typesetter, keys);
    QCOMPARE(typesetter.statistics().typeset, qint64{0});
    QCOMPARE(typesetter.statistics().fromDisk, qint64{3});
    QVERIFY(typesetter.find(keys[1])->ok());
    QVERIFY(!typesetter.find(keys[2])->ok());
}

void TestRenderMath::typesetterWithoutMathJax() {
    MathTypesetterOptions options;
    options.bundlePath = QStringLiteral("/nowhere/bundle.js");
    MathTypesetter typesetter(options);
    QVERIFY(!typesetter.isAvailable());
    const std::vector<MathKey> keys = {{"x", false}};
    typesetter.request(typesetter.newGroup(), keys, MathPriority::Visible);
    QVERIFY(typesetter.find(keys[0]));
    QVERIFY(typesetter.find(keys[0])->error.contains(QStringLiteral("packaging/mathjax/fetch")));
    // A file that is no MathJax is a reason too, not a crash.
    QTemporaryDir folder;
    QFile file(folder.filePath(QStringLiteral("bundle.js")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("throw new Error('broken');");
    file.close();
    options.bundlePath = file.fileName();
    options.diskCache = false;
    MathTypesetter broken(options);
    broken.request(broken.newGroup(), keys, MathPriority::Visible);
    waitFor(broken, keys);
    QVERIFY(broken.find(keys[0])->error.contains(QStringLiteral("broken")));
}

SCRIT_WINDOW_TEST(TestRenderMath)
#include "render_math_test.moc"
