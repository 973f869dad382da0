// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/main_window.h"
#include "ui/bridge/system_appearance.h"
#include "ui/widgets/theme.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QFileInfo>
#include <QIcon>
#include <QSettings>

#include <algorithm>
#include <cstdio>

using namespace scrit;

namespace {

struct Options {
    QCommandLineOption theme{QStringLiteral("theme"), QStringLiteral("light, dark or system"),
                             QStringLiteral("name")};
    QCommandLineOption page{QStringLiteral("page"),
                            QStringLiteral("the page to show: overview, traces, rounds, …"),
                            QStringLiteral("id")};
};

void describe(QCommandLineParser& parser, const Options& options) {
    QCoreApplication::setApplicationName(QStringLiteral("scrit-studio"));
    QCoreApplication::setApplicationVersion(QStringLiteral(SCRIT_VERSION));
    parser.setApplicationDescription(
        QStringLiteral("Read, check and curate critiques of mathematical solutions."));
    parser.addHelpOption();
    parser.addVersionOption();
    parser.addOption(options.theme);
    parser.addOption(options.page);
    parser.addPositionalArgument(QStringLiteral("file"),
                                 QStringLiteral("a workspace (.scrit) to open, or files to import"),
                                 QStringLiteral("[file…]"));
}

// Help and version need no display.
bool asksForText(int argc, char** argv) {
    static const QStringList kWords{QStringLiteral("-h"), QStringLiteral("--help"),
                                    QStringLiteral("--help-all"), QStringLiteral("-v"),
                                    QStringLiteral("--version")};
    return std::any_of(argv + 1, argv + argc, [](const char* argument) {
        return kWords.contains(QString::fromLocal8Bit(argument));
    });
}

// Qt would abort.
bool hasNoDisplay(int argc, char** argv) {
    return !qEnvironmentVariableIsSet("DISPLAY") && !qEnvironmentVariableIsSet("WAYLAND_DISPLAY") &&
           !qEnvironmentVariableIsSet("QT_QPA_PLATFORM") &&
           std::none_of(argv + 1, argv + argc,
                        [](const char* argument) { return QByteArray(argument) == "-platform"; });
}

} // namespace

int main(int argc, char** argv) {
    QCommandLineParser parser;
    const Options options;
    if (asksForText(argc, argv)) {
        const QCoreApplication application(argc, argv);
        describe(parser, options);
        parser.process(application);
    }
    if (hasNoDisplay(argc, argv)) {
        std::fputs("scrit-studio: there is no display here: neither DISPLAY nor WAYLAND_DISPLAY is "
                   "set. The command line works without: scrit --help\n",
                   stderr);
        return 1;
    }
    const QApplication application(argc, argv);
    describe(parser, options);
    QApplication::setApplicationDisplayName(QStringLiteral("Scrit Studio"));
    QApplication::setDesktopFileName(QStringLiteral("org.scritstudio.ScritStudio"));
    QApplication::setWindowIcon(QIcon(QStringLiteral(":/icons/scrit-studio.svg")));
    parser.process(application);
    const QString wanted = parser.value(options.theme);
    if (!wanted.isEmpty() && ui::widgets::themeName(ui::widgets::themeFromName(wanted)) != wanted) {
        std::fprintf(stderr, "scrit-studio: unknown theme: use light, dark or system\n");
        return 2;
    }

    QSettings settings(QSettings::IniFormat, QSettings::UserScope, QStringLiteral("scrit-studio"),
                       QStringLiteral("studio"));
    ui::bridge::SystemAppearance appearance;
    ui::widgets::Theme theme;
    theme.setSystemDark(appearance.isDark());
    QObject::connect(&appearance, &ui::bridge::SystemAppearance::changed, &theme,
                     &ui::widgets::Theme::setSystemDark);
    theme.setChoice(ui::widgets::themeFromName(
        wanted.isEmpty() ? settings.value(QStringLiteral("theme")).toString() : wanted));

    app::MainWindow window(settings, theme);
    const QString page = parser.value(options.page);
    if (!page.isEmpty() && !window.setFirstPage(page)) {
        std::fprintf(stderr, "scrit-studio: unknown page: use one of %s\n",
                     qPrintable(window.pageIds().join(QStringLiteral(", "))));
        return 2;
    }
    window.show();
    const QStringList files = parser.positionalArguments();
    if (files.size() > 1) {
        window.openFiles(files);
    } else {
        window.start(files.isEmpty() ? QString() : QFileInfo(files.first()).absoluteFilePath());
    }
    return QApplication::exec();
}
