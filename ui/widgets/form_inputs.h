// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMap>
#include <QString>
#include <QStringList>

#include <optional>

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QLineEdit;
class QListWidget;
class QSpinBox;
class QWidget;

// Inputs of forms that look and behave alike everywhere. UI thread.
namespace scrit::ui::widgets {

// A choice that does not grow with its longest entry.
[[nodiscard]] QComboBox* choiceBox(QWidget* parent);
// Makes the entry with this data the current one, where there is one.
void choose(QComboBox& box, const QString& data);

// A whole number from 0 on; 0 is shown as these words.
[[nodiscard]] QSpinBox* numberBox(QWidget* parent, const QString& zero);

// The seed of random choices: digits, empty: none given.
[[nodiscard]] QLineEdit* seedLine(QWidget* parent, const QString& whenEmpty);
// Why what stands there is no seed; empty: it is one, or nothing.
[[nodiscard]] QString seedProblem(const QLineEdit& line);
[[nodiscard]] std::optional<quint64> seedOf(const QLineEdit& line);

// A short list of names with a tick each.
[[nodiscard]] QListWidget* tickList(QWidget* parent);
void offerTick(QListWidget& list, const QString& name, const QString& words, bool ticked);
[[nodiscard]] QStringList tickedOf(const QListWidget& list);
void setTicked(QListWidget& list, const QStringList& names);
// As high as its entries, `most` of them at most.
void fitRows(QListWidget& list, int most);

// "NAME=VALUE; NAME=VALUE": what a line says, what is wrong with it (empty: nothing), and a line
// that says it.
[[nodiscard]] QMap<QString, QString> namedValues(const QString& line);
[[nodiscard]] QString namedValuesProblem(const QString& line);
[[nodiscard]] QString namedValuesLine(const QMap<QString, QString>& values);

} // namespace scrit::ui::widgets
