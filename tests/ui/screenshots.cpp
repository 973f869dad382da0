// SPDX-License-Identifier: GPL-3.0-or-later
// Opens the real main window with a workspace and writes a PNG of every screen:
//   QT_QPA_PLATFORM=offscreen scrit-screenshots WORKSPACE FOLDER [--size 1280x800] [--filter EXPR]
//   [--jobs]
// Without a workspace it uses the sample. QT_SCALE_FACTOR works as usual.
#include "app/studio/main_window.h"
#include "core/loop/demo.h"
#include "screenshots_review.h"
#include "screenshots_rounds.h"
#include "screenshots_runs.h"
#include "screenshots_wait.h"
#include "ui/models/trace_table_model.h"
#include "ui/models/visible_text.h"
#include "ui/pages/traces/reading_view.h"
#include "ui/pages/traces/record_finder.h"
#include "ui/pages/traces/traces_page.h"
#include "ui/render/math_typesetter.h"
#include "ui/widgets/command_palette.h"
#include "ui/widgets/command_registry.h"
#include "ui/widgets/expander.h"
#include "ui/widgets/filter_edit.h"
#include "ui/widgets/find_bar.h"
#include "ui/widgets/job_widgets.h"
#include "ui/widgets/outcome_strip.h"
#include "ui/widgets/theme.h"
#include "ui/widgets/trace_table_view.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QLineEdit>
#include <QPainter>
#include <QSettings>
#include <QTemporaryDir>

#include <algorithm>
#include <cstdio>

using namespace scrit;
using namespace scrit::ui;

namespace {

void settle(int millis) {
    QElapsedTimer clock;
    clock.start();
    while (clock.elapsed() < millis) {
        QApplication::processEvents(QEventLoop::AllEvents, 20);
        // No exec() runs here: what was to be deleted later would stay on the picture.
        QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    }
}

struct Shooter {
    app::MainWindow& window;
    QDir folder;
    QString suffix;

    void shoot(const char* name) const {
        settle(900); // formulas come in
        const QString path = folder.filePath(QString::fromLatin1(name) + QLatin1Char('-') + suffix +
                                             QStringLiteral(".png"));
        QPixmap picture = window.grab();
        if (QWidget* dialog = QApplication::activeModalWidget()) { // a window of its own
            const QPoint at = window.rect().center() - dialog->rect().center();
            QPainter(&picture).drawPixmap(at, dialog->grab());
        }
        picture.save(path);
        std::printf("%s\n", qPrintable(path));
    }
};

// The views of one record: a quoted passage of the reference, a comparison, find, the transcript.
void shootReading(const Shooter& shooter, pages::TracesPage& traces) {
    auto& commands = shooter.window.commands();
    const auto run = [&commands](const char* id) {
        commands.action(QString::fromLatin1(id))->trigger();
    };
    auto& reading = traces.reading();
    // The next record whose critique quotes the reference.
    for (int tries = 0; tries < 40; ++tries) {
        const auto& quotes = reading.record()->quotes;
        const auto quoting = std::find_if(quotes.begin(), quotes.end(),
                                          [](const auto& one) { return one.count() > 0; });
        if (quoting != quotes.end()) {
            const auto at = static_cast<std::size_t>(quoting - quotes.begin());
            reading.selectStep(reading.record()->segments[at].steps.front(),
                               pages::ReadingView::Critique);
            break;
        }
        run("traces.next");
        settle(200);
    }
    shooter.shoot("quoted");
    run("reading.compare");
    test::waitUntil([&reading] { return reading.comparison() != nullptr; }, 3000);
    run("traces.table");
    shooter.shoot("compare");
    run("traces.table");
    run("reading.compare");
    run("reading.find");
    reading.finder().bar().findChild<QLineEdit*>()->setText(QStringLiteral("the"));
    shooter.shoot("find");
    reading.finder().close();
    reading.outcome().revealTranscript({0, 1});
    shooter.shoot("transcript");
    reading.outcome().transcript().setOpen(false);
}

// A file that arrives with bad lines: the strip while it is read, the panel at the end; then what
// Verify says.
void shootJobs(const Shooter& shooter, const QString& folder) {
    const QString path = folder + QStringLiteral("/shown.jsonl");
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly)) {
        return;
    }
    for (int i = 0; i < 40000; ++i) {
        file.write(i % 9000 == 7
                       ? QByteArray("{\"problem\": \"cut o\n")
                       : QByteArray("{\"problem\":\"What is ") + QByteArray::number(i) +
                             " + 1?\",\"answer\":\"" + QByteArray::number(i + 1) + "\"}\n");
    }
    file.close();
    shooter.window.openFiles({path, folder + QStringLiteral("/not-there.jsonl")});
    test::waitUntil(
        [&shooter] { return shooter.window.progress().text().contains(QLatin1Char('/')); });
    shooter.window.grab().save(shooter.folder.filePath(QStringLiteral("import-progress-") +
                                                       shooter.suffix + QStringLiteral(".png")));
    test::waitUntil([&shooter] { return shooter.window.importPanel().isVisible(); }, 120000);
    shooter.shoot("import-result");
    shooter.window.commands().action(QStringLiteral("app.verify"))->trigger();
    test::waitUntil([&shooter] { return shooter.window.verifyPanel().isVisible(); }, 120000);
    shooter.shoot("verify-result");
    shooter.window.verifyPanel().hide();
}

void shootTraces(const Shooter& shooter) {
    auto* traces = static_cast<pages::TracesPage*>(shooter.window.page(QStringLiteral("traces")));
    auto& commands = shooter.window.commands();
    const auto run = [&commands](const char* id) {
        commands.action(QString::fromLatin1(id))->trigger();
    };
    shooter.window.showPage(QStringLiteral("traces"));
    test::waitUntil([traces] { return traces->model().rowCount() > 0; });
    test::waitUntil([traces] { return traces->reading().record() != nullptr; });
    shooter.shoot("traces");
    run("reading.first-error");
    shooter.shoot("traces-step");
    run("traces.table");
    run("reading.first-error");
    shooter.shoot("reading");
    run("reading.raw");
    shooter.shoot("reading-raw");
    run("reading.raw");
    run("reading.outcome");
    shooter.shoot("reading-folded");
    run("reading.outcome");
    run("traces.table");
    shootReading(shooter, *traces);
    auto* filter = traces->findChild<widgets::FilterEdit*>();
    filter->setFocus();
    filter->setFilter(QStringLiteral("mode:contrastive colour:red"));
    shooter.shoot("filter-error");
    filter->setFilter(QString());
    filter->insert(QStringLiteral("mode:contrastive first-e"));
    Q_EMIT filter->textEdited(filter->text());
    shooter.shoot("filter-completion");
    traces->showQuery({models::ListKind::Solutions, {}, models::SortKey::Id, false});
    shooter.shoot("solutions");
    traces->showQuery({models::ListKind::Problems, {}, models::SortKey::Id, false});
    shooter.shoot("problems");
    traces->showQuery({});
    run("app.palette");
    shooter.shoot("palette");
    run("app.palette");
}

} // namespace

int main(int argc, char** argv) {
    QApplication application(argc, argv);
    QCommandLineParser parser;
    const QCommandLineOption size(QStringLiteral("size"), {}, QStringLiteral("WxH"),
                                  QStringLiteral("1280x800"));
    const QCommandLineOption filter(QStringLiteral("filter"), {}, QStringLiteral("expr"));
    const QCommandLineOption record(QStringLiteral("row"), {}, QStringLiteral("n"),
                                    QStringLiteral("0"));
    const QCommandLineOption themes(QStringLiteral("themes"), {}, QStringLiteral("names"),
                                    QStringLiteral("light,dark"));
    const QCommandLineOption jobs(QStringLiteral("jobs"),
                                  QStringLiteral("also import and verify; changes the workspace"));
    const QCommandLineOption runs(QStringLiteral("runs"), QStringLiteral("Runs and Models alone"));
    const QCommandLineOption reviews(QStringLiteral("review"),
                                     QStringLiteral("Review and Export alone"));
    const QCommandLineOption rounds(QStringLiteral("rounds"),
                                    QStringLiteral("Rounds and Overview alone"));
    const QCommandLineOption traced(QStringLiteral("traces"),
                                    QStringLiteral("Traces, Overview and Settings alone"));
    parser.addOptions({size, filter, record, themes, jobs, runs, reviews, rounds, traced});
    parser.process(application);
    QTemporaryDir scratch;
    QStringList arguments = parser.positionalArguments();
    if (arguments.size() < 2) {
        const auto demo = loop::makeDemo(models::utf8(scratch.path()));
        if (!demo) {
            std::fprintf(stderr, "%s\n", demo.error().text().c_str());
            return 1;
        }
        arguments.prepend(QString::fromStdString(demo->workspace.string()));
    }
    const QDir folder(arguments.value(1, QStringLiteral(".")));
    folder.mkpath(QStringLiteral("."));
    const QStringList numbers = parser.value(size).split(QLatin1Char('x'));
    QSettings settings(scratch.filePath(QStringLiteral("s.ini")), QSettings::IniFormat);
    widgets::Theme theme;
    for (const QString& name : parser.value(themes).split(QLatin1Char(','))) {
        theme.setChoice(widgets::themeFromName(name));
        settings.clear();
        app::MainWindow window(settings, theme);
        window.resize(numbers.value(0).toInt(), numbers.value(1).toInt());
        window.show();
        const Shooter shooter{window, folder, name + QLatin1Char('-') + numbers.value(0)};
        shooter.shoot("welcome");
        window.start(arguments[0]);
        if (!test::waitUntil([&window] { return window.service().isOpen(); })) {
            return 1;
        }
        const auto shootRuns = [&] {
            test::shootRuns(window, scratch.path(),
                            [&shooter](const char* screen) { shooter.shoot(screen); });
        };
        if (parser.isSet(runs)) {
            shootRuns();
            continue;
        }
        const auto shootReview = [&] {
            test::shootReview(window, scratch.path(),
                              [&shooter](const char* screen) { shooter.shoot(screen); });
        };
        if (parser.isSet(reviews)) {
            shootReview();
            continue;
        }
        if (parser.isSet(rounds)) {
            test::shootRounds(window, scratch.path(),
                              [&shooter](const char* screen) { shooter.shoot(screen); });
            continue;
        }
        auto* traces = static_cast<pages::TracesPage*>(window.page(QStringLiteral("traces")));
        traces->showQuery(
            {models::ListKind::Critiques, parser.value(filter), models::SortKey::Id, false});
        test::waitUntil([traces] { return traces->model().rowCount() > 0; });
        const int row = parser.value(record).toInt();
        settle(300);
        traces->table().setCurrentIndex(
            traces->model().index(row, models::TraceTableModel::Excerpt));
        shootTraces(shooter);
        if (parser.isSet(jobs)) {
            shootJobs(shooter, scratch.path());
        }
        window.showPage(QStringLiteral("overview"));
        shooter.shoot("overview");
        window.showPage(QStringLiteral("settings"));
        shooter.shoot("settings");
        if (parser.isSet(traced)) {
            continue;
        }
        shootReview();
        shootRuns();
        test::shootRounds(window, scratch.path(),
                          [&shooter](const char* screen) { shooter.shoot(screen); });
    }
    return 0;
}
