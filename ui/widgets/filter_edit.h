// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/filter_syntax.h"

#include <QLineEdit>
#include <QTimer>

class QListWidget;

namespace scrit::ui::widgets {

// The word of a filter that the cursor is in, for completion. Positions are indices into the text.
struct FilterWord {
    int begin = 0; // of the word without a leading "-" or "("
    int end = 0;
    QString qualifier; // before the colon; empty while a qualifier is being typed
    QString typed;     // what is to be completed: the start of a qualifier or of a value
};
[[nodiscard]] FilterWord filterWordAt(const QString& text, int cursor);

// The line in which a filter is typed: coloured by its grammar, completed while typing (qualifiers,
// then their values), an error underlined where it is. Emits filterChanged() a moment after typing
// stops, or at once on Enter, and only for a filter without an error. UI thread.
class FilterEdit final : public QLineEdit {
    Q_OBJECT
public:
    explicit FilterEdit(QWidget* parent = nullptr);

    void setSyntax(models::FilterSyntax syntax);
    void setKind(models::ListKind kind);
    // Puts a filter in place without emitting filterChanged().
    void setFilter(const QString& filter);
    // What was asked for with valuesWanted().
    void offerValues(const QString& qualifier, const QStringList& values);
    // An error that only the workspace could find.
    void setError(const models::FilterError& error);
    [[nodiscard]] bool hasError() const { return m_error.has_value(); }
    [[nodiscard]] bool isOffering() const;

    void setHistory(const QStringList& history) { m_history = history; }
    [[nodiscard]] const QStringList& history() const { return m_history; }

Q_SIGNALS:
    void filterChanged(const QString& filter);
    // Empty message: no error.
    void errorChanged(const QString& message, const QString& advice);
    void valuesWanted(const QString& qualifier, const QString& prefix);
    void historyChanged(const QStringList& history);
    // By Escape, which is passed on where nobody listens.
    void left();

protected:
    bool event(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    void textWasEdited();
    void examine();
    void tellError();
    void colour();
    void commit();
    void remember(const QString& filter);
    void offer();
    void offerHistory();
    void showOffers(int from);
    void addOffer(const QString& text, const QString& insert, const QString& note);
    void accept();
    void closeOffers();

    models::FilterSyntax m_syntax;
    models::ListKind m_kind = models::ListKind::Critiques;
    std::optional<models::FilterError> m_error;
    QStringList m_history;
    QString m_committed;
    QTimer m_pause;
    QListWidget* m_offers = nullptr; // child of the window, made on first use
    bool m_replacesAll = false;      // the offers are whole filters
};

} // namespace scrit::ui::widgets
