// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/trace_row.h"

#include <QKeySequence>
#include <QSettings>
#include <QString>
#include <QStringList>
#include <QVector>
#include <QWidget>

#include <functional>

namespace scrit::ui::bridge {
class AnswerService;
class EvolutionService;
class ExportService;
class ModelService;
class ReviewService;
class RoundService;
class RunService;
class WorkspaceService;
} // namespace scrit::ui::bridge
namespace scrit::ui::render {
class MathTypesetter;
}
namespace scrit::ui::widgets {
class CommandRegistry;
class Theme;
} // namespace scrit::ui::widgets

namespace scrit::ui::pages {

// How long a preview waits for the next keystroke.
inline constexpr int kPreviewMillis = 350;

// What a page may use. Owned by the main window, outlives every page.
struct PageContext {
    bridge::WorkspaceService& service;
    widgets::CommandRegistry& commands;
    widgets::Theme& theme;
    render::MathTypesetter& typesetter;
    QSettings& settings;
    // Goes to Traces with this list.
    std::function<void(const models::ListQuery&)> showTraces;
    // A short remark in the status line.
    std::function<void(const QString&)> remark;
    // Goes to a place by its id.
    std::function<void(const QString&)> showPage;
    bridge::ModelService& modelList;
    bridge::RunService& runs;
    bridge::ReviewService& review;
    bridge::ExportService& exports;
    bridge::AnswerService& answers;
    bridge::RoundService& rounds;
    bridge::EvolutionService& evolution;
    // Goes to a place and shows one thing of it, see Page::showItem().
    std::function<void(const QString& page, const QString& item)> showItem;
    // Makes the pages that nobody has looked at yet, one in a turn of the event loop, so that all
    // commands come.
    std::function<void()> makePages;
};

// What the status line says of some commands' keys: “J K record”.
struct KeyHint {
    QStringList commands; // their ids; those without a key are left out
    QString words;
};

// One place of the main window, made when it is first gone to: what the services know by then, the
// page reads in workspaceOpened(), and from then on it listens to them itself. The main window only
// shows and hides pages. UI thread.
class Page : public QWidget {
    Q_OBJECT
public:
    explicit Page(PageContext& context, QWidget* parent) : QWidget(parent), m_context(context) {}
    // A workspace is open: told when it was opened, before anything shows it, and to a page that is
    // made while one is open.
    virtual void workspaceOpened() {}
    // It was closed, and what the page shows of it is gone.
    virtual void workspaceClosed() {}
    // It became the page on screen: give the focus to what matters and refresh what is old.
    virtual void activated() {}
    // Shows one thing of the page that is on screen: a run, a queue, a model, an export by its
    // number, a series by its name. One that is not read yet is shown once it is.
    virtual void showItem(const QString& /*item*/) {}
    // Puts what should survive a restart into the settings.
    virtual void saveState() {}
    // The keys that who works on this page wants to know, of its own commands; in the order of use.
    [[nodiscard]] virtual QVector<KeyHint> keyHints() const { return {}; }

protected:
    [[nodiscard]] PageContext& context() const { return m_context; }

private:
    PageContext& m_context;
};

// A place on the rail. Adding a page is one line in page_table.cpp.
struct PageSpec {
    QString id; // stable, for settings and commands: "traces"
    QString title;
    QString icon;
    QKeySequence key;
    bool atBottom = false;
    bool needsWorkspace = true;
    std::function<Page*(PageContext&, QWidget*)> make;
};
// In the order of the rail.
[[nodiscard]] QVector<PageSpec> pageTable();

} // namespace scrit::ui::pages
