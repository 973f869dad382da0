// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/bridge/filter_language.h"

#include "core/store/filter.h"
#include "ui/bridge/convert.h"
#include "ui/models/visible_text.h"

#include <QRegularExpression>

namespace scrit::ui::bridge {

namespace {

int indexOf(const std::string& utf8, std::size_t byte) {
    return static_cast<int>(
        QString::fromUtf8(utf8.data(), static_cast<qsizetype>(std::min(byte, utf8.size()))).size());
}

models::FilterToken::Kind kindOf(store::FilterToken::Kind kind) {
    switch (kind) {
    case store::FilterToken::Kind::Qualifier:
        return models::FilterToken::Kind::Qualifier;
    case store::FilterToken::Kind::Value:
        return models::FilterToken::Kind::Value;
    case store::FilterToken::Kind::Operator:
        return models::FilterToken::Kind::Operator;
    case store::FilterToken::Kind::Error:
        return models::FilterToken::Kind::Error;
    case store::FilterToken::Kind::FreeText:
        break;
    }
    return models::FilterToken::Kind::FreeText;
}

QVector<models::FilterToken> tokens(const QString& filter) {
    const std::string utf8 = models::utf8(filter);
    QVector<models::FilterToken> out;
    for (const store::FilterToken& token : store::tokenizeFilter(utf8)) {
        out.push_back({kindOf(token.kind), indexOf(utf8, token.begin), indexOf(utf8, token.end)});
    }
    return out;
}

std::optional<models::FilterError> check(const QString& filter, models::ListKind kind) {
    const auto compiled = store::compileFilter(models::utf8(filter), listOf(kind));
    if (compiled) {
        return std::nullopt;
    }
    models::FilterError error;
    error.message = text(compiled.error().message);
    error.advice = text(compiled.error().advice);
    // "column N: …": people count from 1 and so does the message, in characters.
    static const QRegularExpression kColumn(QStringLiteral("^column (\\d+)\\s*:?\\s*"));
    const QRegularExpressionMatch match = kColumn.match(error.message);
    if (match.hasMatch()) {
        const int column = match.captured(1).toInt();
        const std::u32string characters = filter.toStdU32String();
        const auto before = std::min<std::size_t>(static_cast<std::size_t>(std::max(0, column - 1)),
                                                  characters.size());
        error.position =
            static_cast<int>(QString::fromStdU32String(characters.substr(0, before)).size());
    }
    return error;
}

} // namespace

models::FilterSyntax filterLanguage() {
    models::FilterSyntax syntax;
    for (const store::QualifierInfo& info : store::qualifiers()) {
        models::FilterQualifier qualifier;
        qualifier.name = text(info.name);
        qualifier.description = text(info.description);
        qualifier.example = text(info.example);
        for (const std::string& value : info.values) {
            qualifier.values << text(value);
        }
        qualifier.problems = info.forProblems;
        qualifier.solutions = info.forSolutions;
        qualifier.critiques = info.forCritiques;
        syntax.qualifiers.push_back(std::move(qualifier));
    }
    syntax.tokens = tokens;
    syntax.check = check;
    return syntax;
}

} // namespace scrit::ui::bridge
