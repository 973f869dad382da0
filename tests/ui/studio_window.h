// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/studio/main_window.h"
#include "studio_support.h"
#include "ui/pages/traces/reading_view.h"
#include "ui/pages/traces/traces_page.h"
#include "ui/widgets/filter_edit.h"
#include "ui/widgets/theme.h"

namespace scrit::test {

using namespace scrit::ui;

// One window with its own settings, closed at the end of the test.
struct Studio {
    explicit Studio(const QString& settingsFile)
        : settings(settingsFile, QSettings::IniFormat), window(settings, theme) {
        window.resize(1280, 800);
        window.show();
    }
    bool open(const QString& path) {
        window.start(path);
        return QTest::qWaitFor([this] { return traces().reading().record() != nullptr; }, 20000);
    }
    pages::TracesPage& traces() const {
        return static_cast<pages::TracesPage&>(*window.page(QStringLiteral("traces")));
    }
    widgets::FilterEdit& filter() const { return *traces().findChild<widgets::FilterEdit*>(); }
    qint64 shown() const { return traces().reading().record()->id; }

    QSettings settings;
    widgets::Theme theme;
    app::MainWindow window;
};

} // namespace scrit::test
