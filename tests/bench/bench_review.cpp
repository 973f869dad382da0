// SPDX-License-Identifier: GPL-3.0-or-later
// Prints how long it takes in Review from a key that judges to the next item painted, the judgement
// being durable by then: at a reader's pace, and as fast as keys come.
//   QT_QPA_PLATFORM=offscreen bench_review WORKSPACE [ITEMS] [PAUSE-MILLIS]
// The workspace is copied first. Without one the sample is used.
#include "app/studio/main_window.h"
#include "core/loop/demo.h"
#include "ui/models/visible_text.h"
#include "ui/pages/review/judge_view.h"
#include "ui/pages/review/review_page.h"
#include "ui/pages/traces/reading_view.h"
#include "ui/widgets/command_registry.h"
#include "ui/widgets/theme.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QEventLoop>
#include <QFile>
#include <QSettings>
#include <QTemporaryDir>
#include <QTimer>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <vector>

using namespace scrit;
using namespace scrit::ui;
using pages::JudgeView;

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

template<typename Condition>
bool waitFor(const Condition& condition, int giveUp = 60000) {
    QElapsedTimer clock;
    clock.start();
    while (!condition() && clock.elapsed() < giveUp) {
        QApplication::processEvents(QEventLoop::WaitForMoreEvents | QEventLoop::AllEvents, 5);
    }
    return condition();
}

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
    std::printf("%-44s n %4zu   p50 %7.1f ms   p95 %7.1f ms   worst %7.1f ms\n", name, count,
                times[count / 2], times[std::min(count - 1, count * 95 / 100)], times.back());
}

} // namespace

int main(int argc, char** argv) {
    QApplication application(argc, argv);
    QTemporaryDir scratch;
    const int items = argc > 2 ? std::atoi(argv[2]) : 100;
    const int pause = argc > 3 ? std::atoi(argv[3]) : 400;
    const QString path = scratch.filePath(QStringLiteral("review.scrit"));
    QString original = argc > 1 ? QString::fromLocal8Bit(argv[1]) : QString();
    if (original.isEmpty()) {
        const auto demo = loop::makeDemo(models::utf8(scratch.path()));
        if (!demo) {
            std::fprintf(stderr, "%s\n", demo.error().text().c_str());
            return 1;
        }
        original = QString::fromStdString(demo->workspace.string());
    }
    if (!QFile::copy(original, path)) {
        std::fprintf(stderr, "cannot copy the workspace\n");
        return 1;
    }
    QSettings settings(scratch.filePath(QStringLiteral("s.ini")), QSettings::IniFormat);
    settings.setValue(QStringLiteral("page"), QStringLiteral("review"));
    widgets::Theme theme;
    theme.setChoice(widgets::ThemeChoice::Light);
    app::MainWindow window(settings, theme);
    window.resize(1280, 800);
    window.show();
    window.start(path);
    auto& page = static_cast<pages::ReviewPage&>(*window.page(QStringLiteral("review")));
    JudgeView& judge = page.judging();
    waitFor([&] { return window.service().isOpen() && window.review().isLoaded(); });
    models::QueueForm form;
    form.name = QStringLiteral("bench");
    form.size = 2 * items + 1;
    window.review().createQueue(form);
    if (!waitFor([&] { return judge.phase() == JudgeView::Phase::Showing; })) {
        std::fprintf(stderr, "no queue\n");
        return 1;
    }
    const std::array<const char*, 4> keys{"review.agree", "review.step-1", "review.disagree",
                                          "review.step-0"};
    const auto measure = [&](int count, int between, std::vector<double>& wall,
                             std::vector<double>& processor) {
        for (int i = 0; i < count && judge.phase() == JudgeView::Phase::Showing; ++i) {
            settle(between);
            const qint64 before = judge.item()->position;
            QElapsedTimer clock;
            clock.start();
            const double spent = threadMillis();
            window.commands()
                .action(QString::fromLatin1(keys[static_cast<std::size_t>(i) % keys.size()]))
                ->trigger();
            waitFor([&] {
                return judge.phase() != JudgeView::Phase::Waiting &&
                       (!judge.item() || judge.item()->position != before);
            });
            QCoreApplication::sendPostedEvents(&window, QEvent::UpdateRequest);
            wall.push_back(millis(clock));
            processor.push_back(threadMillis() - spent);
        }
    };
    std::vector<double> wall;
    std::vector<double> processor;
    settle(1500);
    measure(items, pause, wall, processor);
    print("key to next item painted, at a pace", wall);
    print("  processor time of the UI thread", processor);
    wall.clear();
    processor.clear();
    measure(items, 0, wall, processor);
    print("key to next item painted, at once", wall);
    print("  processor time of the UI thread", processor);
    return 0;
}
