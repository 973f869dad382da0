// SPDX-License-Identifier: GPL-3.0-or-later
// Prints how long Studio takes from start to the first rows, and from a key to the next record
// painted, with the records fetched ahead (warm) and without (cold).
//   QT_QPA_PLATFORM=offscreen bench_studio [WORKSPACE] [RECORDS]
// Without a workspace it uses the sample.
#include "app/studio/main_window.h"
#include "core/loop/demo.h"
#include "ui/models/trace_table_model.h"
#include "ui/models/visible_text.h"
#include "ui/pages/traces/reading_view.h"
#include "ui/pages/traces/traces_page.h"
#include "ui/widgets/command_registry.h"
#include "ui/widgets/theme.h"
#include "ui/widgets/trace_table_view.h"

#include <QAction>
#include <QApplication>
#include <QElapsedTimer>
#include <QEventLoop>
#include <QFile>
#include <QKeyEvent>
#include <QSettings>
#include <QTemporaryDir>
#include <QTimer>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <vector>

using namespace scrit;
using namespace scrit::ui;

namespace {

double millis(const QElapsedTimer& clock) {
    return static_cast<double>(clock.nsecsElapsed()) / 1e6;
}

// Processor time of this thread in milliseconds: what remains comparable on a busy machine.
double threadMillis() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

struct Times {
    std::vector<double> wall;
    std::vector<double> processor;
};

template<typename Condition>
void waitFor(const Condition& condition) {
    QElapsedTimer clock;
    clock.start();
    constexpr int kGiveUp = 60000;
    while (!condition() && clock.elapsed() < kGiveUp) {
        QApplication::processEvents(QEventLoop::WaitForMoreEvents | QEventLoop::AllEvents, 5);
    }
}

// Lets the application work for a while without spinning.
void settle(int span) {
    QEventLoop loop;
    QTimer::singleShot(span, &loop, &QEventLoop::quit);
    loop.exec();
}

void print(const char* name, std::vector<double> times) {
    if (times.empty()) {
        return;
    }
    std::sort(times.begin(), times.end());
    const std::size_t count = times.size();
    std::printf("%-38s n %4zu   median %7.1f ms   p95 %7.1f ms   worst %7.1f ms\n", name, count,
                times[count / 2], times[std::min(count - 1, count * 95 / 100)], times.back());
}

// Resident memory in MiB, from the kernel.
double residentMiB() {
    QFile file(QStringLiteral("/proc/self/statm"));
    if (!file.open(QIODevice::ReadOnly)) {
        return 0;
    }
    return file.readAll().split(' ').value(1).toDouble() * 4096 / (1024 * 1024);
}

} // namespace

int main(int argc, char** argv) {
    QElapsedTimer start;
    start.start();
    QApplication application(argc, argv);
    QTemporaryDir scratch;
    QString path = argc > 1 ? QString::fromLocal8Bit(argv[1]) : QString();
    const int records = argc > 2 ? std::atoi(argv[2]) : 60;
    if (path.isEmpty()) {
        const auto demo = loop::makeDemo(models::utf8(scratch.path()));
        if (!demo) {
            std::fprintf(stderr, "%s\n", demo.error().text().c_str());
            return 1;
        }
        path = QString::fromStdString(demo->workspace.string());
        start.restart();
    }
    QSettings settings(scratch.filePath(QStringLiteral("s.ini")), QSettings::IniFormat);
    widgets::Theme theme;
    theme.setChoice(widgets::ThemeChoice::Light);
    app::MainWindow window(settings, theme);
    window.resize(1280, 800);
    window.show();
    std::printf("window shown after                     %7.1f ms\n", millis(start));
    window.start(path);
    auto* traces = static_cast<pages::TracesPage*>(window.page(QStringLiteral("traces")));
    waitFor([traces] { return traces->model().rowAt(0) != nullptr; });
    window.repaint();
    std::printf("first rows painted after               %7.1f ms  (%d rows, %.0f MiB)\n",
                millis(start), traces->model().rowCount(), residentMiB());
    waitFor([traces] { return traces->reading().record() != nullptr; });
    window.repaint();
    std::printf("first record painted after             %7.1f ms\n", millis(start));
    settle(1500);

    const auto step = [&](Times& times, int row, int pause) {
        settle(pause);
        const qint64 wanted = traces->model().idAt(row);
        QElapsedTimer clock;
        clock.start();
        const double before = threadMillis();
        traces->table().setCurrentIndex(
            traces->model().index(row, models::TraceTableModel::Excerpt));
        waitFor(
            [&] { return traces->reading().record() && traces->reading().record()->id == wanted; });
        // What has changed is painted now, as it would be at the end of this turn of the event
        // loop.
        QCoreApplication::sendPostedEvents(&window, QEvent::UpdateRequest);
        times.wall.push_back(millis(clock));
        times.processor.push_back(threadMillis() - before);
    };
    const int rows = traces->model().rowCount();
    Times warm;
    for (int row = 1; row < std::min(records, rows); ++row) {
        step(warm, row, 400);
    }
    print("next record, fetched ahead (warm)", warm.wall);
    print("  processor time of the UI thread", warm.processor);
    Times cold;
    for (int i = 1; i < records && i * 37 < rows; ++i) {
        step(cold, rows - i * std::max(1, std::min(37, rows / records)), 150);
    }
    print("a far record (cold)", cold.wall);
    print("  processor time of the UI thread", cold.processor);
    std::printf("memory at the end                      %7.0f MiB\n", residentMiB());
    // Its list needs the commands of all pages, so that those nobody has looked at are made.
    QElapsedTimer clock;
    clock.start();
    window.commands().action(QStringLiteral("app.palette"))->trigger();
    window.repaint();
    std::printf("command palette on screen after        %7.1f ms\n", millis(clock));
    waitFor([&window] { return window.isMade(QStringLiteral("settings")); });
    std::printf("  with the commands of all pages       %7.1f ms\n", millis(clock));
    return 0;
}
