// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/trace_row.h"

#include <QString>
#include <QStringList>
#include <QVector>

#include <functional>
#include <optional>

// What the filter bar needs to know about the filter language, as values and pure functions, so
// that it does not have to know the workspace. Positions are indices into the QString.
namespace scrit::ui::models {

struct FilterToken {
    enum class Kind { Qualifier, Value, FreeText, Operator, Error };
    Kind kind = Kind::FreeText;
    int begin = 0;
    int end = 0;
};

struct FilterQualifier {
    QString name; // without the colon
    QString description;
    QString example;
    QStringList values; // the fixed vocabulary; empty: ask the workspace
    bool problems = false;
    bool solutions = false;
    bool critiques = false;

    [[nodiscard]] bool appliesTo(ListKind kind) const {
        return kind == ListKind::Problems    ? problems
               : kind == ListKind::Solutions ? solutions
                                             : critiques;
    }
};

struct FilterError {
    int position = 0; // where the underline starts
    QString message;
    QString advice;
};

struct FilterSyntax {
    QVector<FilterQualifier> qualifiers;
    std::function<QVector<FilterToken>(const QString&)> tokens;
    std::function<std::optional<FilterError>(const QString&, ListKind)> check;
};

// "plain", or quoted where it holds spaces or signs of the language.
[[nodiscard]] QString quotedFilterValue(const QString& value);

} // namespace scrit::ui::models
