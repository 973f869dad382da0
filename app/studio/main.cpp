// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/main_window.h"
#include "ui/bridge/system_appearance.h"
#include "ui/widgets/theme.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QFileInfo>
#include <QIcon>
#include <QSettings>

#include <cstdio>

using namespace scrit;

int main(int argc, char** argv) {
    QApplication application(argc, argv);
    QApplication::setApplicationName(QStringLiteral("scrit-studio"));
    QApplication::setApplicationDisplayName(QStringLiteral("Scrit Studio"));
    QApplication::setApplicationVersion(QStringLiteral(SCRIT_VERSION));
    QApplication::setDesktopFileName(QStringLiteral("org.scritstudio.ScritStudio"));
    QApplication::setWindowIcon(QIcon(QStringLiteral(":/icons/scrit-studio.svg")));

    QCommandLineParser parser;
    parser.setApplicationDescription(
        QStringLiteral("Read, check and curate critiques of mathematical solutions."));
    parser.addHelpOption();
    parser.addVersionOption();
    const QCommandLineOption themeOption(
        QStringLiteral("theme"), QStringLiteral("light, dark or system"), QStringLiteral("name"));
    parser.addOption(themeOption);
    const QCommandLineOption pageOption(
        QStringLiteral("page"), QStringLiteral("the page to show: overview, traces, rounds, …"),
        QStringLiteral("id"));
    parser.addOption(pageOption);
    parser.addPositionalArgument(QStringLiteral("file"),
                                 QStringLiteral("a workspace (.scrit) to open, or files to import"),
                                 QStringLiteral("[file…]"));
    parser.process(application);
    const QString wanted = parser.value(themeOption);
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
    const QString page = parser.value(pageOption);
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
