// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/filter_input.h"

#include "ui/bridge/filter_language.h"
#include "ui/bridge/workspace_service.h"
#include "ui/pages/page.h"
#include "ui/widgets/filter_edit.h"
#include "ui/widgets/form_frame.h"
#include "ui/widgets/form_widgets.h"

#include <memory>
#include <utility>

namespace scrit::ui::pages {

using widgets::FilterEdit;

void serveFilter(FilterEdit& edit, models::ListKind kind, PageContext& context) {
    edit.setSyntax(bridge::filterLanguage());
    edit.setKind(kind);
    // What was asked for last, and its token.
    const auto asked = std::make_shared<std::pair<quint64, QString>>();
    bridge::WorkspaceService& service = context.service;
    QObject::connect(&edit, &FilterEdit::valuesWanted, &service,
                     [&service, asked](const QString& qualifier, const QString& prefix) {
                         *asked = {service.requestValues(qualifier, prefix), qualifier};
                     });
    QObject::connect(&service, &bridge::WorkspaceService::valuesReady, &edit,
                     [&edit, asked](quint64 token, const QStringList& values) {
                         if (token == asked->first && edit.isVisible()) {
                             edit.offerValues(asked->second, values);
                         }
                     });
}

void showFilterProblem(FilterEdit& edit, widgets::FormGrid& grid, int row) {
    QObject::connect(&edit, &FilterEdit::errorChanged, &grid,
                     [&grid, row](const QString& message, const QString& advice) {
                         grid.setProblem(row, widgets::troubleText(message, advice));
                     });
}

} // namespace scrit::ui::pages
